"""1C:Enterprise as a source of purchases: by OData, or by an HTTP service of the customer's own."""

from datetime import timedelta

from crm_adapters.base import Connection, Manifest, Pace, Provider
from crm_adapters.onec import connection_test
from crm_adapters.onec.api import OneCApi
from crm_adapters.onec.odata import ODataPurchases
from crm_adapters.onec.presets import DEFAULT_MAPPING, presets_of
from crm_adapters.onec.service import ServicePurchases
from crm_adapters.onec.settings import (
    EXTRAS,
    SETTINGS,
    WAYS,
    check_settings,
    chosen_documents,
    publication_of,
    service_of,
)
from crm_adapters.onec.webhook import BY_HAND, EVENTS, parse, verify
from crm_adapters.purchase_values import own_of
from domain.crm import ConnectionReport, Subscription
from domain.transactions import SourceTransaction, TransactionPage, Unreadable, Window

MANIFEST = Manifest(
    name="onec",
    title="1C",
    settings=SETTINGS,
    webhook_events=EVENTS,
    supported_versions="8.3.6+",
    # a base has no limit but its licences, and every request opens a session: one thing at a time
    pace=Pace(burst=2, per_second=3, at_once=1),
    ways=WAYS,
    extras=EXTRAS,
    seeded_secret="webhook_secret",  # noqa: S106 - a setting's name
    serves=frozenset({"transactions"}),
)


class OneC:
    """Fulfils Tests, Transactions and WebhooksByHand. A mapping that cannot be followed is BadInput here."""

    def __init__(self, connection: Connection) -> None:
        settings, self._now = connection.settings, connection.now
        self._presets, self._own = presets_of(connection.mapping), own_of(settings)
        self._api = OneCApi(settings, self._presets.words, connection.http, connection.now)
        self._webhook_secret = settings.get("webhook_secret", "")
        self._service = service_of(settings)
        self._odata = ODataPurchases(
            self._api, self._presets, self._own, chosen_documents(settings), connection.now
        )
        self._purchases: ODataPurchases | ServicePurchases = self._odata
        if self._service:
            self._purchases = ServicePurchases(self._api, self._service, self._own, connection.now)

    @property
    def overlap(self) -> timedelta:
        return self._purchases.overlap

    async def test(self) -> ConnectionReport:
        if not self._service:
            return await connection_test.of_odata(self._api, self._odata, self._presets)
        since = (self._now() - timedelta(days=1)).astimezone(self._own.zone).strftime("%Y-%m-%dT%H:%M:%S")
        return await connection_test.of_service(self._api, self._service, since)

    async def transactions(self, window: Window, after: str) -> TransactionPage:
        return await self._purchases.transactions(window, after)

    async def read_transaction(self, external_id: str) -> SourceTransaction | Unreadable:
        return await self._purchases.read_transaction(external_id)

    def webhook_by_hand(self, url: str) -> Subscription:
        """The address that a programmer of the customer lets the base call."""
        return Subscription(EVENTS[0], url, BY_HAND, self._webhook_secret)


PROVIDER = Provider(
    manifest=MANIFEST,
    build=OneC,
    default_mapping=DEFAULT_MAPPING,
    verify=verify,
    parse=parse,
    check_settings=check_settings,
    address=publication_of,
)
