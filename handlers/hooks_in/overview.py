"""/forms: everything through which leads come in by themselves; /website: the first form's card."""

from dataclasses import replace

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import NotFound
from domain.hooks_in import HookKind, form_settings
from domain.members import Member
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.forms import forms as engine
from handlers.forms.forms import Form
from handlers.hooks_in.buttons import InletButton
from handlers.hooks_in.cards import card
from handlers.hooks_in.forms import FORMS as FORMS
from handlers.hooks_in.forms import NEW, PASTE, PLACES, RENAME, SITES, TRAP
from handlers.hooks_in.screens import close_screen, fields_screen, kinds_screen, list_screen
from handlers.hooks_in.secret_screens import new_secret_screen
from locales import _
from services.registry import Services

ASKING: dict[str, Form] = {"name": RENAME, "pages": SITES, "trap": TRAP, "paste": PASTE}
"""Buttons that begin a form about their hook."""


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(list_screen(await services.inlets.browse(member)))


async def show_list(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(list_screen(await services.inlets.browse(member)))


async def website(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    await services.website_form.key(member)
    found = await services.inlets.browse(member)
    form = next(one for one in found if one.kind is HookKind.WEBSITE)
    chat.say(await card(services, member, form.id))


async def kinds(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    await services.inlets.browse(member)
    chat.show(kinds_screen())


async def begin(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, state: FSMContext,
    services: Services, bot_username: str = "",
) -> None:  # fmt: skip
    await services.inlets.browse(member)
    if callback_data.extra not in set(HookKind):
        raise NotFound
    context = {"kind": callback_data.extra, "bot": bot_username}
    await engine.start(NEW, chat, state, member, services, context)


async def show(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(await card(services, member, callback_data.hook))


async def ask(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, state: FSMContext,
    services: Services,
) -> None:  # fmt: skip
    inlet = await services.inlets.get(member, callback_data.hook)
    context = {"hook": str(inlet.id)}
    await engine.start(ASKING[callback_data.do], chat, state, member, services, context)


async def place(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, state: FSMContext,
    services: Services, bot_username: str = "",
) -> None:  # fmt: skip
    """Where a messenger's links lead."""
    inlet = await services.inlets.get(member, callback_data.hook)
    context = {"hook": str(inlet.id), "channel": callback_data.extra, "bot": bot_username}
    await engine.start(PLACES[callback_data.extra], chat, state, member, services, context)


async def close(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(close_screen(await services.inlets.get(member, callback_data.hook)))


async def really_close(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    await services.inlets.close(member, callback_data.hook)
    chat.toast(_("🗑 Closed."))
    chat.show(list_screen(await services.inlets.browse(member)))


async def fields(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(fields_screen(await services.inlets.get(member, callback_data.hook)))


async def field(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    """A field is required from now on, or no more."""
    inlet = await services.inlets.get(member, callback_data.hook)
    settings, name = form_settings(inlet.settings), callback_data.extra
    left = tuple(one for one in settings.required if one != name)
    required = left if name in settings.required else (*left, name)
    chat.show(
        fields_screen(await services.inlets.set_form(member, inlet.id, replace(settings, required=required)))
    )


async def files(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    inlet = await services.inlets.get(member, callback_data.hook)
    settings = form_settings(inlet.settings)
    await services.inlets.set_form(member, inlet.id, replace(settings, files=not settings.files))
    chat.show(await card(services, member, inlet.id))


async def secret(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    inlet = await services.inlets.get(member, callback_data.hook)
    before = await services.hook_secrets.standing(member, inlet.id)
    made = await services.hook_secrets.issue(member, inlet.id)
    chat.show(new_secret_screen(inlet, made, replaced=bool(before)))


async def end_old(
    _query: CallbackQuery, callback_data: InletButton, chat: Chat, member: Member, services: Services
) -> None:
    await services.hook_secrets.end_old(member, callback_data.hook)
    chat.toast(_("🚫 Only the newest secret opens now."))
    chat.show(await card(services, member, callback_data.hook))


def routes() -> Router:
    router = Router(name="hooks_in")
    router.message.register(command, Command("forms"))
    router.message.register(website, Command("website"))
    press = router.callback_query.register
    press(show_list, MenuButton.filter(F.place == "website"))
    press(ask, InletButton.filter(F.do.in_(set(ASKING))))
    for do, handler in (
        ("list", show_list), ("kinds", kinds), ("new", begin), ("show", show), ("place", place),
        ("close", close), ("really_close", really_close), ("fields", fields), ("field", field),
        ("files", files), ("secret", secret), ("end_old", end_old),
    ):  # fmt: skip
        press(handler, InletButton.filter(F.do == do))
    return router
