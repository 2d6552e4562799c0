"""Rows of an uploaded table as purchases: which column is what, and each row read on its own. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_adapters.custom.suggesting import GUESSES
from crm_adapters.purchase_values import AHEAD, Own, signed
from domain.errors import BadInput
from domain.importing import IGNORE
from domain.leads import Money
from domain.phone_columns import PhoneColumn
from domain.phones import read_phone
from domain.transaction_columns import AmountColumn, MomentColumn
from domain.transaction_values import HashedIds, read_moment
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
    """A row that is left out: its number as a spreadsheet counts, the field and the reason as BadInput. One
    that is `kept` comes in all the same, without what could not be read."""

    row: int
    field: str
    problem: str
    cells: tuple[str, ...]
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What the rows of a table say. `phoneless` are purchases whose phone cannot be read: nobody's, until
    somebody mends the table."""

    good: list[SourceTransaction]
    wrong: list[WrongRow]
    phoneless: list[WrongRow]

    @property
    def rows(self) -> int:
        """How many were read or told wrong."""
        return len(self.good) + len(self.wrong)


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


class TableReader:
    """Reads the rows of one table, as many at a time as are given. Rows without a number of their own get one
    out of what they say: the same table again makes the same ones. `business` tells equal rows of two tables
    apart."""

    def __init__(self, columns: Sequence[str], own: Own, now: datetime, business: str) -> None:
        self._latest = now + AHEAD
        self._places = {name: place for place, name in enumerate(columns) if name != IGNORE}
        self._phones, self._moments = PhoneColumn(own.region), MomentColumn(own.zone)
        self._amounts = {"": AmountColumn(own.currency)}
        self._ids = HashedIds(business)

    def read(self, rows: Iterable[tuple[int, Sequence[str]]]) -> Told:
        """Every row read or told wrong."""
        told = Told([], [], [])
        for row, cells in rows:
            try:
                one, unread = self._read(cells)
            except BadInput as error:
                told.wrong.append(WrongRow(row, error.field, error.reason, tuple(cells)))
                continue
            told.good.append(one)
            if unread:
                told.phoneless.append(WrongRow(row, "phone", "invalid", tuple(cells), kept=True))
        return told

    def _read(self, cells: Sequence[str]) -> tuple[SourceTransaction, bool]:
        """The purchase, and whether it has a phone that cannot be read."""
        width = len(cells)
        given = {name: cells[place].strip() for name, place in self._places.items() if place < width}
        get = given.get
        currency = get("currency", "")
        amounts = self._amounts.get(currency)
        if amounts is None:
            amounts = self._amounts[currency] = AmountColumn(currency)
        money = amounts.read(get("amount", ""))
        back = money.amount < 0
        if back:
            money = Money(-money.amount, money.currency)
        at = self._moments.read(get("date", ""))
        if at > self._latest:
            raise BadInput("happened_at", "future")
        typed = get("phone", "")
        phone = self._phone(typed) if typed else ""
        return SourceTransaction(
            get("id", "")[:LONGEST_ID] or self._ids.of(at, phone, money),
            money,
            at,
            TransactionKind.REFUND if back or get("kind", "").casefold() in REFUND else TransactionKind.SALE,
            get("cancelled", "").casefold() in CANCELLED,
            phone,
            get("customer", "")[:200],
            get("description", "")[:1000],
        ), not phone and bool(typed)

    def _phone(self, typed: str) -> str:
        """E.164, or nothing for what is no phone: the purchase stands without it."""
        try:
            return self._phones.read(typed)
        except BadInput:
            return ""
