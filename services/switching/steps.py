"""The work of a move between CRMs, a step at a time: leads are owed to the target, then read back.

A step commits its effect together with its place in the `switches` row, and only if the row still stands as
it was read. So a kill loses at most a step, which is done again, and of two replicas one does it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from domain.crm import CrmLead
from domain.delivery import AmbiguousMatch, Link, Operation, OperationKind, OperationState, Priority
from domain.errors import CrmError, CrmGone
from domain.switching import Difference, Differs, StageGap, SwitchState
from services.clock import Clock
from services.connections.adapters import Connected
from services.connections.integrations import Integrations
from services.delivery.outbox import TOPIC
from services.messages.notices import Notices
from services.switching.compare import differences, without_record
from services.switching.plan import stage_gaps
from storage.db import Database, Session
from storage.delivery import crm_leads, links, operations, switches
from storage.delivery.switches import SwitchRow, Tally
from storage.ids import new_id
from storage.pipelines import stages
from storage.replicas.signals import Signals

PAGE = 50
"""Leads that one step owes to the target."""

ROOM = 100
"""Writes that may wait for the target before more are owed: new leads must not stand behind thousands."""

READ_AT_ONCE = 4
READ_PAGE = 20
KEPT_DIFFERENCES = 2000
TELL_EVERY = timedelta(seconds=2)


def slot_of(switch_id: UUID) -> str:
    """What the message with the moving bar shows."""
    return f"switch:{switch_id}"


class SwitchSteps:
    """Carries steps out. Raises CrmError while the target cannot be read."""

    def __init__(
        self, db: Database, clock: Clock, signals: Signals, integrations: Integrations, notices: Notices
    ) -> None:
        self.db, self.clock, self.signals = db, clock, signals
        self.integrations, self.notices = integrations, notices

    async def step(self, row: SwitchRow) -> bool:
        """Do what is next; False when there is nothing to do for now."""
        if row.state == SwitchState.COPYING.value:
            return await self._copy(row)
        if row.state == SwitchState.COMPARING.value:
            return await self._compare(row)
        return False

    async def tell(self, session: Session, row: SwitchRow) -> None:
        """The message with the bar is to show how it stands now."""
        if row.chat_id is not None:
            params = {"switch": str(row.id)}
            await self.notices.owe(session, row.chat_id, "crm.switch", params, slot_of(row.id))

    # Copying

    async def _copy(self, row: SwitchRow) -> bool:
        async with self.db.transaction(row.organization_id) as session:
            tally = await switches.tally(session, row)
            lead_ids = await self._next(session, row)
            changes: dict[str, Any] = {"total": tally.total, "copied": tally.linked}
            if lead_ids:
                changes["cursor"] = lead_ids[-1]
            elif tally.waiting == 0:
                changes |= {"state": SwitchState.COMPARING.value, "cursor": None}
            elif _same(row, tally):
                return False
            counted = {"asking": tally.asking, "dropped": tally.dropped, "error": ""}
            if not await self._advance(session, row, counted, changes):
                return False
            await self._owe(session, row, lead_ids)
        return bool(lead_ids) or "state" in changes

    async def _next(self, session: Session, row: SwitchRow) -> list[UUID]:
        """Leads to be owed now. What a transaction under way has slipped in behind the cursor is found when
        its end is reached."""
        queue = await operations.queue(session, row.target_id)
        if queue.depth - queue.failed >= ROOM:
            return []
        found = await switches.missing(session, row, row.cursor, PAGE)
        return found or await switches.missing(session, row, None, PAGE)

    async def _owe(self, session: Session, row: SwitchRow, lead_ids: Sequence[UUID]) -> None:
        """A write for each lead, and behind it one for each of its activities."""
        if not lead_ids:
            return
        now = self.clock()
        owed = [_owed(row, OperationKind.LEAD_CREATE, lead_id, lead_id, now) for lead_id in lead_ids]
        owed += [
            _owed(row, OperationKind.ACTIVITY_CREATE, lead_id, activity_id, now)
            for lead_id, activity_id in await switches.activities_of(session, lead_ids)
        ]
        await operations.add(session, *owed, priority=Priority.BULK)
        session.after_commit(partial(self.signals.wake, TOPIC))

    # Comparing

    async def _compare(self, row: SwitchRow) -> bool:
        async with self.db.reading(row.organization_id) as session:
            lead_ids = await switches.lead_ids(session, row.cursor, READ_PAGE)
            pairs = [await self._pair(session, row, lead_id) for lead_id in lead_ids]
        connected = await self.integrations.connected(row.target_id)
        adapter = connected.adapter
        gate = asyncio.Semaphore(READ_AT_ONCE)

        async def read(lead: CrmLead, link: Link | None, owed: Operation | None) -> list[Difference]:
            async with gate:
                return await _found(adapter, lead, link, owed)

        read_back = await asyncio.gather(*(read(*pair) for pair in pairs if pair is not None))
        found = [one for differences in read_back for one in differences]
        reported = _reported(row, len(lead_ids), found)
        changes: dict[str, Any] = {"cursor": lead_ids[-1]} if lead_ids else {}
        if len(lead_ids) < READ_PAGE:
            changes["state"] = SwitchState.COPIED.value
            reported["gaps"] = [asdict(gap) for gap in await self._gaps(connected)]
        async with self.db.transaction(row.organization_id) as session:
            return await self._advance(session, row, reported, changes)

    async def _gaps(self, connected: Connected) -> Sequence[StageGap]:
        row = connected.row
        async with self.db.reading(row.organization_id) as session:
            ours = await stages.list_stages(session)
        return await stage_gaps(connected.adapter, row.provider, row.mapping, ours)

    async def _pair(
        self, session: Session, row: SwitchRow, lead_id: UUID
    ) -> tuple[CrmLead, Link | None, Operation | None] | None:
        """A lead, its link with the target, and what is still owed there; None for a lead that has gone."""
        lead = await crm_leads.crm_lead(session, row.target_id, lead_id)
        link = await links.of_entity(session, row.target_id, "lead", lead_id)
        owed = await operations.unfinished(session, row.target_id, lead_id)
        return (lead, link, owed[0] if owed else None) if lead is not None else None

    async def _advance(
        self, session: Session, row: SwitchRow, counted: Mapping[str, Any], changes: Mapping[str, Any]
    ) -> bool:
        """Commit a step's place; people are told of a new state at once, else every now and then."""
        now = self.clock()
        told = row.report.get("told_at", "")
        tell = "state" in changes or not told or datetime.fromisoformat(told) + TELL_EVERY <= now
        report = {**row.report, **counted} | ({"told_at": now.isoformat()} if tell else {})
        if not await switches.advance(session, row, now, report=report, **changes):
            return False
        if tell:
            await self.tell(session, row)
        return True


