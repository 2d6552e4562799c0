"""A document of 1C as a purchase. Pure.

Facts: attributes of the platform are English (Ref_Key, Date, Posted, DeletionMark, DataVersion), those of a
configuration keep their names; dates are the base's wall clock, an empty one is the year 1, an empty
reference is a row of zeros; numbers may come as texts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm_adapters.onec.presets import Document, Presets
from crm_adapters.purchase_values import Own, happened, phone_in, signed
from domain.errors import BadInput
from domain.transaction_values import read_quantity
from domain.transactions import SourceTransaction, TransactionKind, TransactionLine, Unreadable

NO_REF = "00000000-0000-0000-0000-000000000000"
PREFIX = "1C-"
MOST_LINES = 1000
LONGEST = 500

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What other objects tell of those that a page refers to."""

    phones: Mapping[str, str] = field(default_factory=dict, repr=False)
    items: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)


def prefixed(number: str) -> str:
    """The external id; what bears the prefix already keeps it alone."""
    return number if number.upper().startswith(PREFIX) else f"{PREFIX}{number}"


def unprefixed(external_id: str) -> str:
    return external_id[len(PREFIX) :] if external_id.upper().startswith(PREFIX) else external_id


def first(record: Record, names: Sequence[str]) -> Any:
    """The first attribute that is there and not empty; None without one."""
    values = (record.get(name) for name in names)
    return next((value for value in values if value not in (None, "", NO_REF, [], {})), None)


def references(record: Record, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(attribute, key) of the references that are filled."""
    for name in names:
        key = record.get(name)
        if isinstance(key, str) and key and key != NO_REF:
            yield name, key


def rows_of(record: Record, parts: Sequence[str]) -> Iterator[Record]:
    for part in parts:
        rows = record.get(part)
        yield from (
            row for row in (rows if isinstance(rows, list) else ())[:MOST_LINES] if isinstance(row, dict)
        )


class Reader:
    """Turns documents of one base into purchases."""

    def __init__(self, presets: Presets, own: Own) -> None:
        self._presets, self._own = presets, own

    def read(
        self, document: Document, record: Any, known: Known, now: datetime
    ) -> SourceTransaction | Unreadable:
        """The purchase, or what stands in the way of reading it."""
        raw = record if isinstance(record, dict) else {"value": str(record)[:LONGEST]}
        key = raw.get("Ref_Key")
        if not isinstance(key, str) or not key or key == NO_REF:
            return Unreadable("external_id", "required", raw)
        try:
            return self._purchase(document, raw, prefixed(key), known, now)
        except BadInput as error:
            return Unreadable(error.field, error.reason, raw, prefixed(key))

    def _purchase(
        self, document: Document, raw: Record, external_id: str, known: Known, now: datetime
    ) -> SourceTransaction:
        moment = happened(raw.get("Date"), self._own, now)
        currency = known.currencies.get(str(first(raw, document.currency) or ""), self._own.currency)
        amount, back = signed(first_number(raw, document.amount), currency)
        kind = self._kind(document, raw, back)
        customer = next((key for _, key in references(raw, document.customer)), "")
        card = next((key for _, key in references(raw, document.card)), "")
        phone = phone_in(first(raw, document.phone), self._own.region) or known.phones.get(customer, "")
        refers = first(raw, document.refers_to) if kind is TransactionKind.REFUND else None
        number = str(raw.get("Number") or "").strip()
        return SourceTransaction(
            external_id,
            amount,
            moment,
            kind,
            cancelled=raw.get("DeletionMark") is True or raw.get("Posted") is not True,
            phone=phone,
            customer=card or customer,
            description=f"{document.title} {number}".strip()[:LONGEST],
            lines=tuple(self._lines(document, raw, currency, known)),
            refers_to=prefixed(refers) if isinstance(refers, str) else "",
            raw=raw,
        )

    def _kind(self, document: Document, raw: Record, back: bool) -> TransactionKind:
        said = str(raw.get(document.refund_field) or "") if document.refund_field else ""
        refund = back or document.kind == "refund" or said in document.refund_values
        return TransactionKind.REFUND if refund else TransactionKind.SALE

    def _lines(
        self, document: Document, raw: Record, currency: str, known: Known
    ) -> Iterator[TransactionLine]:
        line = self._presets.line
        for row in rows_of(raw, document.lines):
            item = next((key for _, key in references(row, line.get("item", ()))), "")
            title, group = known.items.get(item, ("", ""))
            said = str(first(row, line.get("title", ())) or title)
            amount, _ = signed(first_number(row, line.get("amount", ())) or 0, currency)
            quantity = read_quantity(first_number(row, line.get("quantity", ())))
            yield TransactionLine(said[:LONGEST], quantity, amount.amount, item, group)


def first_number(record: Record, names: Sequence[str]) -> Any:
    """The first of the attributes that the record has, be it zero; None without one."""
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)
