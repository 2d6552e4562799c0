"""The verdict on a draft whose contact is known already: what was found, and what the sender may do."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from aiogram.fsm.context import FSMContext

from domain.leads import DuplicateVerdict, LeadDraft, Money, Verdict
from domain.members import Member
from domain.phones import show_phone
from handlers.buttons import DuplicateButton, LeadButton, MenuButton
from handlers.cards import moment, money
from handlers.chat import Chat
from handlers.forms.forms import Answers
from handlers.screens import Button, Screen, esc
from locales import N_, _
from services.registry import Services

STATE = "duplicate:choose"
CORRECTING = "edit"
"""The form that corrects a lead: its context names the lead and the field."""


def draft_of(answers: Answers, context: dict[str, Any]) -> LeadDraft:
    """The draft that a dialog of the new-lead form holds so far."""
    phones = [answers.get("phone", ""), *context.get("phones", ())]
    amount, pipeline = answers.get("amount", ""), answers.get("pipeline", "")
    return LeadDraft(
        name=answers.get("name", ""),
        company=context.get("company", ""),
        phones=tuple(phone for phone in phones if phone),
        emails=tuple(context.get("emails", ())),
        amount=Decimal(amount) if amount else None,
        note=answers.get("note", ""),
        source=context.get("source", "telegram"),
        pipeline_id=UUID(pipeline) if pipeline else None,
    )


def draft_in(data: dict[str, Any]) -> LeadDraft:
    """What the dialog wants to send: a new lead, or the contact that a lead is to get."""
    answers, context = data["answers"], data["context"]
    if data["form"] != CORRECTING:
        return draft_of(answers, context)
    value = answers.get(context["field"], "")
    given = {"phone": {"phones": (value,)}, "email": {"emails": (value,)}, "inn": {"inn": value}}
    return LeadDraft(**given.get(context["field"], {}))


def corrected(data: dict[str, Any]) -> UUID | None:
    """The lead that is being corrected; it is no duplicate of itself."""
    return UUID(data["context"]["lead"]) if data["form"] == CORRECTING else None


def attachment(draft: LeadDraft, comment: str) -> str:
    """What goes to the lead that exists: the comment, and everything that was typed for the new one."""
    parts = [comment, draft.name, draft.company, draft.note]
    if draft.amount is not None:
        parts.append(money(Money(draft.amount)))
    parts += [*draft.phones, *draft.emails]
    return "\n".join(part for part in parts if part)


async def check(
    services: Services, member: Member, draft: LeadDraft, besides: UUID | None = None
) -> DuplicateVerdict:
    """The verdict on a draft's contacts; its other fields are read when the lead is created.

    Raises BadInput for an unreadable phone or e-mail.
    """
    contacts = LeadDraft(phones=draft.phones, emails=draft.emails, inn=draft.inn)
    return await services.leads.check(member, contacts, besides)


async def ask(chat: Chat, state: FSMContext, member: Member, verdict: DuplicateVerdict) -> None:
    """Show the verdict and wait for a choice; the dialog's data stays as it is."""
    await state.set_state(STATE)
    chat.show(verdict_screen(verdict, member))


def verdict_screen(verdict: DuplicateVerdict, member: Member) -> Screen:
    """What is known, as far as the asker may know it, with the choices there are."""
    matched = show_phone(verdict.matched) if verdict.matched.startswith("+") else esc(verdict.matched)
    text = _VERDICTS[verdict.verdict](verdict, member, f"<b>{matched}</b>")
    return Screen(text, _choices(verdict))


def _yours(verdict: DuplicateVerdict, member: Member, matched: str) -> str:
    return _(
        "🔁 {matched} is already <b>your lead #{number}</b>, since {since}.\n\n"
        "Open it to go on there, or add what you know now."
    ).format(matched=matched, number=verdict.number, since=_since(verdict, member))


def _taken(verdict: DuplicateVerdict, member: Member, matched: str) -> str:
    owner = esc(verdict.owner_name) or "—"
    text = _(_TAKEN[verdict.lead_id is not None, verdict.taken])
    return text.format(matched=matched, number=verdict.number, owner=owner, since=_since(verdict, member))


_TAKEN = {
    (False, True): N_(
        "🔒 {matched} is already with us: somebody sent it before, and it is in work.\n\n"
        "You can add a comment to that lead, or ask the responsible manager to get in touch with you."
    ),
    (False, False): N_(
        "🔒 {matched} is already with us and waits for a manager: nobody has taken it yet.\n\n"
        "You can add a comment to that lead, or ask the managers to get in touch with you."
    ),
    (True, True): N_(
        "🔒 {matched} is already <b>lead #{number}</b> of {owner}, since {since}.\n\n"
        "You can open it, add a comment, or ask the responsible manager to get in touch with you."
    ),
    (True, False): N_(
        "🔒 {matched} is already <b>lead #{number}</b>, since {since}: nobody has taken it yet.\n\n"
        "You can open it, add a comment, or ask the managers to get in touch with you."
    ),
}
"""By whether the asker may see the lead, and whether somebody is responsible for it."""


def _free(verdict: DuplicateVerdict, member: Member, matched: str) -> str:
    text = (
        _("♻️ We know {matched} since {since}, but that lead was closed without success: you may go on.")
        if verdict.closed
        else _(
            "♻️ We know {matched} since {since}, but that lead is old and nobody works on it: you may go on."
        )
    )
    return text.format(matched=matched, since=_since(verdict, member))


def _new(_verdict: DuplicateVerdict, _member: Member, matched: str) -> str:
    return _("🆕 {matched} is new to us: you may go on.").format(matched=matched)


_VERDICTS = {Verdict.YOURS: _yours, Verdict.TAKEN: _taken, Verdict.FREE: _free, Verdict.NEW: _new}


def _since(verdict: DuplicateVerdict, member: Member) -> str:
    return moment(verdict.since, member) if verdict.since else "—"


def _choices(verdict: DuplicateVerdict) -> list[list[Button]]:
    rows: list[list[Button]] = []
    if verdict.verdict in (Verdict.FREE, Verdict.NEW):
        rows.append([Button(_("➡️ Go on"), DuplicateButton(do="go_on"))])
    else:
        if verdict.lead_id is not None:
            rows.append([Button(_("📄 Open the lead"), LeadButton(do="open", lead=verdict.lead_id))])
        rows.append([Button(_("📎 Attach a comment"), DuplicateButton(do="attach"))])
    if verdict.verdict is Verdict.TAKEN:
        rows.append([Button(_("🙋 Ask the manager"), DuplicateButton(do="ask"))])
    rows.append([Button(_("✖️ Stop"), DuplicateButton(do="stop"))])
    return rows


def attached_screen() -> Screen:
    """The comment is with the lead that exists."""
    return Screen(_("📎 <b>Added.</b> Those who work on that lead know now."), further())


def further() -> list[list[Button]]:
    """Where to go when a draft is settled."""
    more = Button(_("➕ One more lead"), MenuButton(place="new_lead"))
    return [[more, Button(_("☰ Menu"), MenuButton(place="main"))]]
