"""The fields of a lead that a change can be taken back in: how each stands now, and how it is put back.

A value here is the exact text of domain.history. The table FIELDS is all there is to say about a field;
`custom.<key>` stands for every field of an organization's own.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from domain.history import LIST, kept
from domain.leads import Lead
from domain.members import MemberStatus
from storage.db import Session
from storage.leads import customers as customer_rows
from storage.leads import lead_tags
from storage.leads import leads as rows
from storage.people import members as member_rows
from storage.pipelines import stages as stage_rows

CUSTOM = "custom."


class NoWayBack(Exception):
    """The value cannot be put back: its stage or member is gone, or the lead would be without a name."""


@dataclass(frozen=True, slots=True)
class LeadField:
    """How one field stands, how it is put back (raises NoWayBack), how its exact text is kept in the history,
    and its name in an operation for the CRM (empty: a CRM does not get it)."""

    now: Callable[[Session, Lead], Awaitable[str]]
    put: Callable[[Session, Lead, str, datetime], Awaitable[None]]
    crm: str = ""
    keep: Callable[[Session, str], Awaitable[str]] | None = None
    same: Callable[[str, str], bool] = str.__eq__


SOUGHT = frozenset({"name", "company", "phone", "email", "inn"})
"""Fields whose words leads are found by."""

NO_STATE = frozenset({"reason", "pipeline", "merged", "hand_over", "late"})
"""Entries that tell something about a change beside them and are nothing to put back by themselves."""


def field_of(name: str) -> LeadField | None:
    """How to take a field of the history back; None where there is no way."""
    if name.startswith(CUSTOM):
        return _custom(name.removeprefix(CUSTOM))
    return FIELDS.get(name)


async def kept_now(s: Session, known: LeadField, exact: str) -> str:
    """An exact text as the history keeps it."""
    return await known.keep(s, exact) if known.keep is not None else exact


def _column(name: str) -> LeadField:
    async def now(_s: Session, lead: Lead) -> str:
        return str(getattr(lead, name))

    async def put(s: Session, lead: Lead, value: str, at: datetime) -> None:
        other = {"name": lead.company, "company": lead.name}.get(name, "-")
        if not value and not other:
            raise NoWayBack
        await rows.update_lead(s, lead.id, at, **{name: value})

    return LeadField(now, put, name)


def _points(kind: str) -> LeadField:
    async def now(_s: Session, lead: Lead) -> str:
        return LIST.join(lead.phones if kind == "phone" else lead.emails)

    async def put(s: Session, lead: Lead, value: str, at: datetime) -> None:
        points = [(kind, one, one) for one in value.split(LIST) if one]
        await rows.replace_contact_points(s, lead.id, kind, points)
        await rows.update_lead(s, lead.id, at)

    return LeadField(now, put, kind)


def _custom(key: str) -> LeadField:
    async def now(_s: Session, lead: Lead) -> str:
        return str(lead.custom.get(key, ""))

    async def put(s: Session, lead: Lead, value: str, at: datetime) -> None:
        fresh = await rows.get_lead(s, lead.id)
        held = {name: text for name, text in (fresh or lead).custom.items() if name != key}
        await rows.update_lead(s, lead.id, at, custom={**held, key: value} if value else held)

    return LeadField(now, put, "custom")


async def _amount_now(_s: Session, lead: Lead) -> str:
    return exact_amount(lead)


def exact_amount(lead: Lead) -> str:
    """ "3000000.00 RUB"; an empty text without an amount."""
    return f"{lead.amount.amount:.2f} {lead.amount.currency}" if lead.amount else ""


async def _put_amount(s: Session, lead: Lead, value: str, at: datetime) -> None:
    number, _space, currency = value.partition(" ")
    try:
        amount = Decimal(number) if number else None
    except InvalidOperation as error:
        raise NoWayBack from error
    given = {"currency": currency} if currency else {}
    await rows.update_lead(s, lead.id, at, amount=amount, **given)


async def _keep_amount(_s: Session, value: str) -> str:
    number = value.partition(" ")[0]
    return kept(f"{Decimal(number).normalize():f}", value) if number else ""


def _same_amount(one: str, other: str) -> bool:
    numbers = [text.partition(" ")[0] for text in (one, other)]
    if not all(numbers):
        return numbers[0] == numbers[1]
    try:
        return Decimal(numbers[0]) == Decimal(numbers[1])
    except InvalidOperation:
        return False


async def _stage_now(_s: Session, lead: Lead) -> str:
    return str(lead.stage.id)


async def _stage_id(s: Session, value: str) -> UUID:
    """The stage by its id, or, in old entries, by its key or name where there is but one."""
    stages = await stage_rows.list_stages(s)
    found = [one.id for one in stages if str(one.id) == value]
    found = found or [one.id for one in stages if value and value in (one.key, one.name)]
    if len(found) != 1:
        raise NoWayBack
    return found[0]


async def _put_stage(s: Session, lead: Lead, value: str, at: datetime) -> None:
    await rows.update_lead(s, lead.id, at, stage_id=await _stage_id(s, value))


async def _keep_stage(s: Session, value: str) -> str:
    for stage in await stage_rows.list_stages(s):
        if str(stage.id) == value:
            return kept(stage.key or stage.name, value)
    return value


async def _assignee_now(_s: Session, lead: Lead) -> str:
    return str(lead.assignee_id or "")


async def _put_assignee(s: Session, lead: Lead, value: str, at: datetime) -> None:
    if not value:
        await rows.update_lead(s, lead.id, at, assignee_id=None, taken_at=None)
        return
    try:
        member = await member_rows.get_member(s, UUID(value))
    except ValueError as error:
        raise NoWayBack from error
    if member is None or member.status is not MemberStatus.ACTIVE:
        raise NoWayBack
    await rows.update_lead(s, lead.id, at, assignee_id=member.id, taken_at=lead.taken_at or at)


async def _keep_assignee(s: Session, value: str) -> str:
    member = await member_rows.get_member(s, UUID(value)) if value else None
    return kept(member.name, value) if member is not None else ""


async def _tags_now(s: Session, lead: Lead) -> str:
    return LIST.join(await lead_tags.tags_of(s, lead.id))


async def _put_tags(s: Session, lead: Lead, value: str, at: datetime) -> None:
    await lead_tags.replace_tags(s, lead.id, [tag for tag in value.split(LIST) if tag])
    await rows.update_lead(s, lead.id, at)


def _same_list(one: str, other: str) -> bool:
    return set(filter(None, one.split(LIST))) == set(filter(None, other.split(LIST)))


async def _deleted_now(_s: Session, lead: Lead) -> str:
    return "yes" if lead.deleted_at is not None else ""


async def _put_deleted(s: Session, lead: Lead, value: str, at: datetime) -> None:
    await rows.update_lead(s, lead.id, at, deleted_at=at if value else None)


async def _put_customer(s: Session, lead: Lead, value: str, at: datetime) -> None:
    if value:
        raise NoWayBack
    if lead.customer_id is not None:
        await customer_rows.update_customer(s, lead.customer_id, at, deleted_at=at)
    await rows.update_lead(s, lead.id, at, customer_id=None)


async def _customer_now(_s: Session, lead: Lead) -> str:
    return str(lead.customer_id or "")


_COLUMNS = ("name", "company", "inn", "note", "source", "segment", "product", "region")

FIELDS: Mapping[str, LeadField] = {
    **{name: _column(name) for name in _COLUMNS},
    "phone": _points("phone"),
    "email": _points("email"),
    "amount": LeadField(_amount_now, _put_amount, "amount", _keep_amount, _same_amount),
    "stage": LeadField(_stage_now, _put_stage, "stage", _keep_stage),
    "assignee": LeadField(_assignee_now, _put_assignee, "assignee", _keep_assignee),
    "tags": LeadField(_tags_now, _put_tags, same=_same_list),
    "deleted": LeadField(_deleted_now, _put_deleted),
    "customer": LeadField(_customer_now, _put_customer),
}
