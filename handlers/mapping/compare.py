"""/mapping diff bitrix24 espocrm: what a lead becomes in one CRM and in another, as a document."""

from collections.abc import Sequence

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.errors import BadInput
from domain.members import Member
from handlers.buttons import MappingButton
from handlers.chat import Chat
from handlers.mapping.page import diff_page
from handlers.mapping.screens import to_mapping
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc, grid
from locales import _, current_language, ngettext
from services.connections.integrations import manifests
from services.mapping.mappings import Mappings

NAMES = {"bitrix": "bitrix24", "espo": "espocrm", "amo": "amocrm", "kommo": "amocrm", "retail": "retailcrm"}
"""What people type for short."""


async def command(words: Sequence[str], chat: Chat, member: Member, mappings: Mappings) -> None:
    """The document for two CRMs that are named; buttons for what is not."""
    named = [NAMES.get(word.casefold(), word.casefold()) for word in words]
    if len(named) != 2:
        chat.say(_choice(named[0] if named and named[0] in _titles() else ""))
        return
    await _send(chat, member, mappings, *named)


async def choose(_query: CallbackQuery, callback_data: MappingButton, chat: Chat) -> None:
    chat.show(_choice(callback_data.mark if callback_data.mark in _titles() else ""))


async def pressed(
    _query: CallbackQuery, callback_data: MappingButton, chat: Chat, member: Member, mappings: Mappings
) -> None:
    await _send(chat, member, mappings, callback_data.mark, callback_data.extra)


async def _send(chat: Chat, member: Member, mappings: Mappings, left: str, right: str) -> None:
    try:
        found = await mappings.diff(member, left, right)
    except BadInput:
        text = _("⚖️ Please name two different CRMs of these: {known}").format(known=", ".join(_titles()))
        chat.say(Screen(esc(text), [[*to_mapping(), *to_menu()]]))
        return
    page = diff_page(found, current_language())
    lost = ngettext(
        "{count} field has no place on one side.", "{count} fields have no place on one side.", found.lost
    )
    caption = f"⚖️ {found.left} — {found.right}. " + lost.format(count=found.lost)
    chat.document(f"{left}-{right}.html", page.encode(), caption)


def _titles() -> dict[str, str]:
    return {one.name: one.title for one in manifests()}


def _choice(first: str) -> Screen:
    """One CRM after the other."""
    titles = _titles()
    if not first:
        buttons = [Button(title, MappingButton(do="compare", mark=name)) for name, title in titles.items()]
        text = _("⚖️ <b>Compare two CRMs</b>\n\nWhich one first?")
    else:
        buttons = [
            Button(title, MappingButton(do="diff", mark=first, extra=name))
            for name, title in titles.items()
            if name != first
        ]
        text = _("⚖️ {title}, compared with which one?").format(title=esc(titles[first]))
    return Screen(text, [*grid(buttons, 2), [*to_mapping(), *to_menu()]])


def routes() -> Router:
    router = Router(name="mapping_compare")
    press = router.callback_query.register
    press(choose, MappingButton.filter(F.do == "compare"))
    press(pressed, MappingButton.filter(F.do == "diff"))
    return router
