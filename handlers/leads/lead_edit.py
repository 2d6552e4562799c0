"""Adding to a lead, correcting it, withdrawing it: its sender until it is taken, managers at any time."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import BadInput, DuplicateLead, NotFound, TooLate
from domain.fields import read_note
from domain.history import LIST
from domain.leads import Lead, Verdict
from domain.members import Member, Right
from handlers.buttons import LeadButton
from handlers.cards import lead_title
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.leads import duplicate_verdict
from handlers.leads.lead_fields import ASKED, EMPTY, FIELDS, TEAMS_OWN, answered, choices, reader, shown
from handlers.leads.lead_screens import (
    act,
    after_form,
    beside,
    card,
    default_ways,
    stands_now,
    to_card,
    ways_of,
)
from handlers.leads.lead_work import begin, starts
from handlers.leads.new_lead import ask_comment
from handlers.screens import Screen, esc, grid
from locales import _
from services.leads.lead_care import PICKED
from services.registry import Services

MINE, THEIRS = "mine", "theirs"
"""What to write where somebody else has written meanwhile."""


def _some_note(typed: str) -> str:
    text = read_note(typed)
    if not text:
        raise BadInput("note", "required")
    return text


def _fields_of(member: Member) -> list[str]:
    works = member.may(Right.LEAD_WORK)
    return [name for name in FIELDS if works or name not in TEAMS_OWN]


async def edit(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Which field?"""
    lead = await services.leads.get(member, callback_data.lead)
    _demand_editable(member, lead)
    buttons = [act(_(FIELDS[name]), "field", lead, name) for name in _fields_of(member)]
    text = f"<b>{lead_title(lead)}</b>\n" + _("✏️ What shall we correct?")
    ways = beside(query, chat)
    chat.show(Screen(text, [*grid(buttons, 2), to_card(lead.id), ways]))


