"""What must be right at iiko before purchases come from there: key, restaurants, the right to read orders."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from crm_adapters.iiko.api import NOT_GRANTED, IikoApi
from crm_adapters.iiko.reading import Restaurant
from crm_adapters.iiko.restaurants import Restaurants
from domain.crm import ConnectionReport, Problem
from domain.errors import CrmAccessLost, CrmRejected

VERSION = "Cloud API 1"
MOMENT = "%Y-%m-%d %H:%M:%S.000"
_SHOWN = 5
_SECOND = timedelta(seconds=1)


async def run(api: IikoApi, restaurants: Restaurants, now: Callable[[], datetime]) -> ConnectionReport:
    """Raises CrmError when that much cannot be learnt: a key that is refused is CrmAccessLost.

    Problem codes: no_restaurants, restaurant_unknown, no_right.
    """
    seen = await restaurants.seen()
    if not seen:
        return ConnectionReport("", VERSION, (Problem("no_restaurants", fatal=True),))
    problems = [
        Problem("restaurant_unknown", True, {"restaurant": one, "restaurants": _names(seen)})
        for one in await restaurants.lacking()
    ]
    if not problems:
        ours = await restaurants.ours()
        problems, seen = await _rights(api, ours, now()), ours
    return ConnectionReport(_names(seen), VERSION, tuple(problems))


async def _rights(api: IikoApi, ours: Sequence[Restaurant], now: datetime) -> list[Problem]:
    """Orders by day are what all else begins with; a revision is a right of its own and only quicker."""
    ids = [ours[0].id]
    local = now.astimezone(ours[0].zone)
    day = {"deliveryDateFrom": local.strftime(MOMENT), "deliveryDateTo": (local + _SECOND).strftime(MOMENT)}
    asked = (
        ("deliveries/by_delivery_date_and_status", {"organizationIds": ids, **day}, "orders", True),
        ("deliveries/by_revision", {"organizationIds": ids, "startRevision": 0}, "orders by revision", False),
    )
    problems = []
    for path, body, scope, fatal in asked:
        try:
            await api.post(path, body)
        except CrmRejected:
            continue  # the method is granted: revision 0 is too old
        except CrmAccessLost as error:
            if error.reason != NOT_GRANTED:
                raise
            problems.append(Problem("no_right", fatal, {"action": "read", "scope": scope}))
    return problems


def _names(seen: Sequence[Restaurant]) -> str:
    shown = ", ".join(one.name for one in seen[:_SHOWN])
    return f"{shown}, +{len(seen) - _SHOWN}" if len(seen) > _SHOWN else shown
