"""YCLIENTS as the product sees it: visits that were paid, and goods sold at the desk."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from crm_adapters.base import Connection, Manifest, Pace, Provider, Setting, Way
from crm_adapters.yclients import connection_test, reading, walk
from crm_adapters.yclients.api import YclientsApi, check_settings, completed
from crm_adapters.yclients.reading import MONEY, Place
from crm_adapters.yclients.walk import EMPTY, VISITS, Step
from crm_adapters.yclients.webhook import BY_HAND, EVENTS, parse, verify
from domain.crm import ConnectionReport, Subscription
from domain.errors import CrmGone
from domain.transaction_values import read_currency, zone_named
from domain.transactions import SourceTransaction, TransactionPage, Unreadable, Window

MANIFEST = Manifest(
    name="yclients",
    title="YCLIENTS",
    settings=(
        Setting("url", required=False),
        Setting("partner_token", secret=True),
        Setting("user_token", secret=True),
        Setting("company"),
    ),
    webhook_events=EVENTS,
    supported_versions="API v1",
    # 5 a second and 200 a minute for all behind one address; the requirement names 120: the lower is kept
    pace=Pace(burst=1, per_second=2, at_once=2),
    ways=(Way("tokens", ("partner_token", "user_token", "company")),),
    seeded_secret="user_token",  # noqa: S106 - a setting's name
    serves=frozenset({"transactions"}),
)
Found = SourceTransaction | Unreadable
WITH_MONEY = (("include_finance_transactions", "1"),)


class Yclients:
    """Fulfils Tests, Transactions, CustomerPhones and WebhooksByHand."""

    overlap = timedelta(minutes=10)

    def __init__(self, connection: Connection) -> None:
        given = connection.settings
        self._api = YclientsApi(given, connection.http, connection.now)
        self._place = Place(
            zone_named(given.get("zone") or "Europe/Moscow"),
            given.get("region") or "RU",
            read_currency(given.get("currency") or "RUB"),
        )

    async def test(self) -> ConnectionReport:
        return await connection_test.run(self._api)

    async def transactions(self, window: Window, after: str) -> TransactionPage:
        """A page with a purchase on it, or some without: a cash book is full of other things."""
        step, found = Step.read(after), list[Found]()
        for _ in range(EMPTY):
            told, total = await self._page(step, window)
            for before in step.moved(total):
                found += self._read(step.part, (await self._page(before, window))[0])
            found += self._read(step.part, told)
            found = [one for one in found if _is_of(one, window)]
            following = step.following(len(told), total)
            if following is None:
                return TransactionPage(found)
            step = following
            if found:
                break
        return TransactionPage(found, str(step))

    async def _page(self, step: Step, window: Window) -> tuple[list[Any], int | None]:
        path = "records" if step.part == VISITS else "transactions"
        asked = walk.asked_for(step, window, self._place.zone)
        return await self._api.listed(f"{path}/{self._api.company}", asked)

    async def read_transaction(self, external_id: str) -> SourceTransaction | Unreadable:
        company = self._api.company
        if not external_id.startswith(MONEY):
            return reading.visit(
                await self._api.record(f"record/{company}/{external_id}", WITH_MONEY), self._place
            )
        number = external_id.removeprefix(MONEY)
        raw = await self._api.record(f"finance_transactions/{company}/{number}")
        found = reading.payment(raw, self._place)
        if found is None:
            raise CrmGone("not a purchase")
        return found

    async def phone_of(self, customer: str) -> str:
        card = await self._api.record(f"client/{self._api.company}/{customer}")
        return reading.phone_of(card, self._place.region)

    def webhook_by_hand(self, url: str) -> Subscription:
        """The address for the branch's settings; a body that names another branch is refused there."""
        return Subscription(" ".join(EVENTS), url, BY_HAND, self._api.company)

    def _read(self, part: str, told: Sequence[object]) -> list[Found]:
        if part == VISITS:
            return [reading.visit(raw, self._place) for raw in told]
        return [found for raw in told if (found := reading.payment(raw, self._place)) is not None]


def _is_of(found: Found, window: Window) -> bool:
    """Whether it belongs to this walk: what changed after its end is left to the next one, and a walk through
    days takes only what happened within its moments."""
    if isinstance(found, Unreadable):
        return True
    if window.first:
        return window.since <= found.happened_at < window.until
    return found.changed_at is None or found.changed_at < window.until


PROVIDER = Provider(
    manifest=MANIFEST,
    build=Yclients,
    default_mapping={},
    verify=verify,
    parse=parse,
    check_settings=check_settings,
    completed=completed,
)
