"""Correcting a lead: reading what was typed, what of it needs a duplicate check, and writing it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from domain.errors import BadInput, TooLate
from domain.fields import NAME_LIMIT, read_email, read_inn, read_note, read_text
from domain.leads import Lead, LeadDraft
from domain.members import Member
from domain.phones import read_phone
from services.duplicates import CleanDraft, clean_draft
from storage import lead_history
from storage import leads as rows
from storage.db import Session

FIELDS = ("name", "company", "phone", "email", "inn", "amount", "note")
_POINTS = ("phone", "email")
Value = str | Decimal


@dataclass(frozen=True, slots=True)
class Correction:
    """New values by field, only those that differ. `contacts` is what another lead may have already."""

    values: Mapping[str, Value]
    typed: Mapping[str, Value]
    before: Mapping[str, Value]
    contacts: CleanDraft | None = field(default=None)


def demand_untaken(lead: Lead) -> None:
    """Raises TooLate: withdrawn, or taken and by whom."""
    if lead.withdrawn_at is not None:
        raise TooLate("withdrawn")
    if lead.assignee_id is not None:
        raise TooLate("taken", by=lead.assignee_name)


def read_correction(lead: Lead, changes: Mapping[str, Value], region: str) -> Correction:
    """Raises BadInput for a field that cannot be read or corrected."""
    read = {name: _read(name, value, region) for name, value in changes.items()}
    before: dict[str, Value] = {
        "name": lead.name, "company": lead.company, "inn": lead.inn, "note": lead.note,
        "phone": lead.phones[0] if lead.phones else "",
        "email": lead.emails[0] if lead.emails else "",
        "amount": lead.amount.amount if lead.amount else "",
    }  # fmt: skip
    values = {name: value for name, value in read.items() if value != before[name]}
    known = {"phone": lead.phones, "email": lead.emails, "inn": (lead.inn,)}
    new = {name: str(values[name]) for name in known if name in values and values[name] not in known[name]}
    if not new:
        return Correction(values, changes, before)
    draft = LeadDraft(
        phones=(new["phone"],) if "phone" in new else (),
        emails=(new["email"],) if "email" in new else (),
        inn=new.get("inn", ""),
    )
    return Correction(values, changes, before, clean_draft(draft, region))


async def write_correction(
    s: Session, member: Member, lead: Lead, correction: Correction, now: datetime
) -> list[tuple[str, str, str]]:
    """Write the new values with their history; (field, old, new) of each."""
    values = correction.values
    if not values:
        return []
    written = [(name, str(correction.before[name]), str(value)) for name, value in values.items()]
    columns = {name: value for name, value in values.items() if name not in _POINTS}
    await rows.update_lead(s, lead.id, now, **columns)
    for kind, known in (("phone", lead.phones), ("email", lead.emails)):
        if kind in values:
            points = [(kind, str(values[kind]), str(correction.typed[kind]))]
            points += [(kind, one, one) for one in known[1:] if one != values[kind]]
            await rows.replace_contact_points(s, lead.id, kind, points)
    await lead_history.add_history(s, lead.id, member.id, "chat", written, now)
    return written


def _read(name: str, value: Value, region: str) -> Value:
    if name not in FIELDS:
        raise BadInput(name, "unknown")
    if isinstance(value, Decimal):
        return value
    if name == "phone":
        return read_phone(value, region)
    if name == "email":
        return read_email(value)
    if name == "inn":
        return read_inn(value)
    if name == "note":
        return read_note(value)
    return read_text(name, value, NAME_LIMIT if name == "name" else 200)
