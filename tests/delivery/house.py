"""The delivery side put together as the program does it, with an EspoCRM stand-in on the other side."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from crm_adapters.http import CrmHttp
from domain.delivery import DeliveryState
from domain.leads import LeadDraft
from domain.members import Member, MemberStatus, Role
from sandbox.espocrm import EspoSandbox
from services.clock import Clock
from services.connections.changes import ConnectionChanges
from services.connections.integrations import Integrations
from services.connections.logins import CrmLogins
from services.delivery.inbox import Inbox
from services.delivery.intake import Intake
from services.delivery.operations import Operations
from services.delivery.outbox import Outbox
from services.delivery.sync import CrmSync
from services.hooks_in.visitors import Visitors
from services.hooks_in.website_form import WebsiteForm
from services.journal import Journal
from services.leads.activities import Activities
from services.leads.leads import Leads
from services.leads.pipeline import Pipeline
from services.leads.stored_files import StoredFiles
from services.messages.notices import Notices
from services.people.organizations import Organizations
from storage.db import Database
from storage.files.folder import FolderStore
from storage.people import members as member_rows
from storage.pipelines import stages as stage_rows
from storage.replicas.signals import LocalSignals
from storage.secrets import Vault
from storage.tables import metadata
from tests.clock import MovableClock

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (2, 4, 8))
OWNER, PARTNER, MANAGER = 1, 2, 3
WORKER = "worker-1"


@dataclass
class House:
    """Services of one organization, its people, and what a test asks of them again and again."""

    db: Database
    clock: MovableClock
    crm: EspoSandbox
    vault: Vault
    signals: LocalSignals
    outbox: Outbox
    operations: Operations
    integrations: Integrations
    changes: ConnectionChanges
    logins: CrmLogins
    crm_sync: CrmSync
    leads: Leads
    pipeline: Pipeline
    activities: Activities
    form: WebsiteForm
    intake: Intake
    inbox: Inbox
    organization_id: UUID
    owner: Member
    partner: Member
    manager: Member

    @property
    def settings(self) -> Mapping[str, str]:
        return {"url": self.crm.url, "api_key": self.crm.api_key}

    async def connect(self) -> None:
        report = await self.integrations.connect(self.owner, "espocrm", self.settings)
        assert report.usable, report

    async def send(self, name: str = "Иван Петров", phone: str = "+79161234567", **values: Any) -> UUID:
        """A lead as the partner sends it."""
        lead = await self.leads.create(self.partner, LeadDraft(name=name, phones=(phone,), **values))
        return lead.id

    async def work(self) -> int:
        """Work until nothing is due; returns how many operations that were."""
        done = 0
        while count := await self.crm_sync.work_once(WORKER):
            done += count
        return done

    async def state(self, lead_id: UUID) -> DeliveryState:
        async with self.db.reading(self.organization_id) as session:
            return await self.outbox.state_for_lead(session, lead_id)

    async def stage(self, key: str) -> UUID:
        async with self.db.reading(self.organization_id) as session:
            return next(one.id for one in await stage_rows.list_stages(session) if one.key == key)

    async def rows(self, table: str) -> list[Row[Any]]:
        """Everything in a table, in order."""
        found = metadata.tables[table]
        async with self.db.reading(system=True) as session:
            return await session.rows(sa.select(found).order_by(found.c.id))

    async def told(self, kind: str) -> int:
        """How many notices of a kind are owed."""
        return sum(row.kind == kind for row in await self.rows("notices"))

    def down(self) -> None:
        self.crm.fail("down", mode="503")


async def _add_member(db: Database, organization_id: UUID, clock: MovableClock, who: int, role: Role) -> None:
    async with db.transaction(organization_id) as session:
        await member_rows.see_person(session, who, "", f"person {who}", "ru", clock())
        await member_rows.add_member(
            session,
            who,
            clock(),
            role=role.value,
            status=MemberStatus.ACTIVE.value,
            name=f"person {who}",
            referral_code=f"code{who}",
        )


def host_of(crm: EspoSandbox) -> str:
    """Its host:port, for the list of addresses inside that may be called."""
    return crm.url.removeprefix("http://")


def unused_files(db: Database, clock: Clock) -> StoredFiles:
    """A store where no test sends a file."""
    return StoredFiles(db, clock, FolderStore(Path("/nonexistent")))


@asynccontextmanager
async def open_house(db: Database, clock: MovableClock, allow: tuple[str, ...] = ()) -> AsyncIterator[House]:
    """A house without a CRM yet: `connect` it."""
    organization_id = await Organizations(db, clock).ensure_first("Дом", "ru", "RU", "Europe/Moscow", [OWNER])
    for who, role in ((PARTNER, Role.PARTNER), (MANAGER, Role.MANAGER)):
        await _add_member(db, organization_id, clock, who, role)
    async with db.reading(organization_id) as session:
        people = [await member_rows.member_of(session, who) for who in (OWNER, PARTNER, MANAGER)]
    owner, partner, manager = (person for person in people if person is not None)
    async with EspoSandbox(speed=0, start=clock()) as crm:
        http = CrmHttp(now=clock, time_limit=5.0, allow=[host_of(crm), *allow])
        async with http:
            vault, signals = Vault(base64.b64encode(bytes(32)).decode()), LocalSignals()
            outbox = Outbox(db, clock, signals, DELAYS, Random(7))
            notices = Notices(db, clock, signals)
            leads = Leads(db, clock, outbox, notices)
            pipeline = Pipeline(db, clock, outbox, notices)
            integrations = Integrations(db, vault, http, clock, "https://bot.example")
            crm_sync = CrmSync(db, clock, signals, outbox, integrations, notices, pipeline)
            visitors = Visitors(clock, leads, outbox, notices)
            form = WebsiteForm(db, clock, visitors, unused_files(db, clock))
            changes = ConnectionChanges(db, integrations)
            yield House(
                db=db,
                clock=clock,
                crm=crm,
                vault=vault,
                signals=signals,
                outbox=outbox,
                operations=Operations(db, clock, signals, notices),
                integrations=integrations,
                changes=changes,
                logins=CrmLogins(
                    db, vault, http, clock, integrations, changes, notices, Journal(db, clock, signals)
                ),
                crm_sync=crm_sync,
                leads=leads,
                pipeline=pipeline,
                activities=Activities(db, clock, outbox, notices),
                form=form,
                intake=Intake(db, vault, clock, signals),
                inbox=Inbox(db, clock, signals, crm_sync, {"website": form}, DELAYS, Random(7)),
                organization_id=organization_id,
                owner=owner,
                partner=partner,
                manager=manager,
            )
