"""A business with a source of purchases that a test writes by hand."""

import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from crm_adapters.base import Connection, Manifest, Provider, Setting
from crm_adapters.http import CrmHttp
from domain.crm import ConnectionReport, CrmEvent, CrmEventKind, Problem, Subscription
from domain.errors import CrmGone, WebhookRefused
from domain.leads import Money
from domain.members import Member, Right
from domain.transactions import SourceTransaction, TransactionPage, Unreadable, Window
from handlers.transactions.letters import wording
from services.connections.integrations import Integrations
from services.delivery.inbox import Inbox
from services.delivery.intake import Intake
from services.delivery.outbox import Outbox
from services.delivery.sync import CrmSync
from services.leads.customers import Customers
from services.leads.pipeline import Pipeline
from services.loyalty.balances import Balances
from services.loyalty.redemptions import Redemptions
from services.loyalty.rules import LoyaltyRules
from services.loyalty.telling import BonusTelling
from services.messages.notices import Notices
from services.people.organizations import Organizations
from services.transactions.ending import Ending
from services.transactions.heard import TransactionsHeard
from services.transactions.letters import SourceLetters
from services.transactions.log import TransactionLog
from services.transactions.purchases import Transactions
from services.transactions.sources import TransactionSources
from services.transactions.storing import TransactionStore
from services.transactions.sync import Pace, TransactionSync
from services.transactions.table_failing import TableFailures
from services.transactions.tables import PurchaseTables
from storage.db import Database
from storage.people import members as member_rows
from storage.replicas.signals import LocalSignals
from storage.secrets import Vault
from storage.tables import metadata
from tests.clock import MovableClock

OWNER = 1
LADDER = tuple(timedelta(minutes=minutes) for minutes in (2, 4, 8, 30))
PROVIDER_NAME, PAGE = "till", 100
Told = SourceTransaction | Unreadable


@dataclass
class Till:
    """The source's side: what it holds, and how it behaves. Set `pages` for one that makes no sense."""

    records: dict[str, Told] = field(default_factory=dict)
    windows: list[Window] = field(default_factory=list)
    asked: list[tuple[Window, str]] = field(default_factory=list)
    page_size: int = PAGE
    fails: Exception | None = None
    unusable: bool = False
    pages: Callable[[Window, str], TransactionPage] | None = None
    on_page: Callable[[str], None] | None = None
    paid: list[tuple[str, Money, str]] = field(default_factory=list)

    def put(self, *told: Told) -> None:
        for one in told:
            self.records[one.external_id] = one


TILLS: dict[str, Till] = {}


class TillAdapter:
    """Fulfils Tests, Transactions, Webhooks and BonusPayments over a Till."""

    overlap = timedelta(minutes=10)

    def __init__(self, connection: Connection) -> None:
        self.settings = connection.settings
        self.till = TILLS[connection.settings["shop"]]

    async def test(self) -> ConnectionReport:
        problems = (Problem("no_rights", fatal=True),) if self.till.unusable else ()
        return ConnectionReport(f"Shop {self.settings['shop']}", "1", problems)

    async def transactions(self, window: Window, after: str) -> TransactionPage:
        self.till.asked.append((window, after))
        if self.till.on_page is not None:
            self.till.on_page(after)
        if self.till.fails is not None:
            raise self.till.fails
        if self.till.pages is not None:
            return self.till.pages(window, after)
        fits = [one for one in self.till.records.values() if _within(one, window)]
        at = int(after or 0)
        end = at + self.till.page_size
        return TransactionPage(fits[at:end], next=str(end) if end < len(fits) else "", total=len(fits))

    async def read_transaction(self, external_id: str) -> Told:
        if self.till.fails is not None:
            raise self.till.fails
        if external_id not in self.till.records:
            raise CrmGone
        return self.till.records[external_id]

    async def pay_with_bonus(self, customer: str, amount: Money, our_id: str) -> None:
        if self.till.fails is not None:
            raise self.till.fails
        self.till.paid.append((customer, amount, our_id))

    async def subscribe(self, event: str, url: str) -> Subscription:
        return Subscription(event, url, "s1", "")

    async def unsubscribe(self, external_id: str) -> None:
        return


def _within(one: Told, window: Window) -> bool:
    if isinstance(one, Unreadable):
        return True
    at = one.happened_at if window.first else one.changed_at or one.happened_at
    return window.since <= at < window.until


def _verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    if headers.get("x-wrong"):
        raise WebhookRefused


def _parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    told = json.loads(body)
    return [CrmEvent(CrmEventKind.TRANSACTION_CHANGED, str(one)) for one in told["ids"]]


