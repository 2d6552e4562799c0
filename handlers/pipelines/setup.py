"""Pipelines, for admins: the list, a new one, its order, its head, its lost reasons, archiving it."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, TelegramObject

from domain.errors import BadInput, NotFound, TooLate
from domain.members import Member
from domain.pipelines import Pipeline
from handlers.buttons import MenuButton, NewPipelineButton, PipelineButton, short
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms import forms
from handlers.pipelines import setup_forms
from handlers.pipelines.setup_screens import (
    archive_screen,
    heads_screen,
    list_screen,
    pipeline_screen,
    presets_screen,
    reason_screen,
    reasons_screen,
)
from handlers.pipelines.words import pipeline_name
from handlers.screens import esc
from locales import _, ngettext
from services.registry import Services

FORMS = setup_forms.FORMS
Step = Callable[[Services, Member, Pipeline, str], Awaitable[Pipeline]]


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(list_screen(await services.pipelines_setup.all(member)))


async def show_list(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(list_screen(await services.pipelines_setup.all(member)))


async def new(
    query: CallbackQuery,
    callback_data: NewPipelineButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """A preset's pipeline at once; a name is asked for an empty one, and where the preset's is taken."""
    preset = callback_data.preset
    if not preset:
        await services.pipelines_setup.all(member)
        chat.show(presets_screen())
        return
    if preset != "empty":
        try:
            made = await services.pipelines_setup.add(member, preset)
        except BadInput as error:
            if error.reason != "taken":
                raise
        else:
            await _show(services, chat, member, made, _("✅ The pipeline is ready."))
            return
    await forms.start(setup_forms.NEW, chat, state, member, services, {"preset": preset})


async def show(
    _query: CallbackQuery, callback_data: PipelineButton, chat: Chat, member: Member, services: Services
) -> None:
    await _show(services, chat, member, await services.pipelines_setup.get(member, callback_data.id))


async def ask(
    _query: CallbackQuery,
    callback_data: PipelineButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """Rename it, add a stage or a reason: asked in words."""
    pipeline = await services.pipelines_setup.get(member, callback_data.id)
    context = {"pipeline": str(pipeline.id), "name": esc(pipeline_name(pipeline))}
    await forms.start(setup_forms.ASKS[callback_data.do], chat, state, member, services, context)


async def act(
    _query: CallbackQuery, callback_data: PipelineButton, chat: Chat, member: Member, services: Services
) -> None:
    """Something that is done by one press; the pipeline is shown as it is then."""
    pipeline = await services.pipelines_setup.get(member, callback_data.id)
    changed = await STEPS[callback_data.do](services, member, pipeline, callback_data.extra)
    await _show(services, chat, member, changed)


async def _head(services: Services, member: Member, pipeline: Pipeline, extra: str) -> Pipeline:
    able = await services.pipelines_setup.heads(member) if extra else []
    head = next((one.id for one in able if short(one.id) == extra), None)
    if extra and head is None:
        raise NotFound(what="member")
    return await services.pipelines_setup.set_head(member, pipeline.id, head)


STEPS: dict[str, Step] = {
    "up": lambda services, member, one, _extra: services.pipelines_setup.shift(member, one.id, -1),
    "down": lambda services, member, one, _extra: services.pipelines_setup.shift(member, one.id, 1),
    "first": lambda services, member, one, _extra: services.pipelines_setup.make_default(member, one.id),
    "restore": lambda services, member, one, _extra: services.pipelines_setup.restore(member, one.id),
    "head": _head,
}


async def heads(
    _query: CallbackQuery, callback_data: PipelineButton, chat: Chat, member: Member, services: Services
) -> None:
    pipeline = await services.pipelines_setup.get(member, callback_data.id)
    chat.show(heads_screen(pipeline, await services.pipelines_setup.heads(member)))


async def archive(
    _query: CallbackQuery, callback_data: PipelineButton, chat: Chat, member: Member, services: Services
) -> None:
    """Asked once more, or told where its open leads can go."""
    every = await services.pipelines_setup.all(member)
    pipeline = await services.pipelines_setup.get(member, callback_data.id)
    standing = await services.pipelines_setup.standing(member, pipeline.id)
    chat.show(archive_screen(pipeline, every, standing))


async def really_archive(
    _query: CallbackQuery, callback_data: PipelineButton, chat: Chat, member: Member, services: Services
) -> None:
    pipeline = await services.pipelines_setup.get(member, callback_data.id)
    await services.pipelines_setup.archive(member, pipeline.id)
    said = _("🗄 “{name}” is archived.").format(name=esc(pipeline_name(pipeline)))
    chat.show(list_screen(await services.pipelines_setup.all(member), said))


async def move_leads(
    _query: CallbackQuery, callback_data: PipelineButton, chat: Chat, member: Member, services: Services
) -> None:
    """The open leads go to the same stage of the other pipeline where it has one, else to its first."""
    every = await services.pipelines_setup.all(member)
    pipeline = await services.pipelines_setup.get(member, callback_data.id)
    target = next((one for one in every if short(one.id) == callback_data.extra and not one.archived), None)
    if target is None:
        raise NotFound(what="pipeline")
    moved, left = await services.stages_setup.move_to_pipeline(member, pipeline.id, target.id)
    chat.toast(ngettext("{count} lead moved.", "{count} leads moved.", moved).format(count=moved))
    chat.show(archive_screen(pipeline, every, left))


async def reasons(
    _query: CallbackQuery, callback_data: PipelineButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(reasons_screen(await services.pipelines_setup.get(member, callback_data.id)))


async def reason(
    _query: CallbackQuery, callback_data: PipelineButton, chat: Chat, member: Member, services: Services
) -> None:
    pipeline = await services.pipelines_setup.get(member, callback_data.id)
    chat.show(reason_screen(pipeline, _place(pipeline, callback_data.extra)))


async def change_reason(
    _query: CallbackQuery, callback_data: PipelineButton, chat: Chat, member: Member, services: Services
) -> None:
    """One reason up, down or off; or the usual ones again."""
    setup = services.pipelines_setup
    pipeline = await setup.get(member, callback_data.id)
    if callback_data.do == "usual":
        chat.show(reasons_screen(await setup.usual_reasons(member, pipeline.id)))
        return
    chosen = pipeline.reasons[_place(pipeline, callback_data.extra)]
    if callback_data.do == "reason_off":
        pipeline = await setup.drop_reason(member, pipeline.id, chosen)
    else:
        by = -1 if callback_data.do == "reason_up" else 1
        pipeline = await setup.shift_reason(member, pipeline.id, chosen, by)
    chat.show(reasons_screen(pipeline))


def _place(pipeline: Pipeline, typed: str) -> int:
    if not typed.isdecimal() or int(typed) >= len(pipeline.reasons):
        raise NotFound(what="reason")
    return int(typed)


async def _show(services: Services, chat: Chat, member: Member, pipeline: Pipeline, said: str = "") -> None:
    every = await services.pipelines_setup.all(member)
    able = await services.pipelines_setup.heads(member) if pipeline.head_id else []
    head = next((one.name for one in able if one.id == pipeline.head_id), "")
    chat.show(pipeline_screen(pipeline, every, head, said))


async def as_it_is(
    handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
    event: TelegramObject,
    data: dict[str, Any],
) -> Any:
    """Middleware: where another admin was faster, the answer says so and the list shows how it is now."""
    try:
        return await handler(event, data)
    except (TooLate, NotFound) as error:
        chat, member, services = data["chat"], data["member"], data["services"]
        chat.toast(in_words(error), alert=True)
        chat.show(list_screen(await services.pipelines_setup.all(member)))
        return None


def routes() -> Router:
    router = Router(name="pipelines_setup")
    router.callback_query.middleware(as_it_is)
    router.message.register(command, Command("pipelines", "stages"))
    press = router.callback_query.register
    press(show_list, MenuButton.filter(F.place == "pipelines"))
    press(new, NewPipelineButton.filter())
    press(show, PipelineButton.filter(F.do == "show"))
    press(ask, PipelineButton.filter(F.do.in_(setup_forms.ASKS)))
    press(act, PipelineButton.filter(F.do.in_(STEPS)))
    press(heads, PipelineButton.filter(F.do == "heads"))
    press(archive, PipelineButton.filter(F.do == "archive"))
    press(really_archive, PipelineButton.filter(F.do == "really_archive"))
    press(move_leads, PipelineButton.filter(F.do == "move"))
    press(reasons, PipelineButton.filter(F.do == "reasons"))
    press(reason, PipelineButton.filter(F.do == "reason"))
    press(change_reason, PipelineButton.filter(F.do.in_({"reason_up", "reason_down", "reason_off", "usual"})))
    return router
