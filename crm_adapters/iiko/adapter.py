"""iiko as the product sees it: orders that were delivered or closed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from crm_adapters.base import Connection, Manifest, Pace, Provider, Setting, Way
from crm_adapters.iiko import connection_test, reading, walk
from crm_adapters.iiko.api import IikoApi, Record, check_settings, completed
from crm_adapters.iiko.guests import Guests
from crm_adapters.iiko.hooks import Hooks
from crm_adapters.iiko.reading import OrderId, Restaurant
from crm_adapters.iiko.restaurants import Restaurants
from crm_adapters.iiko.walk import AT_ONCE, EMPTY, Days
from crm_adapters.iiko.webhook import EVENTS, parse, verify
from domain.crm import ConnectionReport, Subscription
from domain.errors import CrmGone, CrmRejected, CrmUnavailable
from domain.leads import Money
from domain.transactions import SourceTransaction, TransactionPage, Unreadable, Window

MANIFEST = Manifest(
    name="iiko",
    title="iiko",
    settings=(
        Setting("url", required=False),
        Setting("api_login", secret=True, required=False),
        Setting("api_key", secret=True, required=False),
        Setting("app_id", required=False),
        Setting("client_secret", secret=True, required=False),
        Setting("organizations", required=False),
    ),
    webhook_events=EVENTS,
    supported_versions="Cloud API 1",
    # No figures are published. The host is one for all restaurants, so this is for all connections together.
    pace=Pace(burst=4, per_second=4, at_once=4),
    ways=(Way("login", ("api_login",)), Way("key", ("api_key", "app_id", "client_secret"))),
    extras=("organizations",),
    seeded_secret="api_login",  # noqa: S106 - a setting's name
    serves=frozenset({"transactions"}),
)
_FIRST, _LAST = "00:00:00.000", "23:59:59.999"


class Iiko:
    """Fulfils Tests, Transactions, CustomerPhones, BonusPayments, Webhooks and WebhooksListed."""

    overlap = timedelta(minutes=10)

    def __init__(self, connection: Connection) -> None:
        self._now = connection.now
        self._api = IikoApi(connection.settings, connection.http, connection.now)
        self._restaurants = Restaurants(self._api, connection.settings, connection.now)
        self._guests = Guests(self._api, connection.now, connection.settings.get("region") or "RU")
        self._hooks = Hooks(self._api)

    async def test(self) -> ConnectionReport:
        return await connection_test.run(self._api, self._restaurants, self._now)

    async def transactions(self, window: Window, after: str) -> TransactionPage:
        ours = await self._restaurants.ours()
        if not after and walk.goes_by_revision(window, self._now()):
            try:
                return await self._changed_since(int(window.mark), ours)
            except CrmRejected:
                pass  # too old after all: the days tell it
        part = Days.read(after) if after else walk.by_days(window, len(ours))
        return await self._by_days(part, window, ours)

    async def _changed_since(self, revision: int, ours: Sequence[Restaurant]) -> TransactionPage:
        asked = {"startRevision": revision, "organizationIds": [one.id for one in ours]}
        answer = await self._api.post("deliveries/by_revision", asked)
        return TransactionPage(_read(answer, ours), mark=str(max(_revision(answer), revision)))

    async def _by_days(self, part: Days, window: Window, ours: Sequence[Restaurant]) -> TransactionPage:
        """A part with an order in it, or some without; a month long past is over at once."""
        first = walk.first_day(window, self._now())
        if part.day < first:
            return TransactionPage(())
        groups = [ours[start : start + AT_ONCE] for start in range(0, len(ours), AT_ONCE)]
        for _ in range(EMPTY):
            part, answer = await self._told(part, first, groups[min(part.group, len(groups) - 1)])
            found, revision = _read(answer, ours), _revision(answer)
            following = part.following(len(groups), first, revision)
            if following is None:
                return TransactionPage(found, mark=walk.mark_of(window, part.revision or revision))
            part = following
            if found:
                break
        return TransactionPage(found, str(part))

    async def _told(self, part: Days, first: date, group: Sequence[Restaurant]) -> tuple[Days, Record]:
        """The part and what it holds; one that is too much for an answer is cut down to a day."""
        try:
            return part, await self._of_days(part, first, group)
        except (CrmRejected, CrmUnavailable):
            if part.many == 1:
                raise
        part = replace(part, many=1)
        return part, await self._of_days(part, first, group)

    async def _of_days(self, part: Days, first: date, group: Sequence[Restaurant]) -> Record:
        asked = {
            "organizationIds": [one.id for one in group],
            "deliveryDateFrom": f"{part.begins(first).isoformat()} {_FIRST}",
            "deliveryDateTo": f"{part.day.isoformat()} {_LAST}",
        }
        return await self._api.post("deliveries/by_delivery_date_and_status", asked)

    async def read_transaction(self, external_id: str) -> SourceTransaction | Unreadable:
        asked = OrderId.read(external_id)
        place = next((one for one in await self._restaurants.ours() if one.id == asked.organization), None)
        if place is None:
            raise CrmGone("restaurant not of this connection")
        if asked.table:
            body: Record = {"organizationIds": [place.id], "orderIds": [asked.order]}
            answer = await self._api.post("order/by_id", body)
        else:
            answer = await self._api.post(
                "deliveries/by_id", {"organizationId": place.id, "orderIds": [asked.order]}
            )
        told = answer.get("orders")
        if not isinstance(told, list) or not told:
            raise CrmGone("record not found")
        found = reading.order(told[0], place, table=asked.table)
        if found is None:
            raise CrmUnavailable("the order is being made")
        return found

    async def phone_of(self, customer: str) -> str:
        return await self._guests.phone_of(customer, await self._restaurants.ours())

    async def pay_with_bonus(self, customer: str, amount: Money, our_id: str) -> None:
        await self._guests.take_off(customer, amount, our_id, await self._restaurants.ours())

    async def subscribe(self, event: str, url: str) -> Subscription:
        return await self._hooks.subscribe(event, url, await self._restaurants.ours())

    async def unsubscribe(self, external_id: str) -> None:
        await self._hooks.unsubscribe(external_id, await self._restaurants.ours())

    async def standing(self) -> frozenset[str]:
        return await self._hooks.standing(await self._restaurants.ours())


def _read(answer: Record, ours: Sequence[Restaurant]) -> list[SourceTransaction | Unreadable]:
    """Orders of the restaurants that are ours, in the answer's order."""
    places = {one.id: one for one in ours}
    groups = answer.get("ordersByOrganizations")
    found = []
    for group in groups if isinstance(groups, list) else []:
        place = places.get(str(group.get("organizationId"))) if isinstance(group, dict) else None
        orders = group.get("orders") if place is not None else None
        if place is not None and isinstance(orders, list):
            found += [one for raw in orders if (one := reading.order(raw, place)) is not None]
    return found


def _revision(answer: Record) -> int:
    told = answer.get("maxRevision")
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else 0


PROVIDER = Provider(
    manifest=MANIFEST,
    build=Iiko,
    default_mapping={},
    verify=verify,
    parse=parse,
    check_settings=check_settings,
    completed=completed,
)
