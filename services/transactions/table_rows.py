"""Rows of an uploaded table as purchases: which column is what, and each row read on its own. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_adapters.custom.suggesting import GUESSES
from crm_adapters.purchase_values import Own, happened, signed
from domain.errors import BadInput
from domain.importing import IGNORE
from domain.phone_columns import PhoneColumn
from domain.phones import read_phone
from domain.transaction_values import hashed_ids, read_currency, read_moment
from domain.transactions import SourceTransaction, TransactionKind

COLUMNS = ("id", "date", "amount", "phone", "currency", "description", "kind", "customer", "cancelled")
NEEDED = ("date", "amount")
LONGEST_ID = 200
# Words of a column that say what went back, and what was called off; the rest are those in Russian.
REFUND = frozenset({"refund", "return", "\u0432\u043e\u0437\u0432\u0440\u0430\u0442"})
CANCELLED = frozenset(
    {"true", "1", "yes", "cancelled", "canceled", "deleted", "\u0434\u0430",
     "\u043e\u0442\u043c\u0435\u043d\u0430",
     "\u043e\u0442\u043c\u0435\u043d\u0435\u043d\u043e", "\u0443\u0434\u0430\u043b\u0435\u043d\u043e"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that is left out: its number as a spreadsheet counts, the field and the reason as BadInput."""

    row: int
    field: str
    problem: str
    cells: tuple[str, ...]


def guessed(header: Sequence[str], sample: Sequence[Sequence[str]], own: Own) -> tuple[str, ...]:
    """What each column is, by its name and by what stands in it; IGNORE for the rest."""
    width = max([len(header), *(len(row) for row in sample)], default=0)
    found = [IGNORE] * width
    plain = [re.sub(r"[\W_]", "", title).casefold() for title in header]
    for field in COLUMNS:
        names = GUESSES.get(field, ())
        fitting = [
            (names.index(title), place)
            for place, title in enumerate(plain)
            if title in names and found[place] == IGNORE and _fits(field, _cells(sample, place), own)
        ]
        if fitting:
            found[min(fitting)[1]] = field
    return tuple(found)


def _cells(sample: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place] for row in sample if place < len(row) and row[place].strip()]


def _fits(field: str, cells: Sequence[str], own: Own) -> bool:
    """Whether half of what stands there can be read so; a few slips are told row by row."""
    readers: Mapping[str, Callable[[str], object]] = {
        "date": lambda text: read_moment(text, own.zone),
        "amount": lambda text: signed(text, own.currency, point=""),
        "phone": lambda text: read_phone(text, own.region),
    }
    if field not in readers:
        return True
    return bool(cells) and 2 * sum(_reads(readers[field], text) for text in cells) >= len(cells)


def _reads(reader: Callable[[str], object], text: str) -> bool:
    try:
        reader(text)
    except BadInput:
        return False
    return True


def fits(columns: Sequence[str]) -> bool:
    """Whether enough is known to read purchases."""
    return all(name in columns for name in NEEDED)


def demand(columns: Sequence[str]) -> None:
    """Raises BadInput("table", "no_date" or "no_amount")."""
    for name in NEEDED:
        if name not in columns:
            raise BadInput("table", f"no_{name}")


def read_rows(
    rows: Iterable[tuple[int, Sequence[str]]], columns: Sequence[str], own: Own, now: datetime, business: str
) -> tuple[list[SourceTransaction], list[WrongRow]]:
    """Every row read or told wrong. Rows without a number of their own get one out of what they say: the same
    table again makes the same ones."""
    good: list[SourceTransaction] = []
    wrong: list[WrongRow] = []
    phones = PhoneColumn(own.region)
    for row, cells in rows:
        try:
            good.append(_read(cells, columns, own, now, phones))
        except BadInput as error:
            wrong.append(WrongRow(row, error.field, error.reason, tuple(cells)))
    without = [place for place, one in enumerate(good) if not one.external_id]
    told = [(good[place].happened_at, good[place].phone, good[place].amount) for place in without]
    for place, name in zip(without, hashed_ids(business, told), strict=True):
        good[place] = _named(good[place], name)
    return good, wrong


def _read(
    cells: Sequence[str], columns: Sequence[str], own: Own, now: datetime, phones: PhoneColumn
) -> SourceTransaction:
    given = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name != IGNORE}
    currency = read_currency(given["currency"]) if given.get("currency") else own.currency
    money, back = signed(given.get("amount", ""), currency, point="")
    back = back or given.get("kind", "").casefold() in REFUND
    return SourceTransaction(
        external_id=given.get("id", "")[:LONGEST_ID],
        amount=money,
        happened_at=happened(given.get("date", ""), own, now),
        kind=TransactionKind.REFUND if back else TransactionKind.SALE,
        cancelled=given.get("cancelled", "").casefold() in CANCELLED,
        phone=_phone(phones, given.get("phone", "")),
        customer=given.get("customer", "")[:200],
        description=given.get("description", "")[:1000],
    )


def _phone(phones: PhoneColumn, typed: str) -> str:
    """E.164, or nothing for what is no phone: the purchase stands without it."""
    try:
        return phones.read(typed) if typed else ""
    except BadInput:
        return ""


def _named(one: SourceTransaction, name: str) -> SourceTransaction:
    return SourceTransaction(
        name, one.amount, one.happened_at, one.kind, one.cancelled, one.phone, one.customer, one.description
    )
