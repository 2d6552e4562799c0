"""/find: leads by a name, a company, a phone in any spelling, an e-mail, a tax number or their own number."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.lead_query import LeadQuery, read_text
from domain.members import Member
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.finding.places import place_of
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.leads.lead_list import list_screen, tabs_of
from locales import _
from services.registry import Services

SIGN = "🔎"


async def command(
    _message: Message,
    command: CommandObject,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """/find words; without words they are asked for."""
    await _find_or_ask(command.args or "", chat, member, state, services)


async def by_sign(
    message: Message, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    """The magnifying glass, alone or before words."""
    await _find_or_ask((message.text or "").removeprefix(SIGN), chat, member, state, services)


async def press(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    await forms.start(FIND, chat, state, member, services)


async def _find_or_ask(typed: str, chat: Chat, member: Member, state: FSMContext, services: Services) -> None:
    if not typed.strip():
        await forms.start(FIND, chat, state, member, services)
        return
    await _show(_read(typed, member), chat, member, services)


async def _show(text: str, chat: Chat, member: Member, services: Services) -> None:
    """What is found; a single lead by its number is one tap away like the rest."""
    here = await place_of(services, member, LeadQuery(text=text, owner=tabs_of(member)[0]))
    chat.show(await list_screen(services, member, here))


def _read(typed: str, member: Member) -> str:
    read_text(typed, member.region)
    return " ".join(typed.split())


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, _context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    await _show(answers["words"], chat, member, services)


def _ask(_asking: Asking) -> str:
    return _(
        "🔎 Whom are you looking for? A name, a company, an e-mail, the lead's number, or a phone: "
        "its last four digits are enough."
    )


FIND = Form(
    name="find",
    questions=(Question("words", _ask, _read),),
    finish=_finish,
    cancelled=lambda: _("Left as it was."),
)
FORMS: tuple[Form, ...] = (FIND,)


def routes() -> Router:
    router = Router(name="find")
    router.message.register(command, Command("find"))
    router.message.register(by_sign, F.text.startswith(SIGN))
    router.callback_query.register(press, MenuButton.filter(F.place == "find"))
    return router