TILL = Provider(
    manifest=Manifest(
        PROVIDER_NAME,
        "Till",
        (Setting("shop"), Setting("token", secret=True, required=False)),
        ("changed",),
        serves=frozenset({"transactions"}),
    ),
    build=TillAdapter,
    default_mapping={},
    verify=_verify,
    parse=_parse,
    check_settings=lambda settings: None,
)


def sale(external_id: str, amount: str, at: datetime, phone: str = "+79161234567", **more: Any) -> Any:
    """A purchase as the till tells it."""
    return SourceTransaction(external_id, Money(Decimal(amount)), at, phone=phone, **more)


@dataclass
class Shop:
    """Services of one business, and what a test asks of them again and again."""

    db: Database
    clock: MovableClock
    till: Till
    organization_id: UUID
    owner: Member
    integrations: Integrations
    intake: Intake
    inbox: Inbox
    customers: Customers
    sources: TransactionSources
    sync: TransactionSync
    heard: TransactionsHeard
    transaction_log: TransactionLog
    transactions: Transactions
    rules: LoyaltyRules
    balances: Balances
    redemptions: Redemptions
    telling: BonusTelling
    tables: PurchaseTables
    store: TransactionStore
    notices: Notices

    async def connect(self, months: int = 0, shop: str = "one") -> UUID:
        TILLS.setdefault(shop, self.till)
        report, source_id = await self.sources.connect(
            self.owner, PROVIDER_NAME, {"shop": shop, "token": "secret"}, months=months
        )
        assert report.usable, report
        assert source_id is not None
        return source_id

    async def read(self, source_id: UUID, owner: str = "one") -> str:
        """One run, at once; the verdict."""
        async with self.db.transaction(self.organization_id) as s:
            await s.execute(
                metadata.tables["transaction_sources"]
                .update()
                .where(sa.literal_column("organization_id").is_not(None))
                .values(due_at=self.clock())
            )
        return await self.sync.read(self.organization_id, source_id, owner)

    async def rows(self, table: str) -> list[Row[Any]]:
        """Everything in a table, in order."""
        found = metadata.tables[table]
        async with self.db.reading(system=True) as s:
            return await s.rows(sa.select(found).order_by(*found.primary_key.columns))

    async def bonuses(self, phone: str = "+79161234567") -> Decimal:
        return (await self.balances.of_phone(self.owner, phone)).free

    async def told(self, kind: str) -> int:
        return sum(row.kind == kind for row in await self.rows("notices"))


@asynccontextmanager
async def open_shop(
    db: Database, clock: Any, till: Till, provider: str = PROVIDER_NAME
) -> AsyncIterator[Shop]:
    """A shop without a source yet: `connect` it. PROVIDERS must know the till."""
    organization_id = await Organizations(db, clock).ensure_first("Дом", "ru", "RU", "Europe/Moscow", [OWNER])
    async with db.reading(organization_id) as s:
        owner = await member_rows.member_of(s, OWNER)
    assert owner is not None
    assert owner.may(Right.CRM_MANAGE)
    async with CrmHttp(now=clock, time_limit=5.0, allow=[]) as http:
        vault, signals, chance = Vault(base64.b64encode(bytes(32)).decode()), LocalSignals(), Random(7)
        notices = Notices(db, clock, signals)
        outbox = Outbox(db, clock, signals, LADDER, chance)
        integrations = Integrations(db, vault, http, clock, "https://bot.example")
        pipeline = Pipeline(db, clock, outbox, notices)
        crm_sync = CrmSync(db, clock, signals, outbox, integrations, notices, pipeline)
        customers = Customers(db, clock, outbox, notices)
        store = TransactionStore(vault, clock)
        ending = Ending(db, clock, notices, store, SourceLetters(clock, signals, wording))
        sources = TransactionSources(db, clock, integrations)
        heard = TransactionsHeard(db, clock, integrations, store, ending)
        yield Shop(
            db=db,
            clock=clock,
            till=till,
            organization_id=organization_id,
            owner=owner,
            integrations=integrations,
            intake=Intake(db, vault, clock, signals),
            inbox=Inbox(db, clock, signals, crm_sync, {}, LADDER, chance, heard),
            customers=customers,
            sources=sources,
            sync=TransactionSync(
                db, clock, integrations, store, ending, Pace(timedelta(seconds=60), LADDER, chance)
            ),
            heard=heard,
            transaction_log=TransactionLog(db, clock, integrations, store),
            transactions=Transactions(db, clock, customers, store),
            rules=LoyaltyRules(db, clock),
            balances=Balances(db, clock, customers),
            redemptions=Redemptions(db, clock),
            telling=BonusTelling(db, clock, integrations, LADDER, notices),
            tables=PurchaseTables(sources, store, notices, TableFailures(db, clock, notices)),
            store=store,
            notices=notices,
        )
