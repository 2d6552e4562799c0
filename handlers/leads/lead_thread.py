"""The thread of a lead: its sender and whoever works on it write to each other through the bot."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.activities import Activity
from domain.errors import BadInput, NotFound, TooLate
from domain.fields import read_note
from domain.leads import Lead
from domain.members import Member
from handlers.buttons import LeadButton
from handlers.cards import clip, moment
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.leads.lead_screens import act, stands_now, to_card, unpack_ways
from handlers.leads.lead_work import begin
from handlers.screens import Screen
from locales import _
from services.registry import Services

LINES = 5
LOOKED_THROUGH = 50
ROOM = 500


async def write(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """The last lines of the thread, and the question what to write."""
    lead = await services.leads.get(member, callback_data.lead)
    found = await services.activities.recent(member, lead.id, LOOKED_THROUGH)
    said = [one for one in found if one.shared][:LINES]
    context = {"thread": thread_text(said, member), "to": _reader(lead, member)}
    await begin(THREAD, query, chat, state, member, services, lead, None, **context)


def thread_text(said: Sequence[Activity], member: Member) -> str:
    """Lines of the thread, oldest first; `said` comes newest first."""
    return "\n\n".join(line(one, member) for one in reversed(said))


def line(one: Activity, member: Member, room: int = ROOM) -> str:
    """Who, when and what, safe inside HTML."""
    who = _("You") if one.author_id == member.id else clip(one.author_name, 100)
    return f"<b>{who}</b>, {moment(one.created_at, member)}\n{clip(one.text, room)}"


def _reader(lead: Lead, member: Member) -> str:
    """Who will read it, as a name; empty for all managers."""
    other = lead.assignee_name if lead.sender_id == member.id else lead.sender_name
    return clip(other, 100)


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    lead_id = UUID(context["lead"])
    ways = unpack_ways(context["ways"])
    try:
        lead = await services.activities.write(member, lead_id, answers["note"])
    except (TooLate, NotFound) as error:
        chat.say(Screen(in_words(error), [ways]))
        return
    to = context["to"] or _("the managers")
    text = _("💬 Sent to {name}. The answer will come here.").format(name=to)
    chat.show(Screen(text, [[act(_("💬 Write more"), "write", lead)], to_card(lead.id), ways]))


def _ask(asking: Asking) -> str:
    head = f"💬 <b>{asking.context['title']}</b>"
    to = asking.context["to"] or _("the managers")
    question = _("What shall I pass on to {name}? Write it in one message.").format(name=to)
    return "\n\n".join(part for part in (head, asking.context["thread"], question) if part)


def _read(typed: str, _member: Member) -> str:
    text = read_note(typed)
    if not text:
        raise BadInput("note", "required")
    return text


THREAD = Form(
    name="thread",
    questions=(Question("note", _ask, _read),),
    finish=_finish,
    cancelled=lambda: _("Nothing was sent."),
)

FORMS: tuple[Form, ...] = (THREAD,)


def routes() -> Router:
    router = Router(name="lead_thread")
    router.callback_query.middleware(stands_now)
    router.callback_query.register(write, LeadButton.filter(F.do == "write"))
    return router
