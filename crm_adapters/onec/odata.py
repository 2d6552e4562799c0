"""Purchases out of the standard OData interface: documents by their date, in steps that stay in place.

There is no "changed since", so spans of dates are read anew: see crm_adapters/spans.py.

A step goes on from the last date and skips only those of that very second, so that what is written meanwhile
neither hides nor repeats anything; and deep `$skip`, which is slow, does not occur.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crm_adapters.onec.api import TOO_LARGE, OneCApi
from crm_adapters.onec.atom import record_of, records_of, sets_of
from crm_adapters.onec.presets import Document, Presets
from crm_adapters.onec.reading import Reader, unprefixed
from crm_adapters.onec.references import References
from crm_adapters.onec.settings import ODATA
from crm_adapters.purchase_values import Own
from crm_adapters.spans import OVERLAP, mark_of, start_of
from domain.errors import CrmAccessLost, CrmGone, CrmRejected, CrmUnavailable
from domain.transactions import SourceTransaction, TransactionPage, Unreadable, Window

PAGE, SMALL_PAGE = 100, 10
MOST_OF_ONE_SECOND = 5000
LIST_KEPT = timedelta(minutes=30)

REPEATS = "the source repeats a page"
GOES_BACK = "the source goes back in time"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk goes on: which document, from which moment of the base's wall clock, how many of it; and
    the key that was read last: a page that ends with it once more has led nowhere."""

    document: str = ""
    date: str = ""
    skip: int = 0
    last: str = ""

    @property
    def text(self) -> str:
        return f"{self.document}|{self.date}|{self.skip}|{self.last}"


def place_of(text: str) -> Place:
    """Raises CrmRejected for a place that is none of ours."""
    document, date, skip, last = (*text.split("|"), "", "", "", "")[:4]
    if not skip.isascii() or not skip.isdigit() or not document:
        raise CrmRejected("unknown place in the source")
    return Place(document, date, int(skip), last)


class ODataPurchases:
    """The way through OData of one base."""

    overlap = OVERLAP

    def __init__(
        self,
        api: OneCApi,
        presets: Presets,
        own: Own,
        chosen: Sequence[str],
        now: Callable[[], datetime],
    ) -> None:
        self._api, self._presets, self._own, self._chosen, self._now = api, presets, own, chosen, now
        self._reader = Reader(presets, own)
        self._references = References(api, presets, own.region, now)
        self._documents: tuple[tuple[Document, ...], datetime] | None = None

    async def documents(self) -> tuple[Document, ...]:
        """The documents that are read here, as the base publishes them now. Raises CrmAccessLost for none."""
        now = self._now()
        if self._documents is None or self._documents[1] < now - LIST_KEPT:
            found = self._presets.read_from(await self.published(), self._chosen)
            if not found:
                raise CrmAccessLost("object not published")
            self._documents = (found, now)
        return self._documents[0]

    async def published(self) -> Sequence[str]:
        """Names of everything on the interface's list."""
        found: Sequence[str] = await self._read(f"{ODATA}/", (), sets_of)
        return found

    async def transactions(self, window: Window, after: str) -> TransactionPage:
        documents = await self.documents()
        start, month = start_of(window)
        place = place_of(after) if after else Place(documents[0].name, self._local(start))
        number = next((n for n, one in enumerate(documents) if one.name == place.document), None)
        if number is None:
            raise CrmUnavailable("the list of objects has changed")
        document = documents[number]
        size, page = await self._page(document, place, self._local(window.until))
        known = await self._references.known(document, page)
        found = [self._reader.read(document, record, known, self._now()) for record in page]
        if len(page) >= size:
            return TransactionPage(found, _following(place, page).text)
        if number + 1 < len(documents):
            return TransactionPage(found, Place(documents[number + 1].name, self._local(start)).text)
        return TransactionPage(found, mark=mark_of(window, month=month))

    async def _page(self, document: Document, place: Place, until: str) -> tuple[int, list[Any]]:
        try:
            return PAGE, await self._list(document, place, until, PAGE)
        except CrmUnavailable as error:
            if error.reason != TOO_LARGE:
                raise
        return SMALL_PAGE, await self._list(document, place, until, SMALL_PAGE)

    async def _list(self, document: Document, place: Place, until: str, size: int) -> list[Any]:
        params = (
            ("$format", "json"),
            ("$filter", f"Date ge datetime'{place.date}' and Date lt datetime'{until}'"),
            ("$orderby", "Date asc,Ref_Key asc"),
            ("$top", str(size)),
            ("$skip", str(place.skip)),
            ("allowedOnly", "true"),
        )
        page: list[Any] = await self._read(f"{ODATA}/{document.name}", params, records_of)
        dates = [one["Date"] for one in page if isinstance(one, dict) and isinstance(one.get("Date"), str)]
        if any(date < place.date or date >= until for date in dates):
            raise CrmRejected(GOES_BACK)
        return page[:size]

    async def _read(self, path: str, params: Sequence[tuple[str, str]], read: Callable[[Any], Any]) -> Any:
        answer = await self._api.get(path, params or (("$format", "json"),))
        try:
            return read(answer)
        except ValueError:
            raise CrmUnavailable("answer cannot be read") from None

    async def read_transaction(self, external_id: str) -> SourceTransaction | Unreadable:
        """Keys are unique in a base, so the documents are asked one after another."""
        key, gone = unprefixed(external_id), CrmGone("record not found")
        for document in await self.documents():
            try:
                record = await self._read(f"{ODATA}/{document.name}(guid'{key}')", (), record_of)
            except CrmGone:
                continue
            known = await self._references.known(document, [record])
            return self._reader.read(document, record, known, self._now())
        raise gone

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self._own.zone).strftime("%Y-%m-%dT%H:%M:%S")


def _following(place: Place, page: Sequence[Any]) -> Place:
    """The place behind a full page. Raises CrmRejected where that leads nowhere."""
    dates = [str(one.get("Date")) for one in page if isinstance(one, dict)]
    last = dates[-1] if dates else ""
    same = sum(date == last for date in dates)
    skip = same + (place.skip if last == place.date else 0)
    keys = [str(one.get("Ref_Key")) for one in page if isinstance(one, dict)]
    nowhere = not last or len(set(keys)) < len(page) or keys[-1] == place.last
    if nowhere or skip > MOST_OF_ONE_SECOND:
        raise CrmRejected(REPEATS)
    return Place(place.document, last, skip, keys[-1])
