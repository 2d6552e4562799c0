"""Orders of iiko as purchases. Pure, and lenient: sums of lines need not add up, moments may be missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm_adapters.iiko.api import Record
from domain.errors import BadInput, CrmGone
from domain.leads import Money
from domain.phones import read_phone
from domain.transaction_values import read_amount, read_moment, read_quantity
from domain.transactions import SourceTransaction, TransactionLine, Unreadable

TABLE = "table"
BOUGHT = frozenset({"Delivered", "Closed"})
_MOMENTS = ("whenClosed", "whenDelivered", "completeBefore", "whenCreated")
_LONGEST = 300
# Words in an order's source or type that tell of an aggregator, whose phone is its own or masked: Latin
# names; Yandex, Delivery, Samokat and Kuper as they are written in Russian.
_AGGREGATORS = (
    "yandex", "delivery club", "delivery-club", "deliveryclub", "samokat", "kuper", "sbermarket", "broniboy",
    "chibbis", "ozon", "wolt", "glovo", "uber",
    "\u044f\u043d\u0434\u0435\u043a\u0441", "\u0434\u0435\u043b\u0438\u0432\u0435\u0440\u0438",
    "\u0441\u0430\u043c\u043e\u043a\u0430\u0442", "\u043a\u0443\u043f\u0435\u0440",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Restaurant:
    """What an order does not say: whose clock and money its moments and sums are in."""

    id: str
    name: str
    zone: ZoneInfo
    currency: str
    region: str


@dataclass(frozen=True, slots=True)
class OrderId:
    """An external id: an order is asked for by its restaurant, and in the hall by another method."""

    organization: str
    order: str
    table: bool = False

    def __str__(self) -> str:
        return f"{self.organization}:{self.order}" + (f":{TABLE}" if self.table else "")

    @classmethod
    def read(cls, text: str) -> "OrderId":
        """Raises CrmGone for what is no id of ours: nothing of that name can be there."""
        parts = text.split(":")
        if len(parts) not in (2, 3) or not all(parts) or (len(parts) == 3 and parts[2] != TABLE):
            raise CrmGone("not an id of ours")
        return cls(parts[0], parts[1], len(parts) == 3)


def order(raw: object, place: Restaurant, *, table: bool = False) -> SourceTransaction | Unreadable | None:
    """An OrderInfo: a purchase once it is delivered or closed, cancelled as long or as soon as it is none.
    None for what is still being made, or could not be: there is no order in it."""
    if not isinstance(raw, dict):
        return Unreadable("external_id", "invalid", {"value": raw})
    number = raw.get("id")
    if not isinstance(number, str) or not number or len(number) > 64:
        return Unreadable("external_id", "required", raw)
    inside = raw.get("order")
    if not isinstance(inside, dict):
        return None
    external_id = str(OrderId(place.id, number, table))
    try:
        return _order(raw, inside, external_id, place)
    except BadInput as error:
        return Unreadable(error.field, error.reason, raw, external_id)


def _order(raw: Record, inside: Record, external_id: str, place: Restaurant) -> SourceTransaction:
    status, lines = str(inside.get("status") or ""), tuple(_lines(inside, place))
    gone = inside.get("isDeleted") is True or bool(inside.get("movedToDeliveryId"))
    moment = next((inside[name] for name in _MOMENTS if inside.get(name)), None)
    own = not _of_aggregator(inside)
    titles = ", ".join(line.title for line in lines)
    return SourceTransaction(
        external_id=external_id,
        amount=Money(_sum(inside.get("sum"), place), place.currency),
        happened_at=read_moment(moment, place.zone),
        cancelled=gone or status not in BOUGHT,
        phone=_phone(inside.get("phone"), place.region) if own else "",
        customer=_customer(inside) if own else "",
        description=(f"{place.name}: {titles}" if titles else place.name)[:_LONGEST],
        lines=lines,
        changed_at=_changed(raw),
        raw=raw,
    )


def _lines(inside: Record, place: Restaurant) -> Iterator[TransactionLine]:
    """Products, combined ones, services; their modifiers are lines of their own, since each has its own price
    and its own place in the menu. Lines that were taken off the order are left out."""
    for item in _kept(inside.get("items")):
        yield _line(item, _what(item), place, Decimal(1))
        for more in _kept(item.get("modifiers")):
            times = Decimal(1) if more.get("amountIndependentOfParentAmount") else _count(item)
            yield _line(more, _object(more.get("product")), place, times)


def _line(item: Record, what: Mapping[str, Any], place: Restaurant, times: Decimal) -> TransactionLine:
    told = next((item[name] for name in ("resultSum", "cost", "price") if item.get(name) is not None), 0)
    return TransactionLine(
        str(what.get("name") or "")[:_LONGEST],
        _count(item) * times,
        _sum(told, place),
        str(what.get("id") or ""),
    )


def _what(item: Record) -> Mapping[str, Any]:
    for name in ("product", "service"):
        if isinstance(item.get(name), dict):
            return _object(item[name])
    return _object(_object(item.get("primaryComponent")).get("product"))


def _count(item: Record) -> Decimal:
    return read_quantity(item.get("amount", 1))


def _of_aggregator(inside: Record) -> bool:
    told = (
        inside.get("sourceKey"),
        *(_object(inside.get(one)).get("name") for one in ("orderType", "marketingSource")),
    )
    words = " ".join(str(one) for one in told if one).casefold()
    return any(name in words for name in _AGGREGATORS)


def _customer(inside: Record) -> str:
    """A guest whom the restaurant keeps; of a one-time customer there is only a name."""
    person = _object(inside.get("customer"))
    number = person.get("id")
    return (
        number if isinstance(number, str) and person.get("type") != "one-time" and len(number) <= 64 else ""
    )


def _phone(value: object, region: str) -> str:
    return phone_of(str(value or ""), region)


def phone_of(text: str, region: str) -> str:
    """E.164, or empty for none and for one that is masked."""
    try:
        return read_phone(text, region)
    except BadInput:
        return ""


def _changed(raw: Record) -> datetime | None:
    """Unix milliseconds."""
    told = raw.get("timestamp")
    return read_moment(told, "UTC", "changed_at") if told else None


def _sum(value: object, place: Restaurant) -> Decimal:
    return read_amount(value, place.currency, point=".").amount


def _kept(value: object) -> list[Record]:
    found = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    return [one for one in found if not one.get("deleted")]


def _object(value: object) -> Record:
    return value if isinstance(value, dict) else {}
