"""/fields: the organization's own fields, for admins: adding, presets, order, who sees them, archive."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.custom_fields import CHOOSING, CustomField
from domain.errors import NotAllowed
from domain.members import Member, Right, Role
from handlers.buttons import short
from handlers.chat import Chat
from handlers.fields.buttons import FieldButton, FieldsButton
from handlers.fields.presets import PRESETS, fields_of
from handlers.fields.setup_forms import ADD, CHOICES, FORMS, RENAME
from handlers.fields.setup_screens import (
    card,
    listing,
    pipeline_screen,
    preset_screen,
    role_screen,
)
from handlers.forms import forms
from handlers.forms.forms import Form
from locales import _, ngettext
from services.registry import Services

__all__ = ["FORMS", "routes"]


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(listing(await services.custom_fields.every(member)))


async def show_list(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(listing(await services.custom_fields.every(member)))


async def add(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    _demand(member)
    await forms.start(ADD, chat, state, member, services)


async def presets(_query: CallbackQuery, chat: Chat, member: Member) -> None:
    _demand(member)
    chat.show(preset_screen())


async def add_preset(
    _query: CallbackQuery, callback_data: FieldsButton, chat: Chat, member: Member, services: Services
) -> None:
    """Everything of a preset that is not there yet, in one tap."""
    preset = PRESETS.get(callback_data.name)
    count = await services.custom_fields.add_preset(member, fields_of(preset)) if preset else 0
    said = ngettext("{count} field added.", "{count} fields added.", count).format(count=count)
    chat.toast(said if count else _("All of these fields are there already."))
    chat.show(listing(await services.custom_fields.every(member)))


async def show(
    _query: CallbackQuery, callback_data: FieldButton, chat: Chat, member: Member, services: Services
) -> None:
    await _show(chat, member, services, await services.custom_fields.get(member, callback_data.field))


async def rename(
    _query: CallbackQuery, callback_data: FieldButton, chat: Chat, member: Member, state: FSMContext,
    services: Services,
) -> None:  # fmt: skip
    await _begin(RENAME, callback_data, chat, member, state, services)


async def choices(
    _query: CallbackQuery, callback_data: FieldButton, chat: Chat, member: Member, state: FSMContext,
    services: Services,
) -> None:  # fmt: skip
    await _begin(CHOICES, callback_data, chat, member, state, services)


async def required(
    _query: CallbackQuery, callback_data: FieldButton, chat: Chat, member: Member, services: Services
) -> None:
    one = await services.custom_fields.get(member, callback_data.field)
    await _show(
        chat, member, services, await services.custom_fields.change(member, one.id, required=not one.required)
    )


async def pipelines(
    _query: CallbackQuery, callback_data: FieldButton, chat: Chat, member: Member, services: Services
) -> None:
    """In which pipeline it is asked for."""
    one = await services.custom_fields.get(member, callback_data.field)
    chat.show(pipeline_screen(one, await services.pipelines_setup.all(member)))


async def pipeline(
    _query: CallbackQuery, callback_data: FieldButton, chat: Chat, member: Member, services: Services
) -> None:
    known = await services.pipelines_setup.all(member)
    chosen = next((one.id for one in known if short(one.id) == callback_data.extra), None)
    one = await services.custom_fields.place(member, callback_data.field, chosen)
    await _show(chat, member, services, one)


async def roles(
    _query: CallbackQuery, callback_data: FieldButton, chat: Chat, member: Member, services: Services
) -> None:
    """Who sees it."""
    chat.show(role_screen(await services.custom_fields.get(member, callback_data.field)))


async def role(
    _query: CallbackQuery, callback_data: FieldButton, chat: Chat, member: Member, services: Services
) -> None:
    one = await services.custom_fields.get(member, callback_data.field)
    if callback_data.extra in set(Role):
        chosen = Role(callback_data.extra)
        one = await services.custom_fields.show_to(member, one.id, chosen, shown=not one.seen_by(chosen))
    chat.show(role_screen(one))


async def shift(
    _query: CallbackQuery, callback_data: FieldButton, chat: Chat, member: Member, services: Services
) -> None:
    by = -1 if callback_data.do == "up" else 1
    await _show(chat, member, services, await services.custom_fields.shift(member, callback_data.field, by))


async def archive(
    _query: CallbackQuery, callback_data: FieldButton, chat: Chat, member: Member, services: Services
) -> None:
    """Away with it; what leads have stays, and it can be brought back."""
    away = callback_data.do == "archive"
    one = await services.custom_fields.archive(member, callback_data.field, archived=away)
    chat.toast(_("Put away. Leads keep what was filled in.") if away else _("It is back."))
    await _show(chat, member, services, one)


def _demand(member: Member) -> None:
    """The right, before anything is typed. Raises NotAllowed."""
    if not member.may(Right.ORGANIZATION_EDIT):
        raise NotAllowed(right=Right.ORGANIZATION_EDIT.value)


async def _show(chat: Chat, member: Member, services: Services, one: CustomField) -> None:
    known = await services.pipelines_setup.all(member)
    chat.show(card(one, await services.custom_fields.every(member), known))


async def _begin(
    form: Form, button: FieldButton, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    one = await services.custom_fields.get(member, button.field)
    if form is CHOICES and one.type not in CHOOSING:
        await _show(chat, member, services, one)
        return
    context = {"field": str(one.id), "name": one.name, "now": "\n".join(one.choices)}
    await forms.start(form, chat, state, member, services, context)


def routes() -> Router:
    router = Router(name="fields")
    router.message.register(command, Command("fields"))
    press = router.callback_query.register
    press(show_list, FieldsButton.filter(F.do == "list"))
    press(add, FieldsButton.filter(F.do == "add"))
    press(presets, FieldsButton.filter(F.do == "presets"))
    press(add_preset, FieldsButton.filter(F.do == "preset"))
    press(show, FieldButton.filter(F.do == "show"))
    press(rename, FieldButton.filter(F.do == "rename"))
    press(choices, FieldButton.filter(F.do == "choices"))
    press(required, FieldButton.filter(F.do == "required"))
    press(pipelines, FieldButton.filter(F.do == "pipelines"))
    press(pipeline, FieldButton.filter(F.do == "pipeline"))
    press(roles, FieldButton.filter(F.do == "roles"))
    press(role, FieldButton.filter(F.do == "role"))
    press(shift, FieldButton.filter(F.do.in_({"up", "down"})))
    press(archive, FieldButton.filter(F.do.in_({"archive", "restore"})))
    return router
