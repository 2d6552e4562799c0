"""Purchases out of the base's own HTTP service: `GET <service>?since=`, in JSON or XML.

The answer is a list, or an object whose `items` (also transactions, data, value) is one and whose `next` is
the cursor of the following page. `since` is the base's wall clock, as 1C itself writes dates. A purchase has
id, date, customer_phone, amount, items; and, where the service tells it, deleted, posted, type, currency,
number, customer, version, refund_of. See README.md for the whole of the contract.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element
from zlib import crc32

from crm_adapters.onec.api import NO_BASE, OneCApi
from crm_adapters.onec.reading import (
    LONGEST,
    MOST_LINES,
    first,
    first_number,
    prefixed,
    unprefixed,
)
from crm_adapters.purchase_values import Own, happened, phone_in, signed
from crm_adapters.spans import belongs
from crm_adapters.xml_answers import plain
from domain.errors import BadInput, CrmGone, CrmRejected, CrmUnavailable, CrmUnsupported
from domain.transaction_values import read_currency, read_moment, read_quantity
from domain.transactions import (
    SourceTransaction,
    TransactionKind,
    TransactionLine,
    TransactionPage,
    Unreadable,
    Window,
)

OVERLAP = timedelta(hours=2)
PAGE = 200
MOST_PAGES = 5000
LONGEST_CURSOR = 500
LISTS = ("items", "transactions", "data", "value", "results")
REPEATS = "the source repeats a page"
ENDLESS = "the source never ends"

_IDS = ("id", "Id", "ID", "guid", "Ref_Key")
_DATES = ("date", "Date", "datetime", "created_at")
_PHONES = ("customer_phone", "phone")
_AMOUNTS = ("amount", "total", "sum")
_CHANGED = ("changed_at", "updated_at")
_REFUNDS = ("refund", "return")
_NO = (False, 0, "false", "0", "no", "", None)


class ServicePurchases:
    """The way through an HTTP service of one base."""

    overlap = OVERLAP

    def __init__(self, api: OneCApi, path: str, own: Own, now: Callable[[], datetime]) -> None:
        self._api, self._path, self._own, self._now = api, path, own, now

    async def transactions(self, window: Window, after: str) -> TransactionPage:
        number, last, cursor = (*after.split("|", 2), "", "")[:3]
        if after and not (cursor and number.isascii() and number.isdigit()):
            raise CrmRejected("unknown place in the source")
        pages = int(number or 0)
        if pages >= MOST_PAGES:
            raise CrmRejected(ENDLESS)
        since = window.since.astimezone(self._own.zone).strftime("%Y-%m-%dT%H:%M:%S")
        params = [("since", since), ("limit", str(PAGE)), *([("cursor", cursor)] if cursor else [])]
        found, following = listed(await self._api.get(self._path, params))
        told = f"{crc32(repr(found).encode()):08x}"
        if following and (following == cursor or told == last):
            raise CrmRejected(REPEATS)
        read = [self.read(record) for record in found]
        read = [one for one in read if isinstance(one, Unreadable) or belongs(one.happened_at, window)]
        return TransactionPage(read, f"{pages + 1}|{told}|{following}" if following else "")

    async def read_transaction(self, external_id: str) -> SourceTransaction | Unreadable:
        """`GET <service>/<id>`; the id is sent as the service told it, which may or may not bear "1C-"."""
        for number in dict.fromkeys((unprefixed(external_id), external_id)):
            try:
                found = _plain(await self._api.get(f"{self._path}/{quote(number, safe='')}"))
            except CrmGone:
                continue
            except CrmRejected as error:
                if error.reason == NO_BASE:
                    raise CrmUnsupported("the service reads no single purchase") from None
                raise
            if not isinstance(found, dict):
                raise CrmUnavailable("answer cannot be read")
            return self.read(found)
        raise CrmGone("record not found")

    def read(self, record: Any) -> SourceTransaction | Unreadable:
        """One purchase, or what stands in the way of reading it."""
        raw = record if isinstance(record, dict) else {"value": str(record)[:LONGEST]}
        number = first(raw, _IDS)
        if not isinstance(number, str | int) or isinstance(number, bool) or len(str(number)) > 100:
            return Unreadable("external_id", "required" if number is None else "invalid", raw)
        external_id = prefixed(str(number).strip())
        try:
            return self._purchase(raw, external_id)
        except BadInput as error:
            return Unreadable(error.field, error.reason, raw, external_id)

    def _purchase(self, raw: Mapping[str, Any], external_id: str) -> SourceTransaction:
        given = str(first(raw, ("currency",)) or "")
        currency = read_currency(given) if given else self._own.currency
        amount, back = signed(first_number(raw, _AMOUNTS), currency)
        told = raw.get("customer")
        buyer: Mapping[str, Any] = told if isinstance(told, dict) else {}
        changed = first(raw, _CHANGED)
        refund_of = first(raw, ("refund_of", "refers_to"))
        refund = back or refund_of is not None or str(raw.get("type") or "").lower() in _REFUNDS
        version = str(raw.get("revision") or raw.get("version") or "")
        return SourceTransaction(
            external_id,
            amount,
            happened(first(raw, _DATES), self._own, self._now()),
            TransactionKind.REFUND if refund else TransactionKind.SALE,
            cancelled=raw.get("deleted") not in _NO or raw.get("posted", True) in _NO,
            phone=phone_in(first(raw, _PHONES) or buyer.get("phone"), self._own.region),
            customer=str(buyer.get("id") or "")[:100],
            description=str(first(raw, ("description", "number")) or "")[:LONGEST],
            lines=tuple(_lines(raw.get("items"), currency)),
            refers_to=prefixed(str(refund_of)) if refund_of is not None else "",
            changed_at=read_moment(changed, self._own.zone, "changed_at") if changed else None,
            revision=int(version) if version.isascii() and version.isdigit() and len(version) < 18 else 0,
            raw=raw,
        )


def listed(answer: Any) -> tuple[list[Any], str]:
    """The purchases of an answer and the cursor of the next page. Raises CrmUnavailable."""
    found = _plain(answer)
    if found is None or found == "":
        return [], ""
    if isinstance(found, list):
        return found, ""
    if isinstance(found, dict):
        rows = next((found[name] for name in LISTS if name in found), None)
        if rows is None and len(found) == 1:
            rows = next(iter(found.values()))
        following = found.get("next") or found.get("cursor") or ""
        if isinstance(rows, dict | list) or rows == "":
            return _rows(rows), str(following)[:LONGEST_CURSOR]
    raise CrmUnavailable("answer cannot be read")


def _plain(answer: Any) -> Any:
    return plain(answer) if isinstance(answer, Element) else answer


def _rows(found: Any) -> list[Any]:
    """XML wraps a list in an element of its own, and a list of one is no list."""
    if isinstance(found, dict):
        if first(found, _IDS) is not None:
            return [found]
        return [one for value in found.values() for one in (value if isinstance(value, list) else [value])]
    return found if isinstance(found, list) else []


def _lines(found: Any, currency: str) -> Iterator[TransactionLine]:
    """`price` is of one piece, `amount` (or sum, total) of the line; without the latter it is multiplied."""
    rows = found if isinstance(found, list) else _rows(found) if isinstance(found, dict) else []
    for row in rows[:MOST_LINES]:
        if isinstance(row, dict):
            quantity = read_quantity(row.get("quantity"))
            whole = first_number(row, _AMOUNTS)
            amount, _ = signed(first_number(row, ("price",)) or 0 if whole is None else whole, currency)
            cost = amount.amount if whole is not None else amount.amount * quantity
            title = str(first(row, ("name", "title")) or "")[:LONGEST]
            item = str(first(row, ("id", "sku", "code")) or "")[:100]
            yield TransactionLine(title, quantity, cost, item, str(row.get("group") or "")[:100])
