"""Changing many leads at once: picked by hand or by a filter, counted, confirmed, done in pages, undone.

Few leads are changed in the caller's transaction. More are a run that the scheduler works off in pages, each
a transaction of its own, so that it goes on after a crash; its member sees a moving bar. Whatever was changed
after the member confirmed, or is not theirs to change, is left alone and counted.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from domain.bulk import (
    AT_ONCE,
    CANCELLED,
    DONE,
    OPEN,
    RUNNING,
    UNDOING,
    UNDONE,
    BulkRun,
    Order,
    Picked,
)
from domain.delivery import Priority
from domain.errors import BadInput, NotAllowed, NotFound, TooLate
from domain.lead_query import LeadQuery
from domain.leads import Lead, StageKind
from domain.members import Member, Right
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.entry.confirming import demand_confirmed
from services.finding.bulk_actions import FIELD_OF, Task, carry_out, read_order, refusal
from services.finding.picking import Picking
from services.finding.search import Finding
from services.leads.changes import Changes
from services.leads.lead_state import FIELDS
from services.messages.notices import Notices
from services.sharing.clocks import start_clock
from storage.db import Database, Session
from storage.finding import lead_finding
from storage.leads import bulk_runs as rows
from storage.leads import lead_history
from storage.people import members as member_rows
from storage.pipelines import answer_times
from storage.planning import activities as audit_rows

LEASE = timedelta(seconds=60)
KEPT = timedelta(days=2)
"""How long a finished run is remembered for its message."""

PAGES_AT_ONCE = 10


class Bulk:
    """Use cases on many leads at once."""

    def __init__(
        self, db: Database, clock: Clock, finding: Finding, changes: Changes, outbox: Outbox, notices: Notices
    ) -> None:
        self.db, self.clock, self.finding, self.changes = db, clock, finding, changes
        self.outbox, self.notices, self.picking = outbox, notices, Picking(db, clock, finding)

    @needs(Right.LEAD_ASSIGN)
    async def receivers(self, member: Member) -> Sequence[Member]:
        """Whom leads can be given to, by name."""
        async with self.db.reading(member.organization_id) as s:
            found = await member_rows.active_with(s, Right.LEAD_WORK)
        return sorted(found, key=lambda one: one.name.casefold())

    @needs(Right.LEAD_WORK)
    async def confirm(self, member: Member, order: Order) -> Picked:
        """Count anew what the order is about to change, and remember the moment: what is changed later by
        others is left alone. Raises TooLate("nothing_picked"), NotAllowed, and BadInput or NotFound for a
        value that cannot be."""
        async with self.db.transaction(member.organization_id) as s:
            await read_order(s, member, order, self.clock())
            held = await self.picking.held(s, member)
            if held.query is not None:
                held = replace(held, total=await self.finding.count(member, held.query))
            if not held.total:
                raise TooLate("nothing_picked")
            return await self.picking.keep(s, member, replace(held, asked_at=self.clock()))

    @needs(Right.LEAD_WORK)
    async def start(self, member: Member, order: Order) -> BulkRun:
        """Carry the order out on what is picked; a few leads at once, more of them later in pages.

        Raises TooLate("nothing_picked") for the second of two taps, and what `confirm` raises; BadInput(
        "reason", "required") for a failed stage without one.
        """
        async with self.db.transaction(member.organization_id) as s:
            held = await self.picking.held(s, member)
            if not held.total or held.asked_at is None:
                raise TooLate("nothing_picked")
            run = await self._begin(s, member, order, held, held.asked_at)
            await self.picking.keep(s, member, Picked())
            return run

    @needs(Right.LEAD_WORK)
    async def start_on(
        self, member: Member, order: Order, lead_ids: Sequence[UUID], query: LeadQuery | None = None
    ) -> BulkRun:
        """The same for leads that are named, or that a query finds; what is picked in the chat stays picked.
        Raises BadInput("lead_ids", "gone") where there is none."""
        async with self.db.transaction(member.organization_id) as s:
            numbers = await lead_finding.numbers_of(s, lead_ids)
            total = await self.finding.count(member, query) if query is not None else len(numbers)
            if not total:
                raise BadInput("lead_ids", "gone")
            return await self._begin(s, member, order, Picked(tuple(numbers), query, total), self.clock())

    async def _begin(
        self, s: Session, member: Member, order: Order, held: Picked, asked_at: datetime
    ) -> BulkRun:
        if order.action == "delete":
            await demand_confirmed(self.db, self.clock, member)
        task = await read_order(s, member, order, self.clock())
        if task.stage is not None and task.stage.kind is StageKind.FAILED and not order.reason:
            raise BadInput("reason", "required")
        change_id = await self.changes.begin(s, member.id, f"bulk.{order.action}", held.total)
        run = BulkRun(
            rows.next_run_id(), member.id, task.order, RUNNING, held.total, change_id, asked_at,
            numbers=held.numbers, query=held.query,
        )  # fmt: skip
        now = self.clock()
        await audit_rows.add_audit(s, member.id, f"bulk.{order.action}", "change", change_id, now)
        await rows.add_run(s, run, now)
        if run.total <= AT_ONCE:
            while run.state == RUNNING:
                run = await self._page(s, member, run)
        return run

    @needs(Right.LEAD_WORK)
    async def get(self, member: Member, run_id: UUID) -> BulkRun:
        """A run of the member's own. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            return await self._own(s, member, run_id)

    @needs(Right.LEAD_WORK)
    @recorded("bulk.cancel", "change")
    async def cancel(self, member: Member, run_id: UUID) -> BulkRun:
        """Stop a run: what is done stays, and can be undone. TooLate("answered") for one that ended."""
        async with self.db.transaction(member.organization_id) as s:
            run = await self._own(s, member, run_id, hold=True)
            if run.state != RUNNING:
                raise TooLate("answered")
            return await self._end(s, run, CANCELLED)

    @needs(Right.LEAD_WORK)
    async def undo(self, member: Member, run_id: UUID) -> BulkRun:
        """Take a run back: a few leads at once, more of them later in pages. Raises TooLate as
        Changes.undo does, or while the run goes on ("running")."""
        async with self.db.transaction(member.organization_id) as s:
            run = await self._own(s, member, run_id, hold=True)
            if run.state in OPEN:
                raise TooLate("running")
            await self.changes.begin_undo(s, member, run.change_id)
            run = replace(run, state=UNDOING, cursor="")
            if run.done <= AT_ONCE:
                while run.state == UNDOING:
                    run = await self._undo_page(s, run)
            else:
                await rows.keep_run(s, run, self.clock())
            return run

    @open_to("the scheduler")
    async def advance(self) -> int:
        """Work on runs under way, a share of pages each; returns how many pages were done."""
        async with self.db.reading(system=True) as s:
            free = await rows.free_runs(s, self.clock())
        pages = 0
        for organization_id, run_id, since in free:
            async with self.db.transaction(organization_id) as s:
                if not await rows.take_run(s, run_id, since, self.clock() + LEASE):
                    continue
            pages += await self._share(organization_id, run_id)
        return pages

    async def _share(self, organization_id: UUID, run_id: UUID) -> int:
        for number in range(1, PAGES_AT_ONCE + 1):
            async with self.db.transaction(organization_id) as s:
                run = await rows.get_run(s, run_id, hold=True)
                if run is None:
                    return number
                if run.state not in OPEN:
                    await rows.forget_run(s, run_id)
                    return number
                member = await member_rows.get_member(s, run.member_id)
                if member is None:
                    await rows.forget_run(s, run_id)
                    return number
                run = await (self._page(s, member, run) if run.state == RUNNING else self._undo_page(s, run))
                await self._tell(s, member, run)
                if run.state not in OPEN:
                    return number
                if number == PAGES_AT_ONCE:
                    await rows.keep_run(s, run, self.clock())
        return PAGES_AT_ONCE

    async def _tell(self, s: Session, member: Member, run: BulkRun) -> None:
        params = {"run": str(run.id)}
        await self.notices.owe(s, member.telegram_id, "bulk.progress", params, f"bulk:{run.id}")

    async def _page(self, s: Session, member: Member, run: BulkRun) -> BulkRun:
        """The next AT_ONCE leads of a run."""
        try:
            task = await read_order(s, member, run.order, run.asked_at)
        except (NotAllowed, NotFound):
            return await self._end(s, run, CANCELLED)
        ids, cursor = await self._next(s, member, run)
        skipped, changed = dict(run.skipped), list[UUID]()
        for lead in await lead_finding.in_this_order(s, ids):
            why = refusal(task, lead) or await self._one(s, task, run, lead)
            if why:
                skipped[why] = skipped.get(why, 0) + 1
            else:
                changed.append(lead.id)
        run = replace(run, done=run.done + len(changed), skipped=skipped, cursor=cursor)
        await self._follow(s, task, changed)
        if not cursor:
            return await self._end(s, run, DONE)
        await rows.keep_run(s, run, self.clock() + LEASE)
        return run

    async def _one(self, s: Session, task: Task, run: BulkRun, lead: Lead) -> str:
        now = self.clock()
        entries = await carry_out(s, task, lead, now)
        if not entries:
            return "same"
        await lead_history.add_history(s, lead.id, task.member.id, "chat", entries, now, run.change_id)
        return ""

    async def _follow(self, s: Session, task: Task, changed: Collection[UUID]) -> None:
        """What follows for the CRM and on the screens of others, told quietly: one summary is enough."""
        crm = FIELDS[FIELD_OF[task.order.action]].crm
        if crm:
            for lead_id in changed:
                told, behind = {"fields": [crm]}, Priority.BULK
                await self.outbox.enqueue(s, "lead.update", lead_id, lead_id, told, priority=behind)
        for lead_id in changed:
            if task.order.action == "stage" or task.order.value == str(task.member.id):
                await answer_times.stop_clock(s, lead_id)
            elif task.order.action == "assign":
                await start_clock(s, lead_id, self.clock())
        if changed:
            await self.notices.leads_changed(s, changed)

    async def _next(self, s: Session, member: Member, run: BulkRun) -> tuple[list[UUID], str]:
        """The leads of the run's next page, and where the one after begins; empty when this is the last."""
        if run.query is None:
            start = int(run.cursor or 0)
            numbers = run.numbers[start : start + AT_ONCE]
            more = start + AT_ONCE < len(run.numbers)
            return await lead_finding.by_numbers(s, numbers), str(start + AT_ONCE) if more else ""
        if run.query.text:
            ids = await self.finding.ranked(member, run.query)
            # words find few: they are remembered as numbers once
            return list(ids), ""
        below = int(run.cursor) if run.cursor else None
        found = await self.finding.ids_below(member, run.query, AT_ONCE, below)
        return [one for one, _ in found], str(found[-1][1]) if len(found) == AT_ONCE else ""

    async def _undo_page(self, s: Session, run: BulkRun) -> BulkRun:
        after = UUID(run.cursor) if run.cursor else None
        undone, after = await self.changes.undo_page(s, run.member_id, run.change_id, after, AT_ONCE)
        run = replace(run, undone=run.undone + undone.count, cursor=str(after or ""))
        if after is None:
            run = replace(run, state=UNDONE)
        await rows.keep_run(s, run, self.clock() + (LEASE if run.state in OPEN else KEPT))
        return run

    async def _end(self, s: Session, run: BulkRun, state: str) -> BulkRun:
        now = self.clock()
        left = max(0, run.total - run.seen) if state == DONE else 0
        skipped = {**run.skipped, "changed": run.skipped.get("changed", 0) + left} if left else run.skipped
        run = replace(run, state=state, skipped=skipped, cursor="")
        await rows.keep_run(s, run, now + KEPT)
        await rows.finish_change(s, run.change_id, run.done, now)
        await self._tell_assignee(s, run)
        return run

    async def _tell_assignee(self, s: Session, run: BulkRun) -> None:
        """Whoever got leads learns of all of them in one push."""
        order = run.order
        if order.action != "assign" or not order.value or order.value == str(run.member_id) or not run.done:
            return
        params = {"by": str(run.member_id), "count": run.done}
        await self.notices.to_member(s, UUID(order.value), "bulk.assigned", params)

    async def _own(self, s: Session, member: Member, run_id: UUID, *, hold: bool = False) -> BulkRun:
        run = await rows.get_run(s, run_id, hold=hold)
        if run is None or run.member_id != member.id:
            raise NotFound(what="run")
        return run
