"""What documents only refer to: phones of buyers, names and groups of goods, currencies.

Read by key, some at a time: an address must stay short for the web servers in front of 1C. Kept for a while,
since the same people and goods come again.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crm_adapters.onec.api import OneCApi
from crm_adapters.onec.atom import records_of
from crm_adapters.onec.presets import Document, Presets
from crm_adapters.onec.reading import Known, Record, first, references, rows_of
from crm_adapters.onec.settings import ODATA
from crm_adapters.purchase_values import phone_in
from domain.errors import CrmAccessLost, CrmGone, CrmRejected

AT_ONCE = 15
MOST_KEPT = 20_000
STAYS_KNOWN = timedelta(minutes=30)
# ISO 4217: the number that the classifier of currencies in 1C has as its code
_NUMBERS = {"643": "RUB", "810": "RUB", "840": "USD", "978": "EUR", "398": "KZT", "933": "BYN", "860": "UZS",
            "417": "KGS", "051": "AMD", "156": "CNY", "949": "TRY", "784": "AED"}  # fmt: skip


class References:
    """Looks objects up for one base. A catalog that is not published, or not readable, tells nothing."""

    def __init__(self, api: OneCApi, presets: Presets, region: str, now: Callable[[], datetime]) -> None:
        self._api, self._presets, self._region, self._now = api, presets, region, now
        self._kept: OrderedDict[tuple[str, str], tuple[Any, datetime]] = OrderedDict()
        self._closed: dict[str, datetime] = {}

    async def known(self, document: Document, page: Sequence[Any]) -> Known:
        """All that the documents of a page refer to."""
        rows = [record for record in page if isinstance(record, dict)]
        phones: dict[str, str] = {}
        for name in document.customer:
            catalog = self._presets.customers.get(name, "")
            keys = [key for row in rows for _, key in references(row, (name,))]
            phones |= await self._look(catalog, keys, (self._part,), self._phone)
        item_names = self._presets.line.get("item", ())
        items = [
            key
            for row in rows
            for line in rows_of(row, document.lines)
            for _, key in references(line, item_names)
        ]
        money = [key for row in rows for _, key in references(row, document.currency)]
        return Known(
            phones,
            await self._look(self._presets.items, items, ("Description", "Parent_Key"), _name_and_group),
            {key: code for key, code in (await self._currencies(money)).items() if code},
        )

    @property
    def _part(self) -> str:
        return str(self._presets.contacts.get("part", ""))

    async def _currencies(self, keys: Iterable[str]) -> dict[str, str]:
        return await self._look(self._presets.currencies, keys, ("Code", "Description"), _currency)

    def _phone(self, record: Record) -> str:
        contacts = self._presets.contacts
        kinds = contacts.get("phone", ())
        for row in rows_of(record, (self._part,)):
            if row.get(str(contacts.get("type", ""))) in kinds:
                for name in contacts.get("number", ()):
                    if phone := phone_in(first(row, (name,)), self._region):
                        return phone
        return ""

    async def _look(
        self, catalog: str, keys: Iterable[str], attributes: Sequence[str], read: Callable[[Record], Any]
    ) -> dict[str, Any]:
        wanted = list(dict.fromkeys(keys))
        if not catalog or not wanted:
            return {}
        missing = [key for key in wanted if not self._fresh(catalog, key)]
        for at in range(0, len(missing), AT_ONCE):
            await self._fetch(catalog, missing[at : at + AT_ONCE], attributes, read)
        found = {key: self._kept[catalog, key][0] for key in wanted if (catalog, key) in self._kept}
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return found

    def _fresh(self, catalog: str, key: str) -> bool:
        kept = self._kept.get((catalog, key))
        return kept is not None and kept[1] > self._now() - STAYS_KNOWN

    async def _fetch(
        self, catalog: str, keys: Sequence[str], attributes: Sequence[str], read: Callable[[Record], Any]
    ) -> None:
        now = self._now()
        if self._closed.get(catalog, now - 2 * STAYS_KNOWN) > now - STAYS_KNOWN:
            return
        wanted = " or ".join(f"Ref_Key eq guid'{key}'" for key in keys if _is_key(key))
        params = (
            ("$format", "json"),
            ("$filter", wanted),
            ("$select", ",".join(("Ref_Key", *attributes))),
            ("allowedOnly", "true"),
        )
        try:
            records = records_of(await self._api.get(f"{ODATA}/{catalog}", params)) if wanted else []
        except (CrmAccessLost, CrmGone, CrmRejected) as error:
            if isinstance(error, CrmAccessLost) and error.reason != "object not published":
                raise
            self._closed[catalog] = now
            return
        told: Mapping[str, Any] = {
            str(one.get("Ref_Key")): read(one) for one in records if isinstance(one, dict)
        }
        for key in keys:
            if key in told:
                self._kept[catalog, key] = (told[key], now)


def _is_key(key: str) -> bool:
    return len(key) == 36 and all(c in "0123456789abcdefABCDEF-" for c in key)


def _name_and_group(record: Record) -> tuple[str, str]:
    group = next((key for _, key in references(record, ("Parent_Key",))), "")
    return str(record.get("Description") or "").strip(), group


def _currency(record: Record) -> str:
    code = str(record.get("Code") or "").strip()
    name = str(record.get("Description") or "").strip().upper()
    return _NUMBERS.get(code) or (name if len(name) == 3 and name.isascii() and name.isalpha() else "")
