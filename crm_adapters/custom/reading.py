"""Records of a system nobody knows as purchases, by the expressions that people chose. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

from crm_adapters.custom.config import Config
from crm_adapters.custom.expressions import text_of
from crm_adapters.purchase_values import Own, happened, phone_in, signed
from crm_adapters.xml_answers import plain
from domain.errors import BadInput
from domain.leads import Money
from domain.transaction_values import hashed_ids, read_currency, read_moment, read_quantity
from domain.transactions import SourceTransaction, TransactionKind, TransactionLine, Unreadable

MOST_LINES, LONGEST, LONGEST_ID = 1000, 500, 200

Read = SourceTransaction | Unreadable


class Reader:
    """Reads the records of one connector; `business` tells equal purchases of two of them apart."""

    def __init__(self, config: Config, own: Own, business: str) -> None:
        self._config, self._own, self._business = config, own, business

    def page(self, records: Sequence[Any], now: datetime) -> list[Read]:
        """All records of an answer, in order. Those without an id get one of their moment, phone and sum,
        with an ordinal among equal ones of the answer."""
        read = [self.record(one, now) for one in records]
        nameless = [one for one in read if isinstance(one, SourceTransaction) and not one.external_id]
        rows = ((one.happened_at, one.phone, one.amount) for one in nameless)
        names = iter(hashed_ids(self._business, rows))
        return [self._named(one, names) if isinstance(one, SourceTransaction) else one for one in read]

    def _named(self, one: SourceTransaction, names: Iterator[str]) -> SourceTransaction:
        if one.external_id:
            return one
        values = {name: getattr(one, name) for name in SourceTransaction.__slots__}
        return SourceTransaction(**{**values, "external_id": next(names)})

    def record(self, record: Any, now: datetime) -> Read:
        """One record; its id is empty where it has none and the connector names none."""
        raw = _raw(record)
        try:
            number = self._text("id", record).strip()
            if len(number) > LONGEST_ID or ("id" in self._config.fields and not number):
                raise BadInput("external_id", "invalid" if number else "required")
            return self._purchase(record, number, raw, now)
        except BadInput as error:
            return Unreadable(error.field, error.reason, raw, self._text("id", record).strip()[:LONGEST_ID])

    def _value(self, name: str, record: Any) -> Any:
        wanted = self._config.fields.get(name)
        value = wanted.one(record) if wanted else None
        return text_of(value) if isinstance(value, Element) else value

    def _text(self, name: str, record: Any) -> str:
        return text_of(self._value(name, record))

    def _purchase(self, record: Any, number: str, raw: Mapping[str, Any], now: datetime) -> SourceTransaction:
        given = self._text("currency", record)
        currency = read_currency(given) if given else self._own.currency
        amount, back = signed(self._value("amount", record), currency, self._config.point)
        refers = self._text("refers_to", record)
        refund = back or self._text("kind", record).strip().casefold() in self._config.refund
        changed, revision = self._value("changed_at", record), self._text("revision", record)
        return SourceTransaction(
            number,
            amount,
            happened(self._value("date", record), self._own, now),
            TransactionKind.REFUND if refund else TransactionKind.SALE,
            cancelled=self._text("cancelled", record).strip().casefold() in self._config.cancelled,
            phone=phone_in(self._text("phone", record), self._own.region),
            customer=self._text("customer", record)[:LONGEST_ID],
            description=self._text("description", record)[:LONGEST],
            lines=tuple(self._lines(record, currency)),
            refers_to=refers[:LONGEST_ID] if refund else "",
            changed_at=read_moment(changed, self._own.zone, "changed_at") if changed else None,
            revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 18 else 0,
            raw=raw,
        )

    def _lines(self, record: Any, currency: str) -> Iterator[TransactionLine]:
        config = self._config
        for row in (config.each.find(record) if config.each else ())[:MOST_LINES]:
            told = {name: wanted.one(row) for name, wanted in config.line.items()}
            texts = {name: text_of(value) for name, value in told.items()}
            quantity = read_quantity(texts.get("quantity") or 1)
            yield TransactionLine(
                texts.get("title", "")[:LONGEST], quantity, self._cost(texts, quantity, currency),
                texts.get("item", "")[:LONGEST_ID], texts.get("group", "")[:LONGEST_ID],
            )  # fmt: skip

    def _cost(self, texts: Mapping[str, str], quantity: Decimal, currency: str) -> Decimal:
        """`amount` is of the whole line; without it the price of one piece is multiplied."""
        whole = texts.get("amount")
        money: Money = signed(whole or texts.get("price") or 0, currency, self._config.point)[0]
        return money.amount if whole else money.amount * quantity


def _raw(record: Any) -> Mapping[str, Any]:
    found = plain(record) if isinstance(record, Element) else record
    return found if isinstance(found, dict) else {"value": str(found)[:LONGEST]}
