"""What admins see of sources: the log, the raw of a failure, the records nobody could read; and what they do
with these: read them again, give them by hand, drop them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from crm_adapters import purchases
from domain.errors import BadInput, CrmGone, CrmUnsupported, NotFound
from domain.leads import Money
from domain.members import Member, Right
from domain.phones import read_phone
from domain.purchases import Run
from domain.transaction_values import hashed_id, read_amount, read_moment
from domain.transactions import SourceTransaction, TransactionKind, Unreadable
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.connections.integrations import Integrations
from services.transactions.masking import masked
from services.transactions.storing import TransactionStore
from storage.db import Database, Session
from storage.people import members
from storage.transactions import transaction_log, transaction_sources
from storage.transactions.transaction_log import DROPPED, OPEN, REPAIRED, Bad

MOST_LINES = 100
"""Lines of the log that are shown."""

REPAIRED_FIELDS = ("amount", "currency", "happened_at", "phone", "description", "kind")
"""What an admin may give by hand."""


@dataclass(frozen=True, slots=True)
class UnreadableView:
    """A record that could not be read: which field, why, and its raw text with persons starred."""

    id: UUID
    source_id: UUID
    external_id: str
    field: str
    problem: str
    raw: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UnreadablePage:
    """Pages count from 0."""

    items: tuple[UnreadableView, ...]
    total: int


@dataclass(frozen=True, slots=True)
class RunView:
    """A line of the log with what is kept of it: `raw` is starred, `trace` is where it happened."""

    run: Run
    raw: str
    trace: str


class TransactionLog:
    """Use cases on the log and on unreadable records. Calls to a source run outside any transaction."""

    def __init__(
        self, db: Database, clock: Clock, connections: Integrations, store: TransactionStore
    ) -> None:
        self.db, self.clock, self.connections, self.store = db, clock, connections, store

    @needs(Right.CRM_MANAGE)
    async def lines(self, member: Member, source_id: UUID | None = None) -> Sequence[Run]:
        """The last 100 runs of one source, or of all, newest first; nothing raw is in them. Raises
        NotFound."""
        async with self.db.reading(member.organization_id) as s:
            if source_id is not None and await transaction_sources.get(s, source_id) is None:
                raise NotFound(record="source")
            return await transaction_log.runs(s, source_id, MOST_LINES)

    @needs(Right.CRM_MANAGE)
    async def line(self, member: Member, run_id: UUID) -> RunView:
        """One run with what is kept of its failure. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            run = await transaction_log.run(s, run_id)
        if run is None:
            raise NotFound(record="run")
        kept = self.store.opened(run.source_id, run.sealed)
        return RunView(run, masked(kept["raw"]) if "raw" in kept else "", kept.get("trace", ""))

    @needs(Right.CRM_MANAGE)
    async def unreadable(
        self, member: Member, source_id: UUID | None = None, page: int = 0, size: int = 10
    ) -> UnreadablePage:
        """Open ones, newest first."""
        async with self.db.reading(member.organization_id) as s:
            found, total = await transaction_log.unreadable(s, source_id, size, max(page, 0) * size)
        return UnreadablePage(tuple(self._view(one) for one in found), total)

    @needs(Right.CRM_MANAGE)
    async def unreadable_one(self, member: Member, bad_id: UUID) -> UnreadableView:
        """An open one. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            return self._view(await self._open(s, bad_id))

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.retry", "unreadable_transaction")
    async def retry(self, member: Member, bad_id: UUID) -> bool:
        """Ask the source for the record once more; whether it could be read this time. Raises NotFound,
        CrmError, CrmUnsupported for a record without an id."""
        async with self.db.reading(member.organization_id) as s:
            bad = await self._open(s, bad_id)
            source = await transaction_sources.get(s, bad.source_id)
        if source is None or source.integration_id is None or not bad.external_id:
            raise CrmUnsupported("no_id")
        adapter = await self.connections.adapter(source.integration_id)
        if not isinstance(adapter, purchases.Transactions):
            raise CrmUnsupported("transactions")
        asked_at = self.clock()
        try:
            found = await adapter.read_transaction(bad.external_id)
        except CrmGone:
            await self.drop(member, bad_id)
            return True
        if isinstance(found, Unreadable):
            return False
        await self._keep(member, bad, found, asked_at, transaction_log.READ)
        return True

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.repair", "unreadable_transaction")
    async def repair(self, member: Member, bad_id: UUID, values: Mapping[str, str]) -> None:
        """Give what could not be read by hand, as texts by REPAIRED_FIELDS: amount and happened_at at least.
        What the source tells of it later, readably, takes its place. Raises BadInput, NotFound."""
        async with self.db.reading(member.organization_id) as s:
            bad = await self._open(s, bad_id)
            told = await self._read(s, bad, values)
        await self._keep(member, bad, told, self.clock(), REPAIRED)

    async def _read(self, s: Session, bad: Bad, values: Mapping[str, str]) -> SourceTransaction:
        unknown = set(values) - set(REPAIRED_FIELDS)
        if unknown:
            raise BadInput(min(unknown), "unknown")
        organization = await members.get_organization(s, s.tenant)
        assert organization is not None
        amount: Money = read_amount(values.get("amount", ""), values.get("currency") or "RUB")
        happened_at = read_moment(values.get("happened_at", ""), organization.time_zone)
        if happened_at > self.clock() + timedelta(days=1):
            raise BadInput("happened_at", "in_future")
        typed = values.get("phone", "")
        phone = read_phone(typed, organization.region) if typed else ""
        kind = values.get("kind") or TransactionKind.SALE.value
        if kind not in {one.value for one in TransactionKind}:
            raise BadInput("kind", "invalid")
        external_id = bad.external_id or hashed_id(str(bad.source_id), happened_at, phone, amount)
        return SourceTransaction(
            external_id=external_id,
            amount=amount,
            happened_at=happened_at,
            kind=TransactionKind(kind),
            phone=phone,
            description=values.get("description", "")[:1000],
        )

    async def _keep(
        self, member: Member, bad: Bad, told: SourceTransaction, asked_at: datetime, state: str
    ) -> None:
        async with self.db.transaction(member.organization_id) as s:
            if await transaction_sources.hold(s, bad.source_id) is None:
                raise NotFound(record="source")
            await self._open(s, bad.id)
            await self.store.keep(s, bad.source_id, [told], asked_at)
            await transaction_log.settle_unreadable(s, bad.id, state, member.id, self.clock())

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.drop", "unreadable_transaction")
    async def drop(self, member: Member, bad_id: UUID) -> None:
        """Leave the record out; should the source tell it otherwise, it is shown again. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            bad = await self._open(s, bad_id)
            await transaction_log.settle_unreadable(s, bad.id, DROPPED, member.id, self.clock())

    async def _open(self, s: Session, bad_id: UUID) -> Bad:
        bad = await transaction_log.one_unreadable(s, bad_id)
        if bad is None or bad.state != OPEN:
            raise NotFound(record="unreadable")
        return bad

    def _view(self, bad: Bad) -> UnreadableView:
        raw = self.store.opened(bad.source_id, bad.sealed).get("raw", "")
        return UnreadableView(
            bad.id, bad.source_id, bad.external_id, bad.field, bad.problem, masked(raw), bad.created_at
        )

    @open_to("the scheduler")
    async def forget_old(self) -> int:
        """Remove lines and settled raw records past their days."""
        async with self.db.transaction(system=True) as s:
            return await transaction_log.forget(s, self.clock())
