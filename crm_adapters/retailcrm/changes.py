"""What has changed lately, out of the history: the lists know no moment of a change, only days."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from crm_adapters.retailcrm.account import MOMENT, Account, read_moment
from crm_adapters.retailcrm.api import PAGE, Record, RetailApi

_MOST_PAGES = 50


async def changed(
    api: RetailApi, account: Account, moment: datetime, limit: int
) -> Sequence[tuple[Record, datetime]]:
    """(order, moment of its latest change) since `moment`, oldest first, at most `limit`.

    Our own changes are among them: whoever asks knows them again. Orders deleted meanwhile are left out.
    """
    latest = await _touched(api, account, moment, limit)
    oldest_first = sorted(latest.items(), key=lambda pair: pair[1])
    found: list[tuple[Record, datetime]] = []
    for start in range(0, len(oldest_first), PAGE):
        if len(found) >= limit:
            break
        part = oldest_first[start : start + PAGE]
        ids = [("filter[ids][]", number) for number, _ in part]
        orders = {str(raw.get("id")): raw for raw in await api.search("orders", "orders", ids)}
        found += [(orders[number], at) for number, at in part if number in orders]
    return found[:limit]


async def _touched(api: RetailApi, account: Account, moment: datetime, limit: int) -> Mapping[str, datetime]:
    """Order id -> its latest change. The first page is asked by date, the following ones by the last id
    seen; a walk that is cut short leaves out later changes only, which the next one finds."""
    zone = await account.zone()
    latest: dict[str, datetime] = {}
    where = ("filter[startDate]", moment.astimezone(zone).strftime(MOMENT))
    for _ in range(_MOST_PAGES):
        entries = await api.search("orders/history", "history", (where,))
        for entry in entries:
            order, at = entry.get("order"), read_moment(entry.get("createdAt"), zone)
            if isinstance(order, dict) and order.get("id") and at and not entry.get("deleted"):
                number = str(order["id"])
                latest[number] = max(at, latest.get(number, datetime.min.replace(tzinfo=UTC)))
        if len(entries) < PAGE or len(latest) > limit:
            break
        where = ("filter[sinceId]", str(entries[-1]["id"]))
    return latest
