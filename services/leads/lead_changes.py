"""Correcting a lead: reading what was typed, what of it needs a duplicate check, and writing it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from domain.errors import BadInput, TooLate
from domain.fields import NAME_LIMIT, read_email, read_inn, read_note, read_text
from domain.history import LIST
from domain.leads import Lead, LeadDraft
from domain.members import Member, Right
from domain.phones import read_phone
from services.leads.duplicates import CleanDraft, clean_draft
from services.leads.lead_state import CUSTOM, NoWayBack, field_of, kept_now
from storage.db import Session
from storage.leads import changes as change_rows
from storage.leads import lead_history
from storage.leads import leads as rows

FIELDS = (
    "name", "company", "phone", "email", "inn", "amount", "note", "segment", "product", "region", "source",
    "tags",
)  # fmt: skip
EMPTIABLE = frozenset(FIELDS) - {"name", "phone"}
"""What may be left empty; a lead keeps a name or a company, and a phone or an e-mail."""

TAG_LIMIT, TAGS_LIMIT = 32, 10
LIMITS = {"name": NAME_LIMIT, "segment": 64, "product": 64, "region": 64, "source": 32}
_POINTS = ("phone", "email")
Value = str | Decimal


@dataclass(frozen=True, slots=True)
class Correction:
    """Exact values by field as read, and as they were typed. `contacts` is what another lead may have."""

    values: Mapping[str, str]
    typed: Mapping[str, Value]
    contacts: CleanDraft | None = field(default=None)


def demand_untaken(lead: Lead) -> None:
    """Raises TooLate: withdrawn, or taken and by whom."""
    if lead.withdrawn_at is not None:
        raise TooLate("withdrawn")
    if lead.assignee_id is not None:
        raise TooLate("taken", by=lead.assignee_name)


def demand_changeable(member: Member, lead: Lead) -> None:
    """The sender may change a lead until it is taken, those who work leads at any time. Raises TooLate."""
    if lead.withdrawn_at is not None:
        raise TooLate("withdrawn")
    if not member.may(Right.LEAD_WORK):
        demand_untaken(lead)


async def demand_unchanged(s: Session, lead: Lead, seen: Mapping[str, str]) -> None:
    """Raises TooLate where somebody has written another value than the exact one that was seen."""
    for name, exact in seen.items():
        known = field_of(name)
        if known is not None and not known.same(await known.now(s, lead), exact):
            raise TooLate("changed_meanwhile")


def read_correction(lead: Lead, changes: Mapping[str, Value], region: str) -> Correction:
    """Raises BadInput for a field that cannot be read or corrected, or that must not be empty."""
    values = {name: _read(lead, name, value, region) for name, value in changes.items()}
    kept = {"name": lead.name, "company": lead.company}
    kept |= {"phone": LIST.join(lead.phones), "email": LIST.join(lead.emails)}
    for first, second in (("name", "company"), ("phone", "email")):
        # what the CRM has emptied stands in nobody's way
        touched = {first, second} & values.keys()
        if touched and not ({**kept, **values}[first] or {**kept, **values}[second]):
            raise BadInput(first, "required")
    known = {"phone": lead.phones, "email": lead.emails, "inn": (lead.inn,)}
    new = {
        name: values[name].split(LIST)[0]
        for name in known
        if values.get(name) and values[name].split(LIST)[0] not in known[name]
    }
    if not new:
        return Correction(values, changes)
    draft = LeadDraft(
        phones=(new["phone"],) if "phone" in new else (),
        emails=(new["email"],) if "email" in new else (),
        inn=new.get("inn", ""),
    )
    return Correction(values, changes, clean_draft(draft, region))


async def write_correction(
    s: Session, member: Member, lead: Lead, correction: Correction, now: datetime
) -> list[str]:
    """Write the values that differ, with their history; returns their names."""
    written: list[tuple[str, str, str]] = []
    for name, value in correction.values.items():
        known = field_of(name)
        before = await known.now(s, lead) if known is not None else value
        if known is None or known.same(before, value):
            continue
        try:
            await known.put(s, lead, value, now)
        except NoWayBack as error:
            raise BadInput(name, "required") from error
        if name in _POINTS and value:
            await rows.keep_typed(s, lead.id, name, value.split(LIST)[0], str(correction.typed[name]))
        written.append((name, await kept_now(s, known, before), await kept_now(s, known, value)))
    if written:
        change_id = await change_rows.begin(s, member.id, "lead.edit", now)
        await lead_history.add_history(s, lead.id, member.id, "chat", written, now, change_id)
    return [name for name, _, _ in written]


def _read(lead: Lead, name: str, value: Value, region: str) -> str:
    if name.startswith(CUSTOM):
        return str(value)
    if name not in FIELDS:
        raise BadInput(name, "unknown")
    if isinstance(value, Decimal):
        return f"{value:.2f} {lead.amount.currency if lead.amount else 'RUB'}"
    if not value.strip() and name in EMPTIABLE:
        return _points("", lead.emails) if name == "email" else ""
    if name == "phone":
        return _points(read_phone(value, region), lead.phones)
    if name == "email":
        return _points(read_email(value), lead.emails)
    if name == "inn":
        return read_inn(value)
    if name == "note":
        return read_note(value)
    if name == "tags":
        return LIST.join(read_tags(value))
    return read_text(name, value, LIMITS.get(name, 200))


def _points(first: str, known: tuple[str, ...]) -> str:
    """The list with another primary one; without it, the next one becomes it."""
    return LIST.join(one for one in dict.fromkeys((first, *known[1:])) if one)


def read_tags(typed: str) -> list[str]:
    """Tags between commas, in the order of the alphabet, each once whatever its case. Raises BadInput."""
    given = [" ".join(one.lstrip("#").split()) for one in typed.replace("\n", ",").split(",")]
    tags = {one.casefold(): one for one in reversed(given) if one}
    if any(len(one) > TAG_LIMIT for one in tags.values()):
        raise BadInput("tags", "too_long", limit=TAG_LIMIT, length=max(map(len, tags.values())))
    if len(tags) > TAGS_LIMIT:
        raise BadInput("tags", "too_many", limit=TAGS_LIMIT)
    return sorted(tags.values())
