"""Where purchases come from: connected, watched, asked at once, stopped."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm_adapters import PROVIDERS
from crm_adapters.base import Manifest
from domain.crm import ConnectionReport
from domain.errors import BadInput, CrmUnsupported, NotFound, TooLate
from domain.members import Member, Right
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.connections.integrations import Integrations, manifests, serves_leads
from services.connections.renewal import FreshKeys
from services.connections.settings import account_mark, read_settings, same_account
from services.entry.confirming import confirmed
from services.transactions.view import SourceView, Statistics, view_of
from services.transactions.walk import CHAT
from storage.db import Database, Session
from storage.delivery import integrations, mappings
from storage.people import members
from storage.transactions import transaction_log, transaction_reading, transaction_sources
from storage.transactions.transaction_sources import Source

SERVES = "transactions"
FILE = "file"
"""The provider of sources that are uploaded tables."""

CURRENCY = "RUB"
HASH_SECRET = "hash_secret"  # noqa: S105 - a setting's name
FIRST_MONTHS, MOST_MONTHS = 12, 120
HEALTH_DAYS = timedelta(days=30)
MOST_KEEP_DAYS = 366


class TransactionSources:
    """Use cases on sources. Calls to a source run outside any transaction."""

    def __init__(self, db: Database, clock: Clock, connections: Integrations) -> None:
        self.db, self.clock, self.integrations = db, clock, connections

    @open_to("anyone")
    def providers(self) -> Sequence[Manifest]:
        """Every system that purchases can come from, and what it asks for."""
        return manifests(SERVES)

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.source_connect", "transaction_source")
    async def connect(
        self,
        member: Member,
        provider: str,
        settings: Mapping[str, str],
        *,
        name: str = "",
        months: int = FIRST_MONTHS,
        mapping: Mapping[str, Any] | None = None,
    ) -> tuple[ConnectionReport, UUID | None]:
        """Test a connection, keep it, and begin to read the last `months` of it; (verdict, source).

        Leads never go there by this. An account that is connected already gets its settings anew and becomes
        a source if it was none; an unusable one is not kept. `mapping` is laid over the provider's own: where
        a custom connector finds the values. Raises BadInput, CrmError when nobody answers.
        """
        if provider not in PROVIDERS or SERVES not in PROVIDERS[provider].manifest.serves:
            raise CrmUnsupported(SERVES)
        if not 0 <= months <= MOST_MONTHS:
            raise BadInput("months", "out_of_range")
        given = read_settings(provider, settings)
        async with self.db.reading(member.organization_id) as session:
            given = {**await place_of(session), **given}
            earlier = same_account(await integrations.every(session), provider, given)
        fresh, connections = FreshKeys(), self.integrations.connections
        given |= _secrets_of_ours(provider, connections.settings_of(earlier) if earlier else {}, given)
        overrides = mapping if mapping is not None else earlier.mapping if earlier else {}
        report = await connections.test(provider, given, overrides, fresh)
        if not report.usable:
            return report, None
        async with self.db.transaction(member.organization_id) as session:
            integration_id = await connections.keep(
                session, provider, fresh.kept_with(given), earlier, report, activate=False
            )
            if mapping is not None:
                await mappings.keep(session, integration_id, mapping, ())
            source_id = await self._begin(session, integration_id, provider, name, months)
        problems = await self._subscribe(integration_id)
        return replace(report, problems=(*report.problems, *problems)), source_id

    async def _begin(
        self, s: Session, integration_id: UUID | None, provider: str, name: str, months: int
    ) -> UUID:
        now = self.clock()
        known = await transaction_sources.of_integration(s, integration_id) if integration_id else None
        if known is not None:
            await transaction_sources.change(s, known.id, active=True, due_at=now, failures=0)
            return known.id
        row = await integrations.get(s, integration_id) if integration_id else None
        account = account_mark(provider, row.settings) if row else ""
        former = await transaction_sources.parted(s, provider, account) if row else None
        if former is not None:
            # what it told of is here already, and would be here twice under another source
            await transaction_sources.change(
                s, former.id, integration_id=integration_id, active=True, due_at=now, counts={}
            )
            return former.id
        since = _months_ago(now, months)
        return await transaction_sources.add(
            s, now, integration_id=integration_id, provider=provider, name=name[:64], first_since=since,
            first_until=now, since=since, due_at=now,
        )  # fmt: skip

    async def _subscribe(self, integration_id: UUID) -> Sequence[Any]:
        connected = await self.integrations.connected(integration_id)
        provider = PROVIDERS[connected.row.provider]
        return await self.integrations.subscriptions.renew(connected.row, connected.adapter, provider)

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.source_make", "integration")
    async def make_source(self, member: Member, integration_id: UUID, months: int = FIRST_MONTHS) -> UUID:
        """Let a connection that stands tell of purchases too, such as a CRM with its deals won. Raises
        NotFound, CrmUnsupported."""
        async with self.db.transaction(member.organization_id) as session:
            row = await integrations.get(session, integration_id)
            if row is None:
                raise NotFound(record="integration")
            if SERVES not in PROVIDERS[row.provider].manifest.serves:
                raise CrmUnsupported(SERVES)
            return await self._begin(session, integration_id, row.provider, row.name, months)

    @open_to("uploads of tables")
    async def of_files(self, s: Session, name: str) -> UUID:
        """The source that uploaded tables of this name belong to, made where there is none."""
        for one in await transaction_sources.every(s):
            if one.provider == FILE and one.name == name[:64]:
                if one.removed:
                    await transaction_sources.change(s, one.id, active=True)
                return one.id
        return await self._begin(s, None, FILE, name, 0)

    @needs(Right.CRM_MANAGE)
    async def every(self, member: Member) -> Sequence[SourceView]:
        """All sources of the organization, oldest first."""
        async with self.db.reading(member.organization_id) as session:
            rows: dict[UUID | None, Any] = {row.id: row for row in await integrations.every(session)}
            found = [one for one in await transaction_sources.every(session) if not one.removed]
        return [view_of(one, rows.get(one.integration_id), self.clock()) for one in found]

    @needs(Right.CRM_MANAGE)
    async def get(self, member: Member, source_id: UUID) -> SourceView:
        """One source, with how far its run has come. Raises NotFound."""
        async with self.db.reading(member.organization_id) as session:
            source = await demanded(session, source_id)
            row = await integrations.get(session, source.integration_id) if source.integration_id else None
        return view_of(source, row, self.clock())

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.source_sync_now", "transaction_source")
    async def sync_now(self, member: Member, source_id: UUID, chat_id: int | None = None) -> SourceView:
        """Read it as soon as a process is free, whatever it waits for; `chat_id` gets the moving bar
        (transactions.progress in the slot transactions:<id>). Raises TooLate("stopped"), NotFound."""
        async with self.db.transaction(member.organization_id) as session:
            source = await transaction_sources.hold(session, source_id)
            if source is None or source.integration_id is None:
                raise NotFound(record="source")
            if not await transaction_sources.want(session, source_id, self.clock()):
                raise TooLate("stopped")
            if chat_id is not None:
                counts = {**source.counts, CHAT: chat_id}
                await transaction_sources.change(session, source_id, counts=counts)
        return await self.get(member, source_id)

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.source_set_active", "transaction_source")
    async def set_active(self, member: Member, source_id: UUID, active: bool) -> SourceView:
        """Stop reading a source, or go on; what was read stays. Raises NotFound."""
        await self._change(member, source_id, active=active, due_at=self.clock())
        return await self.get(member, source_id)

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.source_mute", "transaction_source")
    async def mute(self, member: Member, source_id: UUID, until: datetime | None) -> None:
        """No alerts of this source until then. Raises NotFound."""
        await self._change(member, source_id, muted_until=until)

    @needs(Right.CRM_MANAGE)
    @recorded("transaction.source_keep_log", "transaction_source")
    async def keep_log(self, member: Member, source_id: UUID, days: int) -> None:
        """How long log lines and settled raw records are kept. Raises BadInput, NotFound."""
        if not 1 <= days <= MOST_KEEP_DAYS:
            raise BadInput("days", "out_of_range")
        await self._change(member, source_id, keep_days=days)

    @needs(Right.CRM_MANAGE)
    @confirmed
    @recorded("transaction.source_remove", "transaction_source")
    async def remove(self, member: Member, source_id: UUID) -> None:
        """Read it no more, forget its keys, and leave out what nobody could read. Its purchases and their
        bonuses stay; should the same account be connected again it goes on with them. A connection that leads
        can go to stays as it is. Raises NotFound."""
        async with self.db.reading(member.organization_id) as session:
            source = await demanded(session, source_id)
            row = await integrations.get(session, source.integration_id) if source.integration_id else None
        alone = row is not None and not serves_leads(row.provider)
        if row is not None and alone:
            await self.integrations.stop_hearing(row)
        async with self.db.transaction(member.organization_id) as session:
            await demanded(session, source_id)
            account = account_mark(row.provider, row.settings) if row is not None else ""
            await transaction_sources.part(session, source_id, account)
            await transaction_log.drop_open(session, source_id, member.id, self.clock())
            if row is not None and alone:
                await integrations.remove(session, row.id)

    async def _change(self, member: Member, source_id: UUID, **values: object) -> None:
        async with self.db.transaction(member.organization_id) as session:
            await demanded(session, source_id)
            await transaction_sources.change(session, source_id, **values)

    @needs(Right.CRM_MANAGE)
    async def statistics(self, member: Member, source_id: UUID) -> Statistics:
        """How it goes, over the last 30 days. Raises NotFound."""
        async with self.db.reading(member.organization_id) as session:
            source = await demanded(session, source_id)
            health = await transaction_log.health(session, source_id, self.clock() - HEALTH_DAYS)
            count = await transaction_reading.count(session, source_id)
            _, unreadable = await transaction_log.unreadable(session, source_id, 0, 0)
        runs = health.good + health.bad
        return Statistics(
            transactions=count,
            unreadable=unreadable,
            last_success_at=source.last_success_at,
            good=health.good,
            failures=health.bad,
            rate=health.good / runs if runs else None,
            seconds=health.mean_seconds,
        )


async def demanded(s: Session, source_id: UUID) -> Source:
    source = await transaction_sources.get(s, source_id)
    if source is None or source.removed:
        raise NotFound(record="source")
    return source


async def place_of(s: Session) -> dict[str, str]:
    """Where the business is, for times, phones and sums that do not say so themselves."""
    organization = await members.get_organization(s, s.tenant)
    assert organization is not None
    return {"zone": organization.time_zone, "region": organization.region, "currency": CURRENCY}


def _secrets_of_ours(provider: str, kept: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """What only we know: the key by which patients' ids are hashed. It stays as long as the connection: with
    another one the same patient would be a stranger."""
    known = {one.name for one in PROVIDERS[provider].manifest.settings}
    if HASH_SECRET not in known or given.get(HASH_SECRET):
        return {}
    return {HASH_SECRET: kept.get(HASH_SECRET) or secrets.token_urlsafe(32)}


def _months_ago(now: datetime, months: int) -> datetime:
    """The first moment of the month so many months ago; now for none."""
    if not months:
        return now
    place = now.year * 12 + now.month - 1 - (months - 1)
    return now.replace(
        year=place // 12, month=place % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
