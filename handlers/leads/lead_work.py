"""What a manager writes about a lead: calls with results, notes, the amount, a refusal with its reason."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.activities import CallResult
from domain.errors import BadInput, NotFound, TooLate
from domain.fields import read_note
from domain.leads import Lead
from domain.members import Member
from handlers.buttons import LeadButton
from handlers.cards import CALL_RESULTS, call_result, lead_title, money
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.leads.lead_screens import act, after_form, beside, default_ways, pack_ways
from handlers.leads.new_lead import read_amount_typed
from handlers.planning.next_step import ask_next_step
from handlers.screens import Button, Screen, esc, grid
from locales import _
from services.registry import Services

NOTE_PIECE = 1000


def result_rows(lead: Lead) -> list[list[Button]]:
    """Buttons for the result of a call that is about to be made."""
    return grid([act(_(text), "result", lead, code.value) for code, text in CALL_RESULTS.items()], 2)


def note_screens(lead: Lead) -> list[Screen]:
    """The whole note, in as many messages as Telegram needs."""
    pieces = [lead.note[start : start + NOTE_PIECE] for start in range(0, len(lead.note), NOTE_PIECE)]
    heads = [f"📄 <b>{lead_title(lead)}</b>\n", *[""] * (len(pieces) - 1)]
    return [Screen(head + esc(piece)) for head, piece in zip(heads, pieces, strict=True)]


async def begin(
    form: Form, query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services,
    lead: Lead, answers: Answers | None = None, **context: Any,
) -> None:  # fmt: skip
    """Start a form about a lead; it remembers the way back. Raises TooLate for a withdrawn lead."""
    if lead.withdrawn_at is not None:
        raise TooLate("withdrawn")
    ways = beside(query, chat)
    known = {"lead": str(lead.id), "title": lead_title(lead), "ways": pack_ways(ways), **context}
    await forms.start(form, chat, state, member, services, known, answers)


def starts(
    form: Form, demand: Callable[[Member, Lead], None] = lambda _member, _lead: None
) -> Callable[..., Awaitable[None]]:
    """A handler that begins the form about the pressed lead, unless `demand` raises."""

    async def started(
        query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, state: FSMContext,
        services: Services,
    ) -> None:  # fmt: skip
        lead = await services.leads.get(member, callback_data.lead)
        demand(member, lead)
        await begin(form, query, chat, state, member, services, lead)

    return started


async def log_call(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """Ask for the result, unless the pressed button is one, and for a comment."""
    lead = await services.leads.get(member, callback_data.lead)
    answers = {"result": callback_data.extra} if callback_data.extra in set(CallResult) else {}
    await begin(CALL, query, chat, state, member, services, lead, answers)


async def set_amount(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    lead = await services.leads.get(member, callback_data.lead)
    now = money(lead.amount) if lead.amount else ""
    await begin(AMOUNT, query, chat, state, member, services, lead, now=now)


async def _end(services: Services, chat: Chat, member: Member, context: dict[str, Any], said: str) -> None:
    lead = await services.leads.get(member, UUID(context["lead"]))
    await after_form(services, chat, member, lead, context, said)


def _too_late(chat: Chat, error: TooLate | NotFound) -> None:
    """The lead moved on while the answer was typed: nothing is written, and the form is over."""
    chat.screen_id = None
    chat.say(Screen(in_words(error), [default_ways()]))


async def _finish_call(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    result = CallResult(answers["result"])
    try:
        await services.activities.log_call(member, UUID(context["lead"]), result, answers["note"])
    except (TooLate, NotFound) as error:
        _too_late(chat, error)
        return
    said = _("☎️ Call noted: {result}").format(result=call_result(result.value))
    await _end(services, chat, member, context, said)
    await ask_next_step(services, chat, member, await services.leads.get(member, UUID(context["lead"])))


async def _finish_note(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    try:
        await services.activities.add_note(member, UUID(context["lead"]), answers["note"])
    except (TooLate, NotFound) as error:
        _too_late(chat, error)
        return
    await _end(services, chat, member, context, _("📝 Note kept. The sender does not see it."))


async def _finish_amount(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    try:
        await services.leads.change(member, UUID(context["lead"]), {"amount": Decimal(answers["amount"])})
    except (TooLate, NotFound) as error:
        _too_late(chat, error)
        return
    await _end(services, chat, member, context, _("💰 The amount is set."))


def _read_result(typed: str, _member: Member) -> str:
    if typed not in set(CallResult):
        raise BadInput("result", "invalid")
    return typed


def _read_needed_note(typed: str, _member: Member) -> str:
    text = read_note(typed)
    if not text:
        raise BadInput("note", "required")
    return text


def _about(asking: Asking, text: str) -> str:
    return f"<b>{asking.context['title']}</b>\n{text}"


def _ask_amount(asking: Asking) -> str:
    text = _("💰 What amount? For example: 3 million")
    now = asking.context.get("now")
    return _about(asking, text + ("\n" + _("Now: {amount}").format(amount=now) if now else ""))


def _unchanged() -> str:
    return _("Left as it was.")


CALL = Form(
    name="call",
    questions=(
        Question("result", lambda asking: _about(asking, _("☎️ How did the call go?")), _read_result,
                 lambda _a: [(_(text), code.value) for code, text in CALL_RESULTS.items()], typed=False),
        Question("note", lambda asking: _about(asking, _("📝 What was said? A few words, or Skip.")),
                 lambda typed, _m: read_note(typed), optional=True),
    ),
    finish=_finish_call,
    cancelled=_unchanged,
)  # fmt: skip
NOTE = Form(
    name="note",
    questions=(
        Question("note", lambda asking: _about(asking, _("📝 Write the note. Only the team sees it.")),
                 _read_needed_note),
    ),
    finish=_finish_note,
    cancelled=_unchanged,
)  # fmt: skip
AMOUNT = Form(
    name="amount",
    questions=(Question("amount", _ask_amount, read_amount_typed),),
    finish=_finish_amount,
    cancelled=_unchanged,
)

FORMS: tuple[Form, ...] = (CALL, NOTE, AMOUNT)
