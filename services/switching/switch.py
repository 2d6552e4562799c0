"""Moving from the active CRM to another one that is connected: guided, resumable, and reversible to the end.

While leads are copied the target is mirrored: every new write goes to both. Each copied lead is an ordinary
operation, so everything that holds for the outbox holds here: one record a lead, in order, found before it is
made, and ambiguous ones wait for a person without stopping the rest.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

import structlog

from crm_adapters import PROVIDERS
from domain.crm import Problem
from domain.errors import BadInput, CrmError, NotFound, TooLate
from domain.members import Member, Right
from domain.switching import (
    BEFORE,
    OPEN,
    WORKING,
    Move,
    Plan,
    StageGap,
    SwitchState,
    read_difference,
)
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.connections.integrations import Integrations, serves_leads
from services.delivery.rehearsal import Rehearsals
from services.delivery.state import DRY_RUN, SWITCH_CANCELLED
from services.entry.confirming import confirmed
from services.messages.notices import Notices
from services.switching.plan import Planning
from services.switching.steps import SwitchSteps
from storage.db import Database, Session
from storage.delivery import integrations, switches
from storage.delivery.integrations import Integration
from storage.delivery.switches import SwitchRow
from storage.replicas.signals import Signals

log = structlog.get_logger()

STEPS_AT_ONCE = 20
"""Steps of one move before the others get their turn."""


class CrmSwitch:
    """Use cases on moves. An organization has one at a time."""

    def __init__(
        self, db: Database, clock: Clock, signals: Signals, integrations: Integrations, notices: Notices
    ) -> None:
        self.db, self.clock, self.integrations = db, clock, integrations
        self.planning = Planning(db, Rehearsals(db, integrations.connections))
        self.steps = SwitchSteps(db, clock, signals, integrations, notices)

    @needs(Right.CRM_MANAGE)
    async def targets(self, member: Member) -> Sequence[tuple[UUID, str]]:
        """(id, title) of the connected CRMs that are not the active one. Nothing without an active one."""
        async with self.db.reading(member.organization_id) as session:
            every = await integrations.every(session)
        if not any(row.active for row in every):
            return ()
        return [(row.id, title_of(row)) for row in every if _may_be_target(row)]

    @needs(Right.CRM_MANAGE)
    async def plan(self, member: Member, target_id: UUID) -> Plan:
        """What moving there would mean; nothing is written. Asks the target, so call it outside a
        transaction. Raises NotFound, or CrmError when the target does not answer."""
        return await self.planning.plan(member.organization_id, target_id)

    @needs(Right.CRM_MANAGE)
    @confirmed
    @recorded("crm.switch_start", "switch")
    async def start(self, member: Member, target_id: UUID, chat_id: int | None) -> Move:
        """Mirror every new write to the target, and begin to copy. `chat_id` gets the moving bar.

        Raises NotFound, TooLate("switching") while another move is open, BadInput for a target that is the
        active one ("is_active") or only on trial ("on_trial").
        """
        async with self.db.transaction(member.organization_id) as session:
            source, target = await self._ends(session, target_id)
            total, now = await switches.count_leads(session), self.clock()
            switch_id = await switches.add(session, source.id, target.id, member.id, chat_id, total, now)
            await integrations.change(session, target.id, mirrored=True)
            row = await self._row(session, switch_id)
            await self.steps.tell(session, row)
            return await self._move(session, row)

    async def _ends(self, session: Session, target_id: UUID) -> tuple[Integration, Integration]:
        source, target = await integrations.active(session), await integrations.get(session, target_id)
        if source is None or target is None:
            raise NotFound(record="integration")
        # its row's lock lets one of two at a time look whether a move is open
        await integrations.change(session, source.id, mirrored=False)
        newest = await switches.newest(session)
        if newest is not None and SwitchState(newest.state) in OPEN:
            raise TooLate("switching")
        if source.id == target.id:
            raise BadInput("target", "is_active")
        if target.mode == DRY_RUN:
            raise BadInput("target", "on_trial")
        return source, target

    @needs(Right.CRM_MANAGE)
    async def current(self, member: Member) -> Move | None:
        """The newest move, whatever became of it; None if there never was one."""
        async with self.db.reading(member.organization_id) as session:
            row = await switches.newest(session)
            return await self._move(session, row) if row is not None else None

    @needs(Right.CRM_MANAGE)
    async def get(self, member: Member, switch_id: UUID) -> Move:
        """Raises NotFound."""
        async with self.db.reading(member.organization_id) as session:
            return await self._move(session, await self._row(session, switch_id))

    @needs(Right.CRM_MANAGE)
    @recorded("crm.switch_pause", "switch")
    async def pause(self, member: Member, switch_id: UUID) -> Move:
        """Begin nothing more; what is on its way to the target goes on. Raises TooLate("answered")."""
        async with self.db.transaction(member.organization_id) as session:
            row = await self._row(session, switch_id, WORKING)
            report = {**row.report, "paused_in": row.state}
            return await self._to(session, row, SwitchState.PAUSED, report=report)

    @needs(Right.CRM_MANAGE)
    @recorded("crm.switch_resume", "switch")
    async def resume(self, member: Member, switch_id: UUID) -> Move:
        """Go on where it was paused. Raises TooLate("answered")."""
        async with self.db.transaction(member.organization_id) as session:
            row = await self._row(session, switch_id, {SwitchState.PAUSED})
            before = SwitchState(row.report.get("paused_in", SwitchState.COPYING.value))
            return await self._to(session, row, before)

    @needs(Right.CRM_MANAGE)
    @recorded("crm.switch_compare_again", "switch")
    async def compare_again(self, member: Member, switch_id: UUID) -> Move:
        """Copy what is missing, and make the report anew. Raises TooLate("answered")."""
        async with self.db.transaction(member.organization_id) as session:
            row = await self._row(session, switch_id, {SwitchState.COPIED})
            return await self._to(session, row, SwitchState.COPYING, cursor=None, report={})

    @needs(Right.CRM_MANAGE)
    @recorded("crm.switch_cancel", "switch")
    async def cancel(self, member: Member, switch_id: UUID) -> Move:
        """Call it off: the source stays the active one, the target gets nothing more, and what it has it
        keeps. Raises TooLate("answered") once the target is the active one."""
        async with self.db.transaction(member.organization_id) as session:
            row = await self._row(session, switch_id, BEFORE)
            await integrations.change(session, row.target_id, mirrored=False)
            now = self.clock()
            await switches.drop_unsent(session, row.target_id, SWITCH_CANCELLED, now)
            return await self._to(session, row, SwitchState.CANCELLED, finished_at=now)

    @needs(Right.CRM_MANAGE)
    @confirmed
    @recorded("crm.switch_activate", "switch")
    async def activate(self, member: Member, switch_id: UUID) -> Move:
        """Make the target the active CRM; the source still gets every write until `finish`.

        Its webhooks are seen to, so call it outside a transaction. Raises TooLate("answered") unless the
        report is there.
        """
        async with self.db.transaction(member.organization_id) as session:
            row = await self._row(session, switch_id, {SwitchState.COPIED})
            await integrations.only_active(session, row.target_id)
            await integrations.change(session, row.target_id, mirrored=False)
            await integrations.change(session, row.source_id, mirrored=True)
            move = await self._to(session, row, SwitchState.SWITCHED)
        await self._subscribe(move.target_id)
        return move

    @needs(Right.CRM_MANAGE)
    @confirmed
    @recorded("crm.switch_finish", "switch")
    async def finish(self, member: Member, switch_id: UUID) -> Move:
        """Stop writing to the source and being called by it; its links stay. Call it outside a transaction.
        Raises TooLate("answered")."""
        async with self.db.transaction(member.organization_id) as session:
            row = await self._row(session, switch_id, {SwitchState.SWITCHED})
            await integrations.change(session, row.source_id, mirrored=False)
            move = await self._to(session, row, SwitchState.FINISHED, finished_at=self.clock())
            source = await integrations.get(session, row.source_id)
        if source is not None:
            await self.integrations.stop_hearing(source)
        return move

    @open_to("the scheduler")
    async def advance(self) -> int:
        """Go on with every move of every organization; returns how many steps were made. Any replica may."""
        async with self.db.reading(system=True) as session:
            rows = await switches.in_states(session, [state.value for state in WORKING])
        return sum(await asyncio.gather(*(self._drive(row) for row in rows)))

    async def _drive(self, row: SwitchRow) -> int:
        """Steps of one move, until there is nothing to do for now. A target that does not answer is asked
        again the next time."""
        try:
            for made in range(STEPS_AT_ONCE):
                async with self.db.reading(row.organization_id) as session:
                    fresh = await switches.get(session, row.id)
                if fresh is None or not await self.steps.step(fresh):
                    return made
        except CrmError as error:
            log.warning("switch.waits", switch=str(row.id), code=error.code)
            await self._note(row, error.code)
            return 0
        return STEPS_AT_ONCE

    async def _note(self, row: SwitchRow, code: str) -> None:
        async with self.db.transaction(row.organization_id) as session:
            fresh = await switches.locked(session, row.id)
            if fresh is not None and fresh.report.get("error") != code:
                report = {**fresh.report, "error": code}
                await switches.advance(session, fresh, self.clock(), report=report)
                await self.steps.tell(session, fresh)

    async def _subscribe(self, integration_id: UUID) -> Sequence[Problem]:
        connected = await self.integrations.connected(integration_id)
        provider = PROVIDERS[connected.row.provider]
        return await self.integrations.subscriptions.complete(connected.row, connected.adapter, provider)

    async def _row(
        self, session: Session, switch_id: UUID, states: Collection[SwitchState] = ()
    ) -> SwitchRow:
        """The move; to change it, name the states that it may be in."""
        read = switches.locked if states else switches.get
        row = await read(session, switch_id)
        if row is None:
            raise NotFound(record="switch")
        if states and SwitchState(row.state) not in states:
            raise TooLate("answered")
        return row

    async def _to(self, session: Session, row: SwitchRow, state: SwitchState, **values: object) -> Move:
        if not await switches.advance(session, row, self.clock(), state=state.value, **values):
            raise TooLate("answered")
        row = await self._row(session, row.id)
        await self.steps.tell(session, row)
        return await self._move(session, row)

    async def _move(self, session: Session, row: SwitchRow) -> Move:
        source = await integrations.get(session, row.source_id)
        target = await integrations.get(session, row.target_id)
        if source is None or target is None:
            raise NotFound(record="integration")
        move = move_of(row, title_of(source), title_of(target))
        trouble = row.report.get("error") or (target.last_error if move.state in WORKING else "")
        other = source if move.state is SwitchState.SWITCHED else target
        return replace(move, mirrored=other.mirrored, error=trouble)


def title_of(row: Integration) -> str:
    """What people call a connection."""
    title = PROVIDERS[row.provider].manifest.title
    return f"{title} · {row.name}" if row.name else title


def move_of(row: SwitchRow, source: str, target: str) -> Move:
    """A stored move between CRMs of these titles."""
    report, paused = row.report, row.report.get("paused_in", "")
    return Move(
        id=row.id,
        organization_id=row.organization_id,
        source_id=row.source_id,
        target_id=row.target_id,
        source=source,
        target=target,
        state=SwitchState(row.state),
        total=row.total,
        done=row.copied,
        asking=report.get("asking", 0),
        dropped=report.get("dropped", 0),
        compared=report.get("compared", 0),
        differences=tuple(read_difference(one) for one in report.get("differences", ())),
        more=report.get("more", 0),
        gaps=tuple(StageGap(**one) for one in report.get("gaps", ())),
        mirrored=False,
        error="",
        paused_in=SwitchState(paused) if paused else None,
    )


def _may_be_target(row: Integration) -> bool:
    return not row.active and bool(row.credentials) and serves_leads(row.provider)