async def field(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """The new value of one field."""
    lead = await services.leads.get(member, callback_data.lead)
    _demand_editable(member, lead)
    chosen = callback_data.extra if callback_data.extra in _fields_of(member) else "name"
    seen, _by = await services.lead_care.standing(member, lead.id, chosen)
    context: dict[str, Any] = {"field": chosen, "seen": seen, "now": shown(lead, chosen, seen.split(LIST))}
    if chosen in PICKED:
        context["offers"] = list(await services.lead_care.in_use(member, chosen))
    await begin(EDIT, query, chat, state, member, services, lead, None, **context)


async def withdraw(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Asked once more, as it cannot be undone."""
    lead = await services.leads.get(member, callback_data.lead)
    _demand_editable(member, lead)
    text = f"<b>{lead_title(lead)}</b>\n" + _(
        "↩️ Withdraw this lead? Nobody will work on it, and it counts as refused in the CRM."
    )
    yes = [act(_("↩️ Yes, withdraw"), "withdrawn", lead)]
    ways = beside(query, chat)
    chat.show(Screen(text, [yes, to_card(lead.id), ways]))


async def withdrawn(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    lead = await services.leads.withdraw(member, callback_data.lead)
    chat.toast(_("The lead is withdrawn."))
    chat.show(await card(services, member, lead, ways_of(query)))


def _demand_editable(member: Member, lead: Lead) -> None:
    """The same rule as the use case's, before anything is typed. Raises TooLate."""
    if lead.withdrawn_at is not None:
        raise TooLate("withdrawn")
    if not member.may(Right.LEAD_WORK) and lead.assignee_id is not None:
        raise TooLate("taken", by=lead.assignee_name)


async def _finish_edit(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    if context.get("attach"):
        await _attach(chat, member, answers, context, services)
        return
    name = context["field"]
    if answers.get("confirm") == THEIRS:
        lead = await services.leads.get(member, UUID(context["lead"]))
        await after_form(services, chat, member, lead, context, _("Left as it was."))
        return
    try:
        value = {name: answered(answers[name], context)}
        lead = await services.leads.change(member, UUID(context["lead"]), value, {name: context["seen"]})
        await after_form(services, chat, member, lead, context, _("✏️ Corrected."))
    except DuplicateLead:
        # somebody was faster while the answer was on its way
        await _after_contact(chat, state, member, answers, context, services)
    except TooLate as error:
        if error.what != "changed_meanwhile":
            _too_late(chat, context, error)
            return
        await _ask_whose(state, member, context, services)
    except NotFound as error:
        _too_late(chat, context, error)


async def _ask_whose(state: FSMContext, member: Member, context: dict[str, Any], services: Services) -> None:
    """Somebody has written the field since it was asked for: the person sees what, and confirms."""
    name, lead_id = context["field"], UUID(context["lead"])
    seen, by = await services.lead_care.standing(member, lead_id, name)
    lead = await services.leads.get(member, lead_id)
    theirs = shown(lead, name, seen.split(LIST)) or "—"
    data = await state.get_data()
    await state.set_data({**data, "context": {**data["context"], "seen": seen, "now": theirs}})
    raise BadInput("confirm", "changed_meanwhile", by=esc(by) or _("CRM"), value=theirs)


async def _attach(
    chat: Chat, member: Member, answers: Answers, context: dict[str, Any], services: Services
) -> None:
    """The comment goes to the lead that has the contact; the corrected one stays as it was."""
    data = {"form": EDIT.name, "answers": answers, "context": context}
    draft = duplicate_verdict.draft_in(data)
    text = duplicate_verdict.attachment(draft, answers["comment"])
    await services.leads.attach(member, draft, text, duplicate_verdict.corrected(data))
    chat.show(duplicate_verdict.attached_screen())


async def _after_contact(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """Another lead may have the new phone, e-mail or INN already."""
    if answers.get(context["field"]) == EMPTY:
        return
    data = {"form": EDIT.name, "answers": answers, "context": context}
    draft, besides = duplicate_verdict.draft_in(data), duplicate_verdict.corrected(data)
    verdict = await duplicate_verdict.check(services, member, draft, besides)
    if verdict.verdict is not Verdict.NEW:
        await duplicate_verdict.ask(chat, state, member, verdict)


async def _finish_add(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    try:
        lead = await services.leads.get(member, UUID(context["lead"]))
    except NotFound as error:
        _too_late(chat, context, error)
        return
    note = "\n".join(part for part in (lead.note, answers["note"]) if part)
    await _change(chat, member, context, services, {"note": note}, _("➕ Added."))


async def _change(
    chat: Chat, member: Member, context: dict[str, Any], services: Services,
    changes: dict[str, str | Decimal], said: str,
) -> None:  # fmt: skip
    try:
        lead = await services.leads.change(member, UUID(context["lead"]), changes)
    except (TooLate, NotFound) as error:
        _too_late(chat, context, error)
        return
    await after_form(services, chat, member, lead, context, said)


def _too_late(chat: Chat, context: dict[str, Any], error: TooLate | NotFound) -> None:
    """Somebody took the lead meanwhile: what was typed can still go to them as a message."""
    rows = [[*to_card(UUID(context["lead"]))], default_ways()]
    said = in_words(error)
    if isinstance(error, TooLate) and error.what == "taken":
        said += " " + _("Send it to the manager instead: open the lead and press Write.")
    chat.screen_id = None
    chat.say(Screen(said, rows))


def _whose(typed: str, _member: Member) -> str:
    if typed not in (MINE, THEIRS):
        raise BadInput("confirm", "invalid")
    return typed


def _ask_field(asking: Asking) -> str:
    text = f"<b>{asking.context['title']}</b>\n" + _(ASKED[asking.context["field"]])
    now = asking.context.get("now")
    return text + ("\n" + _("Now: {value}").format(value=now) if now else "")


def _ask_more(asking: Asking) -> str:
    return f"<b>{asking.context['title']}</b>\n" + _("➕ What shall I add for the manager?")


def _is_field(name: str) -> Callable[[Asking], bool]:
    return lambda asking: asking.context.get("field") == name


EDIT = Form(
    name=duplicate_verdict.CORRECTING,
    questions=(
        *(Question(name, _ask_field, reader(name), choices, when=_is_field(name)) for name in FIELDS),
        Question("comment", ask_comment, lambda typed, _m: read_note(typed), optional=True,
                 when=lambda asking: bool(asking.context.get("attach"))),
        Question("confirm", _ask_field, _whose, typed=False, when=lambda _asking: False,
                 choices=lambda _a: [(_("✏️ Write mine"), MINE), (_("🙏 Leave theirs"), THEIRS)]),
    ),
    finish=_finish_edit,
    cancelled=lambda: _("Left as it was."),
    after=dict.fromkeys(("phone", "email", "inn"), _after_contact),
)  # fmt: skip
ADD = Form(
    name="add",
    questions=(Question("note", _ask_more, lambda typed, _m: _some_note(typed)),),
    finish=_finish_add,
    cancelled=lambda: _("Left as it was."),
)

FORMS: tuple[Form, ...] = (EDIT, ADD)


def routes() -> Router:
    router = Router(name="lead_edit")
    router.callback_query.middleware(stands_now)
    press = router.callback_query.register
    press(edit, LeadButton.filter(F.do == "edit"))
    press(field, LeadButton.filter(F.do == "field"))
    press(starts(ADD, _demand_editable), LeadButton.filter(F.do == "add"))
    press(withdraw, LeadButton.filter(F.do == "withdraw"))
    press(withdrawn, LeadButton.filter(F.do == "withdrawn"))
    return router
