"""Visits and lines of the cash book as purchases. Pure, and lenient: ids come as numbers or texts, flags as
booleans or 0/1, an absent client as null, {} or []."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm_adapters.yclients.api import Record
from domain.errors import BadInput
from domain.leads import Money
from domain.phones import read_phone
from domain.transaction_values import read_amount, read_moment, read_quantity
from domain.transactions import SourceTransaction, TransactionKind, TransactionLine, Unreadable

MONEY = "money-"
"""Before the id of a line of the cash book, which counts apart from visits."""

CAME = 1
SERVICES_RENDERED = "5"  # the cash book's own kind of income, in answers that do not name what was sold
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Place:
    """What a branch does not say in each record."""

    zone: ZoneInfo
    region: str
    currency: str


def visit(raw: object, place: Place) -> SourceTransaction | Unreadable:
    """A visit: a purchase once the client came and paid, cancelled as long or as soon as it is none.

    What was paid is the cash book's sum where the visit bears it, so that money given back counts; else the
    sum of its services and goods after their discounts, since a visit has no total of its own.
    """
    if not isinstance(raw, dict):
        return Unreadable("external_id", "invalid", {"value": raw})
    number = _id(raw.get("id"))
    if not number:
        return Unreadable("external_id", "required", raw)
    try:
        return _visit(raw, number, place)
    except BadInput as error:
        return Unreadable(error.field, error.reason, raw, number)


def _visit(raw: Record, number: str, place: Place) -> SourceTransaction:
    lines = (
        *_lines(raw.get("services"), "service", place),
        *_lines(raw.get("goods_transactions"), "goods", place),
    )
    cost = sum((line.amount for line in lines), Decimal(0))
    payments = _objects(raw.get("finance_transactions"))
    paid = sum((_sum(one.get("amount"), place) for one in payments), Decimal(0))
    came = _whole(raw.get("attendance")) == CAME
    bought = (
        came and not _flag(raw.get("deleted")) and (paid > 0 if payments else _flag(raw.get("paid_full")))
    )
    person = _object(raw.get("client"))
    return SourceTransaction(
        external_id=number,
        amount=Money(paid if bought and payments else cost, place.currency),
        happened_at=read_moment(raw.get("datetime") or raw.get("date"), place.zone),
        cancelled=not bought,
        phone=phone_of(person, place.region),
        customer=_id(person.get("id")),
        description=", ".join(line.title for line in lines)[:_LONGEST],
        lines=lines,
        changed_at=_changed(raw, place),
        raw=raw,
    )


def payment(raw: object, place: Place) -> SourceTransaction | Unreadable | None:
    """A line of the cash book that is a purchase made without a visit, or its refund; None for any other: a
    visit's payment (the visit tells it), wages, rent, a move between cash desks."""
    if not isinstance(raw, dict):
        return Unreadable("external_id", "invalid", {"value": raw})
    if _id(raw.get("record_id")) or not _is_sale(raw):
        return None
    number = _id(raw.get("id"))
    if not number:
        return Unreadable("external_id", "required", raw)
    try:
        return _payment(raw, MONEY + number, place)
    except BadInput as error:
        return Unreadable(error.field, error.reason, raw, MONEY + number)


def _payment(raw: Record, number: str, place: Place) -> SourceTransaction:
    amount = _sum(raw.get("amount"), place)
    person = _object(raw.get("client"))
    title = str(_object(raw.get("expense")).get("title") or "")[:_LONGEST]
    line = TransactionLine(
        title, Decimal(1), abs(amount), _id(raw.get("sold_item_id")), str(raw.get("sold_item_type") or "")
    )
    return SourceTransaction(
        external_id=number,
        amount=Money(abs(amount), place.currency),
        happened_at=read_moment(raw.get("date"), place.zone),
        kind=TransactionKind.REFUND if amount < 0 else TransactionKind.SALE,
        cancelled=_flag(raw.get("deleted")),
        phone=phone_of(person, place.region),
        customer=_id(person.get("id")),
        description=title,
        lines=(line,),
        changed_at=_changed(raw, place),
        raw=raw,
    )


def _is_sale(raw: Record) -> bool:
    """What was sold is named in newer answers; older ones have the kind of income and the client only."""
    if "sold_item_type" in raw:
        return bool(raw["sold_item_type"])
    kind = _id(_object(raw.get("expense")).get("id"))
    return kind == SERVICES_RENDERED and bool(_object(raw.get("client")))


def phone_of(person: Mapping[str, Any], region: str) -> str:
    """E.164, or empty: it is hidden from users without the right, and people type what they like."""
    try:
        return read_phone(str(person.get("phone") or ""), region)
    except BadInput:
        return ""


def _lines(told: object, group: str, place: Place) -> Sequence[TransactionLine]:
    """What a line costs is for all of it and positive; of goods that leave the stock the number is not."""
    return tuple(
        TransactionLine(
            str(one.get("title") or "")[:_LONGEST],
            read_quantity(one.get("amount", 1)),
            abs(_sum(one.get("cost"), place)),
            _id(one.get("good_id") or one.get("id")),
            group,
        )
        for one in _objects(told)
    )


def _changed(raw: Record, place: Place) -> datetime | None:
    told = raw.get("last_change_date")
    return read_moment(told, place.zone, "changed_at") if told else None


def _sum(value: object, place: Place) -> Decimal:
    return read_amount(value, place.currency, negative=True, point=".").amount


def _id(value: object) -> str:
    """A number or a text; empty for none, which may be 0 here."""
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return "" if text == "0" or len(text) > 64 else text


def _whole(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def _flag(value: object) -> bool:
    return value in (True, 1, "1", "true")


def _object(value: object) -> Record:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Record]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
