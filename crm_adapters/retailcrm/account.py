"""What an account is like: its time zone, statuses and custom fields. Known for a short while only."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_adapters.retailcrm.api import Record, RetailApi
from domain.leads import StageKind

STAYS_KNOWN = timedelta(minutes=10)
MOMENT = "%Y-%m-%d %H:%M:%S"
MOSCOW = timezone(timedelta(hours=3))
_MOST_FIELDS = 1000

# Won and lost; the groups in between are open. An account's own groups tell nothing.
GROUP_KINDS: Mapping[str, StageKind] = {
    "new": StageKind.OPEN,
    "approval": StageKind.OPEN,
    "assembling": StageKind.OPEN,
    "delivery": StageKind.OPEN,
    "complete": StageKind.QUALIFIED,
    "cancel": StageKind.FAILED,
}

Known = TypeVar("Known")


def read_moment(text: object, zone: tzinfo) -> datetime | None:
    """RetailCRM's date-time, which is the account's own and bears no offset -> aware UTC; else None."""
    try:
        return datetime.strptime(str(text), MOMENT).replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None


class Account:
    """Asks once and remembers for ten minutes. Everything raises CrmError."""

    def __init__(self, api: RetailApi, now: Callable[[], datetime]) -> None:
        self._api, self._now = api, now
        self._known: dict[str, tuple[Any, datetime]] = {}

    async def zone(self) -> tzinfo:
        """The time zone of all dates; Moscow's when the account names none that we know."""
        return await self._once("zone", self._read_zone)

    async def statuses(self) -> Mapping[str, Record]:
        """Every status by its code, those that are switched off too."""
        return await self._once("statuses", self._read_statuses)

    async def fields(self) -> Mapping[str, Record]:
        """The custom fields of orders by code; a dictionary's field bears its `elements` by name."""
        return await self._once("fields", self._read_fields)

    def forget_fields(self) -> None:
        """The list has changed: ask again next time."""
        self._known.pop("fields", None)

    async def is_finished(self, status: str) -> bool:
        """Whether orders of that status are won or lost."""
        group = (await self.statuses()).get(status, {}).get("group")
        return GROUP_KINDS.get(str(group), StageKind.OPEN) is not StageKind.OPEN

    async def _once(self, name: str, read: Callable[[], Awaitable[Known]]) -> Known:
        kept = self._known.get(name)
        if kept is None or kept[1] <= self._now():
            kept = self._known[name] = (await read(), self._now() + STAYS_KNOWN)
        value: Known = kept[0]
        return value

    async def _read_zone(self) -> tzinfo:
        settings = (await self._api.get("settings")).get("settings")
        told = settings.get("timezone") if isinstance(settings, dict) else None
        name = told.get("value") if isinstance(told, dict) else told
        try:
            return ZoneInfo(str(name or ""))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return MOSCOW

    async def _read_statuses(self) -> Mapping[str, Record]:
        return keyed((await self._api.get("reference/statuses")).get("statuses"))

    async def _read_fields(self) -> Mapping[str, Record]:
        only = (("filter[entity]", "order"),)
        found = await self._api.search("custom-fields", "customFields", only, _MOST_FIELDS)
        fields = {str(item.get("code")): item for item in found}
        if any("dictionary" in str(item.get("type")) for item in found):
            lists = await self._api.search(
                "custom-fields/dictionaries", "customDictionaries", limit=_MOST_FIELDS
            )
            named = {str(item.get("code")): _elements(item) for item in lists}
            fields = {
                code: {**item, "elements": named.get(str(item.get("dictionary")), {})}
                for code, item in fields.items()
            }
        return fields


def keyed(table: Any) -> dict[str, Record]:
    """A reference by code. PHP shows an empty one as a list."""
    if not isinstance(table, dict):
        return {}
    return {str(code): item for code, item in table.items() if isinstance(item, dict)}


def _elements(dictionary: Record) -> Mapping[str, str]:
    """Folded name or code of an element -> its code, which is what a field keeps."""
    elements = [item for item in dictionary.get("elements") or () if isinstance(item, dict)]
    names = {str(item.get("name")).casefold(): str(item.get("code")) for item in elements}
    return names | {str(item.get("code")).casefold(): str(item.get("code")) for item in elements}
