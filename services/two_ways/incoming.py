"""What a CRM changed, brought into our records: read back, compared, applied once."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog

from crm_adapters import base
from domain.crm import RemoteLead
from domain.delivery import CHANGED_THERE, NOT_WRITTEN, Link, OperationKind, OperationState
from domain.errors import CrmGone, CrmUnsupported, TooLate
from domain.two_ways import Move, Seen
from services.connections.integrations import Integrations
from services.two_ways.comparing import Compared, TwoWays
from services.two_ways.deletions import Deletions
from storage.db import Database, Session
from storage.delivery import links, operations

log = structlog.get_logger()

LEAD = "lead"
TRIES = 3


class Applied(StrEnum):
    """ignored: not a record of ours; gone: deleted there; merged: it became another record; unchanged: an
    echo, or nothing we follow; ours_wins: our own change is newer, or the field is ours; unmapped: no stage
    has this status; moved: the stage has followed; changed: other fields have."""

    IGNORED = "ignored"
    GONE = "gone"
    MERGED = "merged"
    UNCHANGED = "unchanged"
    OURS_WINS = "ours_wins"
    UNMAPPED = "unmapped"
    MOVED = "moved"
    CHANGED = "changed"


class CrmIncoming:
    """Applies remote changes."""

    def __init__(
        self, db: Database, integrations: Integrations, two_ways: TwoWays, deletions: Deletions
    ) -> None:
        self.db, self.integrations = db, integrations
        self.two_ways, self.deletions = two_ways, deletions

    async def apply(
        self,
        organization_id: UUID,
        integration_id: UUID,
        external_id: str,
        told_at: datetime | None = None,
    ) -> Applied:
        """Read the record back and follow it. `told_at` is when the CRM told of the change.

        Raises CrmError when it cannot be read now, TooLate while a write of ours is under way: what is read
        meanwhile may be older or newer than what we know.
        """
        for _ in range(TRIES):
            async with self.db.reading(organization_id) as session:
                link = await links.of_external(session, integration_id, LEAD, external_id)
            if link is None:
                return Applied.IGNORED
            connected = await self.integrations.connected(integration_id)
            adapter = connected.adapter
            if not isinstance(adapter, base.Leads):
                raise CrmUnsupported("leads")
            try:
                remote = await adapter.read_lead(external_id)
            except CrmGone as gone:
                return await self._gone(organization_id, link, adapter, gone)
            compared = await self._compare(
                organization_id, link, remote, adapter, connected.row.provider, told_at
            )
            if compared is not None:
                return self._told(link, compared)
        raise TooLate("running")

    async def _gone(self, organization_id: UUID, link: Link, adapter: Any, gone: CrmGone) -> Applied:
        moved = await self.deletions.record_gone(organization_id, link, adapter, gone)
        return Applied.MERGED if moved else Applied.GONE

    async def _compare(
        self,
        organization_id: UUID,
        link: Link,
        remote: RemoteLead,
        adapter: Any,
        provider: str,
        told_at: datetime | None,
    ) -> Compared | None:
        """None when the link was changed after the record was read: it has to be read anew."""
        async with self.db.transaction(organization_id) as session:
            fresh = await links.locked(session, link.id)
            if fresh is None or _revision(fresh) != _revision(link):
                return None
            await _demand_no_write(session, fresh)
            if fresh.sent_hash in NOT_WRITTEN:
                fresh = await self._restored(session, fresh)
            if not isinstance(adapter, base.ReadsBack):
                remote = _status_alone(remote)
            return await self.two_ways.compare(session, fresh, remote, adapter, provider, told_at)

    async def _restored(self, session: Session, link: Link) -> Link:
        """The record is there again: it is written as before."""
        await links.change(session, link, sent_hash=CHANGED_THERE)
        await self.deletions.notices.deleted_settled(session, link.entity_id, link.id)
        found = await links.get(session, link.id)
        assert found is not None
        return found

    def _told(self, link: Link, compared: Compared) -> Applied:
        applied = _applied(compared)
        moves = {name: move.value for name, move in compared.moves.items() if move is not Move.NOTHING}
        log.info(
            "crm.applied",
            result=applied.value,
            lead=str(link.entity_id),
            external_id=link.external_id,
            moves=moves,
            conflicts=sorted(compared.conflicts),
        )
        return applied


def _applied(compared: Compared) -> Applied:
    followed = {name for name, move in compared.moves.items() if move is Move.FOLLOW} - compared.unfollowed
    table: Mapping[Applied, bool] = {
        Applied.MOVED: "stage" in followed,
        Applied.CHANGED: bool(followed),
        Applied.UNMAPPED: "stage" in compared.unfollowed,
        Applied.OURS_WINS: Move.SEND in compared.moves.values(),
    }
    return next((applied for applied, holds in table.items() if holds), Applied.UNCHANGED)


async def _demand_no_write(session: Session, link: Link) -> None:
    """Raise TooLate while a write of the lead is out."""
    owed = await operations.unfinished(session, link.integration_id, link.entity_id)
    writes = (OperationKind.LEAD_CREATE, OperationKind.LEAD_UPDATE)
    if any(one.state is OperationState.RUNNING and one.kind in writes for one in owed):
        raise TooLate("running")


def _revision(link: Link) -> tuple[int, str]:
    return Seen.read(link.seen).revision, link.sent_hash


def _status_alone(remote: RemoteLead) -> RemoteLead:
    return RemoteLead(remote.ref, remote.our_id, remote.status, modified_at=remote.modified_at)
