"""The stages of a pipeline, for admins: their order, colour, meaning, needed fields, and removing them."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import NotFound
from domain.leads import Stage, StageKind
from domain.members import Member, Right
from domain.pipelines import COLORS, Pipeline
from handlers.buttons import StageButton, short
from handlers.chat import Chat
from handlers.forms import forms
from handlers.pipelines import setup_forms
from handlers.pipelines.setup import as_it_is
from handlers.pipelines.setup_screens import pipeline_screen
from handlers.pipelines.stage_screens import (
    colors_screen,
    fields_screen,
    kinds_screen,
    remove_screen,
    requirable,
    stage_screen,
)
from handlers.pipelines.words import stage_name
from handlers.screens import esc
from locales import _, ngettext
from services.mapping.view import status_of
from services.registry import Services


async def show(
    _query: CallbackQuery, callback_data: StageButton, chat: Chat, member: Member, services: Services
) -> None:
    await _show(services, chat, member, *await services.stages_setup.get(member, callback_data.id))


async def rename(
    _query: CallbackQuery,
    callback_data: StageButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    _pipeline, stage = await services.stages_setup.get(member, callback_data.id)
    context = {"stage": str(stage.id), "name": esc(stage_name(stage))}
    await forms.start(setup_forms.STAGE_NAME, chat, state, member, services, context)


async def shift(
    _query: CallbackQuery, callback_data: StageButton, chat: Chat, member: Member, services: Services
) -> None:
    by = -1 if callback_data.do == "up" else 1
    pipeline, stage = await services.stages_setup.shift(member, callback_data.id, by)
    await _show(services, chat, member, pipeline, stage)


async def colors(
    _query: CallbackQuery, callback_data: StageButton, chat: Chat, member: Member, services: Services
) -> None:
    _pipeline, stage = await services.stages_setup.get(member, callback_data.id)
    chat.show(colors_screen(stage))


async def color(
    _query: CallbackQuery, callback_data: StageButton, chat: Chat, member: Member, services: Services
) -> None:
    palette = {str(place): one for place, one in enumerate(COLORS)}
    chosen = palette.get(callback_data.extra, "")
    await _show(
        services, chat, member, *await services.stages_setup.recolor(member, callback_data.id, chosen)
    )


async def kinds(
    _query: CallbackQuery, callback_data: StageButton, chat: Chat, member: Member, services: Services
) -> None:
    _pipeline, stage = await services.stages_setup.get(member, callback_data.id)
    chat.show(kinds_screen(stage))


async def kind(
    _query: CallbackQuery, callback_data: StageButton, chat: Chat, member: Member, services: Services
) -> None:
    if callback_data.extra not in set(StageKind):
        raise NotFound(what="kind")
    chosen = StageKind(callback_data.extra)
    await _show(services, chat, member, *await services.stages_setup.mark(member, callback_data.id, chosen))


async def fields(
    _query: CallbackQuery, callback_data: StageButton, chat: Chat, member: Member, services: Services
) -> None:
    pipeline, stage = await services.stages_setup.get(member, callback_data.id)
    chat.show(fields_screen(pipeline, stage, await services.custom_fields.for_member(member)))


async def toggle_field(
    _query: CallbackQuery, callback_data: StageButton, chat: Chat, member: Member, services: Services
) -> None:
    """Ask for the field, or stop asking. One that was removed meanwhile goes from the stage too."""
    pipeline, stage = await services.stages_setup.get(member, callback_data.id)
    own = await services.custom_fields.for_member(member)
    known = requirable(pipeline, own)
    if callback_data.extra not in known:
        raise NotFound(what="field")
    path = known[callback_data.extra]
    held = [one for one in stage.required if one in known.values()]
    wanted = [one for one in held if one != path] if path in held else [*held, path]
    pipeline, stage = await services.stages_setup.require(member, stage.id, wanted)
    chat.show(fields_screen(pipeline, stage, own))


async def remove(
    _query: CallbackQuery, callback_data: StageButton, chat: Chat, member: Member, services: Services
) -> None:
    """Asked once more, or told where its leads can go."""
    pipeline, stage = await services.stages_setup.get(member, callback_data.id)
    standing = await services.stages_setup.standing(member, [stage.id])
    chat.show(remove_screen(pipeline, stage, standing))


async def really_remove(
    _query: CallbackQuery, callback_data: StageButton, chat: Chat, member: Member, services: Services
) -> None:
    _pipeline, stage = await services.stages_setup.get(member, callback_data.id)
    pipeline = await services.stages_setup.remove(member, stage.id)
    said = _("🗑 “{stage}” is removed.").format(stage=esc(stage_name(stage)))
    chat.show(pipeline_screen(pipeline, await services.pipelines_setup.all(member), said=said))


async def move_leads(
    _query: CallbackQuery, callback_data: StageButton, chat: Chat, member: Member, services: Services
) -> None:
    """All leads of the stage to another one of its pipeline, by one tap."""
    pipeline, stage = await services.stages_setup.get(member, callback_data.id)
    target = next((one for one in pipeline.stages if short(one.id) == callback_data.extra), None)
    if target is None:
        raise NotFound(what="stage")
    moved, left = await services.stages_setup.move_leads(member, [stage.id], target.id)
    said = ngettext(
        "🔀 {count} lead went to “{stage}”.", "🔀 {count} leads went to “{stage}”.", moved
    ).format(count=moved, stage=esc(stage_name(target)))
    chat.show(remove_screen(pipeline, stage, left, said))


async def _show(services: Services, chat: Chat, member: Member, pipeline: Pipeline, stage: Stage) -> None:
    standing = await services.stages_setup.standing(member, [stage.id])
    own = await services.custom_fields.for_member(member)
    chat.show(stage_screen(pipeline, stage, standing, own, await _status(services, member, stage)))


async def _status(services: Services, member: Member, stage: Stage) -> tuple[str, str] | None:
    """The connected CRM and its status of the stage, for those who may know."""
    if not member.may(Right.CRM_MANAGE):
        return None
    try:
        view = await services.mappings.view(member)
    except NotFound:
        return None
    return view.title, status_of(view, stage)


def routes() -> Router:
    router = Router(name="stages_setup")
    router.callback_query.middleware(as_it_is)
    press = router.callback_query.register
    press(show, StageButton.filter(F.do == "show"))
    press(rename, StageButton.filter(F.do == "rename"))
    press(shift, StageButton.filter(F.do.in_({"up", "down"})))
    press(colors, StageButton.filter(F.do == "colors"))
    press(color, StageButton.filter(F.do == "color"))
    press(kinds, StageButton.filter(F.do == "kinds"))
    press(kind, StageButton.filter(F.do == "kind"))
    press(fields, StageButton.filter(F.do == "fields"))
    press(toggle_field, StageButton.filter(F.do == "field"))
    press(remove, StageButton.filter(F.do == "remove"))
    press(really_remove, StageButton.filter(F.do == "really_remove"))
    press(move_leads, StageButton.filter(F.do == "move"))
    return router
