"""/mapping: which of our fields goes where in the CRM; rules are looked at, dropped and brought back."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput, NotFound
from domain.members import Member
from handlers.buttons import MappingButton, MenuButton
from handlers.chat import Chat
from handlers.mapping import compare as mapping_compare
from handlers.mapping.screens import (
    cleared_screen,
    mapping_screen,
    nothing_connected,
    rule_screen,
)
from handlers.mapping.words import changes_in_words, slip
from handlers.screens import Button, Screen
from locales import _
from services.mapping.mappings import Mappings


async def card(mappings: Mappings, member: Member, page: int = 0, said: str = "") -> Screen:
    """The card, or where to go without a CRM."""
    try:
        return mapping_screen(await mappings.view(member), page, said)
    except NotFound:
        return nothing_connected()


async def command(message: Message, chat: Chat, member: Member, mappings: Mappings) -> None:
    """/mapping, or /mapping diff bitrix24 espocrm."""
    words = (message.text or "").split()[1:]
    if words[:1] == ["diff"]:
        await mapping_compare.command(words[1:], chat, member, mappings)
        return
    chat.say(await card(mappings, member))


async def place(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, mappings: Mappings
) -> None:
    if await state.get_state() == "mapping:file":
        await state.set_state(None)
    chat.show(await card(mappings, member))


async def turn(
    _query: CallbackQuery, callback_data: MappingButton, chat: Chat, member: Member, mappings: Mappings
) -> None:
    chat.show(await card(mappings, member, page_of(callback_data.extra)))


def page_of(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


async def rule(
    _query: CallbackQuery, callback_data: MappingButton, chat: Chat, member: Member, mappings: Mappings
) -> None:
    """One rule."""
    view = await mappings.view(member)
    found = view.rule(callback_data.mark)
    if found is None:
        await gone(chat, member, mappings)
        return
    chat.show(rule_screen(view, found))


async def gone(chat: Chat, member: Member, mappings: Mappings) -> None:
    """A button of a rule that is no more."""
    chat.toast(_("This field is not sent any more. Here is how it stands now."))
    chat.show(await card(mappings, member))


async def clear(
    _query: CallbackQuery, callback_data: MappingButton, chat: Chat, member: Member, mappings: Mappings
) -> None:
    """Send nothing to a field any more."""
    found = (await mappings.view(member)).rule(callback_data.mark)
    if found is None:
        await gone(chat, member, mappings)
        return
    try:
        await mappings.clear_rule(member, callback_data.mark)
    except BadInput as error:
        # the CRM's adapter cannot do without it, or another rule is made of it
        chat.toast(slip(error), alert=True)
        return
    chat.show(cleared_screen(found.record, found.attribute))


async def reset_rule(
    _query: CallbackQuery, callback_data: MappingButton, chat: Chat, member: Member, mappings: Mappings
) -> None:
    """One rule as it is shipped."""
    found = (await mappings.view(member)).rule(callback_data.mark)
    if found is None:
        await gone(chat, member, mappings)
        return
    await mappings.reset_rule(member, found.record, found.attribute)
    chat.toast(_("As it was shipped."))
    view = await mappings.view(member)
    again = view.rule(callback_data.mark)
    chat.show(rule_screen(view, again) if again else mapping_screen(view))


async def ask_reset(_query: CallbackQuery, chat: Chat) -> None:
    text = _("♻️ Take all your own rules and words out, so that the fields are as shipped? You can undo it.")
    sure = Button(_("Yes, as shipped"), MappingButton(do="really_reset"))
    chat.show(Screen(text, [[sure, Button(_("⬅️ Back"), MenuButton(place="mapping"))]]))


async def reset(_query: CallbackQuery, chat: Chat, member: Member, mappings: Mappings) -> None:
    changes = await mappings.reset(member)
    chat.show(await card(mappings, member, said=changes_in_words(changes)))


async def undo(_query: CallbackQuery, chat: Chat, member: Member, mappings: Mappings) -> None:
    """The version before the last change."""
    changes = await mappings.undo(member)
    said = "↩️ " + changes_in_words(changes)
    chat.show(await card(mappings, member, said=said))


def routes() -> Router:
    router = Router(name="mapping")
    router.message.register(command, Command("mapping"))
    press = router.callback_query.register
    press(place, MenuButton.filter(F.place == "mapping"))
    press(turn, MappingButton.filter(F.do == "list"))
    press(rule, MappingButton.filter(F.do == "rule"))
    press(clear, MappingButton.filter(F.do == "clear"))
    press(reset_rule, MappingButton.filter(F.do == "reset_rule"))
    press(ask_reset, MappingButton.filter(F.do == "reset"))
    press(reset, MappingButton.filter(F.do == "really_reset"))
    press(undo, MappingButton.filter(F.do == "undo"))
    return router
