"""The delivery side put together as the program does it, on a database of its own."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from uuid import UUID

import asyncpg
import sqlalchemy as sa
import structlog

from benchmarks import postgres
from crm_adapters.http import CrmHttp
from crm_adapters.pace import Paces
from domain.members import Member
from services.clock import Clock, system_clock
from services.connections.integrations import Integrations
from services.delivery.outbox import Outbox
from services.delivery.retry import PARKED
from services.delivery.sync import CrmSync
from services.leads.leads import Leads
from services.leads.pipeline import Pipeline
from services.messages.notices import Notices
from services.people.organizations import Organizations
from storage.db import Database
from storage.delivery import integrations as integration_rows
from storage.ids import new_id
from storage.people import members as member_rows
from storage.replicas.signals import LocalSignals
from storage.secrets import Vault
from storage.tables import operations

OWNER = 1001

LEADS = """
INSERT INTO leads (id, organization_id, number, name, company, note, source, utm, custom, stage_id,
                   created_at, updated_at)
SELECT uuidv7(), $2, n, 'Person ' || n, '', 'Asks about an offer', 'website', '{}', '{}', $3, now(), now()
FROM generate_series($4::bigint, $1::bigint) AS n
"""
PHONES = """
INSERT INTO contact_points (id, organization_id, lead_id, kind, value, typed, position)
SELECT uuidv7(), organization_id, id, 'phone', '+7' || (9000000000 + number), '', 0
FROM leads WHERE organization_id = $1 AND number >= $2
"""
LINKS = """
INSERT INTO links (id, organization_id, integration_id, entity, entity_id, external_id, sent_hash,
                   created_at, synced_at)
SELECT uuidv7(), organization_id, $2, 'lead', id, 'n' || number, 'earlier', now(), now()
FROM leads WHERE organization_id = $1
"""
OWED = """
INSERT INTO operations (id, organization_id, integration_id, kind, record_id, entity_id, payload, state,
                        due_at, created_at)
SELECT uuidv7(), organization_id, $2, $3, id, id, '{"fields": ["note"]}', 'pending', now(), now()
FROM leads WHERE organization_id = $1 ORDER BY id
"""


def quiet() -> None:
    """Only what goes wrong is logged: neither side writes a line an operation."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))


@dataclass
class Workplace:
    """Services of one organization and a bare connection to the same database."""

    url: str
    db: Database
    bare: asyncpg.Connection
    signals: LocalSignals
    outbox: Outbox
    integrations: Integrations
    crm_sync: CrmSync
    leads: Leads
    organization_id: UUID
    owner: Member
    clock: Clock

    async def integration(self, provider: str, settings: Mapping[str, str]) -> UUID:
        """An active integration with open settings, made without asking the CRM."""
        integration_id = new_id()
        async with self.db.transaction(self.organization_id) as session:
            await integration_rows.add(session, integration_id, provider, settings, self.clock())
            await integration_rows.only_active(session, integration_id)
        return integration_id

    async def fill(self, count: int, first: int = 1) -> None:
        """Leads that nobody of ours sent, so that nobody waits for a receipt; numbered from `first`."""
        stage = await self.bare.fetchval(
            "SELECT id FROM stages WHERE organization_id = $1 ORDER BY position", self.organization_id
        )
        await self.bare.execute(LEADS, first + count - 1, self.organization_id, stage, first)
        await self.bare.execute(PHONES, self.organization_id, first)

    async def link(self, integration_id: UUID) -> None:
        """Let every lead have a record there that is out of date."""
        await self.bare.execute(LINKS, self.organization_id, integration_id)

    async def owe(self, integration_id: UUID, kind: str) -> None:
        """One operation for every lead."""
        await self.bare.execute(OWED, self.organization_id, integration_id, kind)
        await self.bare.execute("ANALYZE operations")

    async def states(self) -> dict[str, int]:
        """How many operations there are of each state."""
        async with self.db.reading(system=True) as session:
            rows = await session.rows(
                sa.select(operations.c.state, sa.func.count().label("number")).group_by(operations.c.state)
            )
        return {row.state: row.number for row in rows}


@asynccontextmanager
async def open_workplace(
    url: str, http: CrmHttp, clock: Clock = system_clock, paces: Paces | None = None
) -> AsyncIterator[Workplace]:
    """A workplace on the migrated, empty database at `url`."""
    db, signals = Database(url), LocalSignals()
    organization = await Organizations(db, clock).ensure_first("B", "en", "RU", "Europe/Moscow", [OWNER])
    async with db.reading(organization) as session:
        owner = await member_rows.member_of(session, OWNER)
    assert owner is not None
    outbox = Outbox(db, clock, signals, PARKED, Random(7))
    notices = Notices(db, clock, signals)
    leads, pipeline = Leads(db, clock, outbox, notices), Pipeline(db, clock, outbox, notices)
    vault = Vault(base64.b64encode(bytes(32)).decode())
    integrations = Integrations(db, vault, http, clock, "https://bot.example", paces)
    crm_sync = CrmSync(db, clock, signals, outbox, integrations, notices, pipeline)
    bare = await postgres.connect(url)
    try:
        yield Workplace(
            url, db, bare, signals, outbox, integrations, crm_sync, leads, organization, owner, clock
        )
    finally:
        await bare.close()
        await db.close()
