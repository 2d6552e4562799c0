"""What a CRM changed, brought into our records: read back, compared, applied once."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import structlog

from crm_adapters import base
from domain.crm import RemoteLead
from domain.delivery import CHANGED_THERE, Link, OperationKind, OperationState
from domain.errors import CrmGone, CrmUnsupported
from domain.leads import Lead, Stage
from services.clock import Clock
from services.crm_delivery import LEAD
from services.integrations import Integrations
from storage import leads as lead_rows
from storage import links, operations
from storage import stages as stage_rows
from storage.db import Database, Session

log = structlog.get_logger()

_ON_THE_WAY = (OperationState.PENDING, OperationState.RUNNING, OperationState.BLOCKED)


class Applied(StrEnum):
    """ignored: not a record of ours; gone: deleted there; unchanged: an echo, or nothing we follow;
    ours_wins: our own unsent change is newer; unmapped: no stage has this status."""

    IGNORED = "ignored"
    GONE = "gone"
    UNCHANGED = "unchanged"
    OURS_WINS = "ours_wins"
    UNMAPPED = "unmapped"
    MOVED = "moved"


class MovesByCrm(Protocol):
    async def move_by_crm(self, session: Session, lead_id: UUID, stage_id: UUID, origin: str) -> None:
        """Follow a change made in the CRM; nothing is sent back."""
        ...


class CrmIncoming:
    """Applies remote changes."""

    def __init__(self, db: Database, clock: Clock, integrations: Integrations, pipeline: MovesByCrm) -> None:
        self.db, self.clock, self.integrations, self.pipeline = db, clock, integrations, pipeline

    async def apply(self, organization_id: UUID, integration_id: UUID, external_id: str) -> Applied:
        """Read the record back and follow its status. Raises CrmError when it cannot be read now."""
        async with self.db.reading(organization_id) as session:
            if await links.of_external(session, integration_id, LEAD, external_id) is None:
                return Applied.IGNORED
        connected = await self.integrations.connected(integration_id)
        adapter = connected.adapter
        if not isinstance(adapter, base.Leads):
            raise CrmUnsupported("leads")
        try:
            remote = await adapter.read_lead(external_id)
        except CrmGone:
            return Applied.GONE
        async with self.db.transaction(organization_id) as session:
            link = await links.of_external(session, integration_id, LEAD, external_id)
            if link is None:
                return Applied.IGNORED
            applied = await self._follow(session, link, remote, adapter, f"crm:{connected.row.provider}")
        log.info("crm.applied", result=applied.value, lead=str(link.entity_id), external_id=external_id)
        return applied

    async def _follow(
        self, session: Session, link: Link, remote: RemoteLead, adapter: base.Leads, origin: str
    ) -> Applied:
        if remote.status == link.status:
            return Applied.UNCHANGED
        # an equal digest must not let the next write of ours be skipped: the record differs now
        await links.change(
            session, link, status=remote.status, sent_hash=CHANGED_THERE, synced_at=self.clock()
        )
        lead = await lead_rows.get_lead(session, link.entity_id)
        if lead is None or _status(adapter, lead.stage) == remote.status:
            return Applied.UNCHANGED
        if await self._is_ours_pending(session, link, lead):
            return Applied.OURS_WINS
        by_status = _first_stages(await stage_rows.list_stages(session), adapter)
        if remote.status not in by_status:
            return Applied.UNMAPPED
        await self.pipeline.move_by_crm(session, lead.id, by_status[remote.status].id, origin)
        return Applied.MOVED

    async def _is_ours_pending(self, session: Session, link: Link, lead: Lead) -> bool:
        owed = await operations.unfinished(session, link.integration_id, lead.id)
        return any(
            one.state in _ON_THE_WAY and (one.kind is OperationKind.LEAD_CREATE or "stage" in one.fields)
            for one in owed
        )


def _status(adapter: base.Leads, stage: Stage) -> str:
    return adapter.stage_status(stage.key or str(stage.id), stage.kind.value)


def _first_stages(stages: list[Stage], adapter: base.Leads) -> Mapping[str, Stage]:
    """The CRM's status -> our first stage, by position, that is written as it."""
    found: dict[str, Stage] = {}
    for stage in stages:
        found.setdefault(_status(adapter, stage), stage)
    return found
