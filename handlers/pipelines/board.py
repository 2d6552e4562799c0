"""`/pipeline`: the board of a pipeline, its filters, and the leads behind every stage."""

from uuid import UUID

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.board import BoardFilter
from domain.errors import NotFound, TooLate
from domain.leads import Stage
from domain.members import Member
from domain.pipelines import Pipeline
from handlers.buttons import BoardButton, MenuButton, short
from handlers.cards import SOURCES
from handlers.chat import Chat
from handlers.pipelines.board_places import Chosen, chosen_in, source_mark
from handlers.pipelines.board_screens import (
    board_screen,
    periods_screen,
    roads_screen,
    sources_screen,
    stage_page,
)
from handlers.screens import Screen
from locales import _
from services.registry import Services


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(await _board(services, member, "", Chosen()))


async def place(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(await _board(services, member, "", Chosen()))


async def show(
    _query: CallbackQuery, callback_data: BoardButton, chat: Chat, member: Member, services: Services
) -> None:
    """The board anew; the default pipeline's where the one that was shown is gone."""
    chat.show(await _board(services, member, callback_data.at, chosen_in(callback_data.chosen)))
    if callback_data.do == "refresh":
        chat.toast(_("This is the newest state."))


async def roads(
    _query: CallbackQuery, callback_data: BoardButton, chat: Chat, member: Member, services: Services
) -> None:
    pipelines = await services.pipeline.pipelines(member)
    chat.show(roads_screen(pipelines, chosen_in(callback_data.chosen)))


async def periods(_query: CallbackQuery, callback_data: BoardButton, chat: Chat) -> None:
    chat.show(periods_screen(callback_data.at, chosen_in(callback_data.chosen)))


async def sources(
    _query: CallbackQuery, callback_data: BoardButton, chat: Chat, member: Member, services: Services
) -> None:
    chosen = chosen_in(callback_data.chosen)
    pipeline = await _pipeline(services, member, callback_data.at)
    plain = BoardFilter(chosen.whose, chosen.period)
    found = await services.board.sources(member, pipeline.id, plain)
    chat.show(sources_screen(callback_data.at, chosen, found))


async def stage(
    _query: CallbackQuery, callback_data: BoardButton, chat: Chat, member: Member, services: Services
) -> None:
    """A page of a stage's leads; where the stage is gone, the board says how it is now."""
    chosen = chosen_in(callback_data.chosen)
    found = await _stage(services, member, callback_data.at)
    if found is None or found.pipeline_id is None:
        chat.toast(_("An admin has taken this stage away meanwhile. This is the board now."), alert=True)
        chat.show(await _board(services, member, "", chosen))
        return
    try:
        asked = await _filter(services, member, found.pipeline_id, chosen)
        page = await services.board.stage(member, found.id, asked, callback_data.page)
    except NotFound:
        raise TooLate("stage_gone") from None
    chat.show(stage_page(page, chosen))


async def _board(services: Services, member: Member, at: str, chosen: Chosen) -> Screen:
    pipeline = await _pipeline(services, member, at)
    asked = await _filter(services, member, pipeline.id, chosen)
    return board_screen(await services.board.view(member, pipeline.id, asked), chosen)


async def _pipeline(services: Services, member: Member, at: str) -> Pipeline:
    known = await services.pipeline.pipelines(member)
    if not known:
        raise NotFound(what="pipeline")
    return next((one for one in known if at and short(one.id) == at), known[0])


async def _stage(services: Services, member: Member, at: str) -> Stage | None:
    """A stage by the end of its id, as much of it as the button carried."""
    known = await services.pipeline.stages(member)
    return next((one for one in known if at and one.id.hex.endswith(at)), None)


async def _filter(services: Services, member: Member, pipeline_id: UUID, chosen: Chosen) -> BoardFilter:
    """The source is looked up by its mark, among our own first. One that no lead has any more stays as it
    is: nothing is found then, rather than everything."""
    if not chosen.source:
        return BoardFilter(chosen.whose, chosen.period)
    known = [one for one in SOURCES if source_mark(one) == chosen.source]
    known = known or list(await services.board.sources(member, pipeline_id, BoardFilter()))
    source = next((one for one in known if source_mark(one) == chosen.source), chosen.source)
    return BoardFilter(chosen.whose, chosen.period, source)


def routes() -> Router:
    router = Router(name="board")
    router.message.register(command, Command("pipeline", "board"))
    press = router.callback_query.register
    press(place, MenuButton.filter(F.place == "board"))
    press(show, BoardButton.filter(F.do.in_({"show", "refresh"})))
    press(roads, BoardButton.filter(F.do == "roads"))
    press(periods, BoardButton.filter(F.do == "periods"))
    press(sources, BoardButton.filter(F.do == "sources"))
    press(stage, BoardButton.filter(F.do == "list"))
    return router
