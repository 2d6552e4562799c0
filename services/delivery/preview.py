"""Seeing before sending: the requests a lead would make at the CRM, and what a trial run has only tried."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from crm_adapters import PROVIDERS
from crm_adapters.base import Pace
from domain.crm import CrmLead, CrmStage
from domain.errors import NotFound
from domain.leads import LeadDraft, Money
from domain.members import Member, Right
from domain.trials import Trial
from services.access import needs
from services.audit.recorded import recorded
from services.clock import Clock
from services.connections.integrations import Integrations
from services.delivery.outbox import TOPIC
from services.delivery.rehearsal import Rehearsals
from services.delivery.state import DRY_RUN
from storage.db import Database, Session
from storage.delivery import integrations, operations, trials
from storage.delivery.integrations import Integration
from storage.finding import lead_search
from storage.ids import new_id
from storage.pipelines import stages
from storage.replicas.signals import Signals


@dataclass(frozen=True, slots=True)
class Preview:
    """What a lead would make at a CRM; `number` is 0 for the sample."""

    crm: str
    number: int
    title: str
    trial: Trial


@dataclass(frozen=True, slots=True)
class Limits:
    """What the CRM takes, and what is on its way there now."""

    pace: Pace
    mode: str
    queue_depth: int
    failed: int
    tried: int


class CrmPreview:
    """Use cases on trials. Those that ask a CRM are called outside a transaction and may raise CrmError."""

    def __init__(self, db: Database, clock: Clock, signals: Signals, integrations: Integrations) -> None:
        self.db, self.clock, self.signals = db, clock, signals
        self.rehearsals = Rehearsals(db, integrations.connections)

    @needs(Right.CRM_MANAGE)
    async def sample(self, member: Member, draft: LeadDraft, integration_id: UUID | None = None) -> Preview:
        """The requests that a lead like `draft` would make as a new one; nothing is written. Raises NotFound
        without a CRM."""
        async with self.db.reading(member.organization_id) as session:
            row = await _chosen(session, integration_id)
            first = (await stages.list_stages(session))[0]
        trying = await self.rehearsals.stage(row.id)
        stage = CrmStage(first.key or str(first.id), first.name, first.kind)
        trial = await self.rehearsals.sample(trying, _sample(draft, stage))
        return Preview(_title(row), 0, draft.name, trial)

    @needs(Right.CRM_MANAGE)
    async def lead(self, member: Member, number: int, integration_id: UUID | None = None) -> Preview:
        """The requests that sending the lead with this number would make now; nothing is written. Raises
        NotFound without such a lead, or without a CRM."""
        async with self.db.reading(member.organization_id) as session:
            row = await _chosen(session, integration_id)
            found = await lead_search.by_number(session, number)
        if found is None:
            raise NotFound(record="lead")
        lead_id, title = found
        trying = await self.rehearsals.stage(row.id)
        return Preview(_title(row), number, title, await self.rehearsals.lead(trying, lead_id))

    @needs(Right.CRM_MANAGE)
    async def limits(self, member: Member, integration_id: UUID | None = None) -> Limits:
        """Of an integration, the active one unless named. Raises NotFound."""
        async with self.db.reading(member.organization_id) as session:
            row = await _chosen(session, integration_id)
            queue = await operations.queue(session, row.id)
            tried = await trials.count_leads(session, row.id)
        pace = PROVIDERS[row.provider].manifest.pace
        return Limits(pace, row.mode, queue.depth, queue.failed, tried)

    @needs(Right.CRM_MANAGE)
    async def tried(self, member: Member) -> int:
        """How many leads the active CRM, which is live, was only tried with; 0 while it is on trial."""
        async with self.db.reading(member.organization_id) as session:
            row = await integrations.active(session)
            if row is None or row.mode == DRY_RUN:
                return 0
            return await trials.count_leads(session, row.id)

    @needs(Right.CRM_MANAGE)
    @recorded("operation.send_tried", "integration")
    async def send_tried(self, member: Member) -> int:
        """Send them in earnest; returns how many leads those are. Nothing happens while it is on trial."""
        async with self.db.transaction(member.organization_id) as session:
            row = await integrations.active(session)
            if row is None or row.mode == DRY_RUN:
                return 0
            count = await trials.revive(session, row.id, self.clock())
            session.after_commit(partial(self.signals.wake, TOPIC))
            return count


async def _chosen(session: Session, integration_id: UUID | None) -> Integration:
    """The integration asked for, else the active one."""
    if integration_id is None:
        row = await integrations.active(session)
    else:
        row = await integrations.get(session, integration_id)
    if row is None:
        raise NotFound(record="integration")
    return row


def _title(row: Integration) -> str:
    return PROVIDERS[row.provider].manifest.title


def _sample(draft: LeadDraft, stage: CrmStage) -> CrmLead:
    return CrmLead(
        our_id=str(new_id()),
        number=0,
        name=draft.name,
        company=draft.company,
        phones=tuple(draft.phones),
        emails=tuple(draft.emails),
        inn=draft.inn,
        amount=Money(draft.amount) if draft.amount is not None else None,
        note=draft.note,
        source=draft.source,
        referral_code="",
        utm={},
        custom={},
        stage=stage,
    )