def _same(row: SwitchRow, tally: Tally) -> bool:
    """Whether nothing has moved since the last look."""
    before = (row.total, row.copied, row.report.get("asking"), row.report.get("dropped"))
    return before == (tally.total, tally.linked, tally.asking, tally.dropped)


def _owed(row: SwitchRow, kind: OperationKind, lead_id: UUID, entity_id: UUID, now: datetime) -> Operation:
    return Operation(
        id=new_id(),
        organization_id=row.organization_id,
        integration_id=row.target_id,
        kind=kind,
        record_id=lead_id,
        entity_id=entity_id,
        payload={},
        state=OperationState.PENDING,
        attempts=0,
        intent=False,
        due_at=now,
        lease_owner="",
        error="",
        error_reason="",
        created_at=now,
        done_at=None,
    )


async def _found(adapter: Any, lead: CrmLead, link: Link | None, owed: Operation | None) -> list[Difference]:
    if link is None:
        return [_absent(lead, owed)]
    try:
        remote = await adapter.read_lead(link.external_id)
    except CrmGone:
        return [without_record(lead, Differs.GONE)]
    except CrmError as error:
        if error.code != "crm_rejected":
            raise
        return [without_record(lead, Differs.REFUSED, error.reason)]
    status = adapter.stage_status(lead.stage.key, lead.stage.kind.value)
    return differences(lead, remote, status)


def _absent(lead: CrmLead, owed: Operation | None) -> Difference:
    if owed is None or owed.state is not OperationState.PERMANENTLY_FAILED:
        return without_record(lead, Differs.ABSENT)
    if owed.error == AmbiguousMatch.code:
        return without_record(lead, Differs.UNSURE, owed.error_reason)
    return without_record(lead, Differs.REFUSED, owed.error_reason)


def _reported(row: SwitchRow, read: int, found: Sequence[Difference]) -> dict[str, Any]:
    """The report with what a page brought; beyond KEPT_DIFFERENCES they are only counted."""
    kept = [*row.report.get("differences", ()), *(one.as_json() for one in found)]
    more = row.report.get("more", 0) + max(len(kept) - KEPT_DIFFERENCES, 0)
    compared = row.report.get("compared", 0) + read
    return {"differences": kept[:KEPT_DIFFERENCES], "more": more, "compared": compared, "error": ""}
