"""Carrying groups of operations out: calls side by side, leases kept, ends committed as they come."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import structlog

from crm_adapters import lost
from domain.delivery import Operation
from domain.errors import CrmAccessLost, CrmError, CrmRateLimited, CrmUnavailable, CrmUncertain
from services.clock import Clock
from services.connections.adapters import Connected
from services.connections.integrations import Integrations
from services.delivery import batches as crm_batches
from services.delivery.briefs import read_briefs
from services.delivery.causes import caused_by
from services.delivery.faults import fault_of
from services.delivery.groups import Group
from services.delivery.outbox import PER_INTEGRATION, Outbox
from services.delivery.rehearsal import Rehearsals, Stage
from services.delivery.settling import CrmSettling, Delivered, TellsOutcomes
from services.delivery.single import CrmDelivery, LeaseLost, RecordGone, created
from services.delivery.state import DRY_RUN, RECORD_GONE
from storage.db import Database
from storage.outage import is_outage

log = structlog.get_logger()


class CrmWork:
    """Carries out what a worker has claimed. Nothing is raised: what could not be settled is left to the
    lease, and logged."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        outbox: Outbox,
        integrations: Integrations,
        notices: TellsOutcomes,
        delivery: CrmDelivery,
    ) -> None:
        self.db, self.outbox, self.integrations = db, outbox, integrations
        self._delivery = delivery
        self._rehearsals = Rehearsals(db, integrations.connections)
        self._settling = CrmSettling(db, clock, outbox, notices)
        self._lines: dict[UUID, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._places: dict[UUID, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PER_INTEGRATION))

    async def carry_out(self, run: Group) -> None:
        """Carry a group out; what was not begun is given back in the end."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_leases(run))
            group.create_task(self._commit_ends(run))
            try:
                await self._guarded(run, run.operations, self._begin(run))
                await self._guarded(run, run.waiting, self._give_back(run))
            finally:
                run.finish()

    async def _guarded(self, run: Group, operations: Sequence[Operation], doing: object) -> None:
        """Let something about operations happen; whatever it ends in, the worker goes on."""
        try:
            await doing  # type: ignore[misc]
        except LeaseLost:
            log.warning("operation.lease_lost", operations=[str(one.id) for one in operations])
        except Exception as error:
            run.troubled = True
            if is_outage(error):
                log.warning("operation.no_database", error=type(error).__name__, count=len(operations))
            else:
                # they come back when their lease ends, and are found to be written
                log.exception("operation.not_settled", operations=[str(one.id) for one in operations])
        else:
            return
        run.let_go(operations)

    async def _begin(self, run: Group) -> None:
        try:
            connected = await self.integrations.connected(run.integration_id)
            run.connected = connected
            if connected.row.mode != DRY_RUN:
                await self.integrations.guard.before(connected)
        except CrmError as error:
            run.plan(())
            await self._hit(run, run.operations, error)
            return
        run.adapter, run.alerted = connected.adapter, connected.row.alerted_at is not None
        if connected.row.mode == DRY_RUN:
            await self._try_out(run, connected)
            return
        await self._read(run)
        if crm_batches.batch_size(run.adapter):
            await self._search(run)
        if run.together:
            await run.in_line(self._lines[run.integration_id])
        try:
            hands = min(PER_INTEGRATION, len(run.waiting))
            await asyncio.gather(*(self._take_turns(run) for _ in range(hands)))
        finally:
            run.next_in_line()

    async def _try_out(self, run: Group, connected: Connected) -> None:
        """The integration is on trial: what each operation would do is found out, and nothing is sent."""
        try:
            await self.integrations.guard.insist(connected, fresh=False)
            stage = await self._rehearsals.stage(run.integration_id)
        except CrmError as error:
            run.plan(())
            await self._hit(run, run.operations, error)
            return
        while isinstance(operation := run.next(), Operation):
            await self._guarded(run, [operation], self._rehearse(run, stage, operation))

    async def _rehearse(self, run: Group, stage: Stage, operation: Operation) -> None:
        try:
            trial = await self._rehearsals.operation(stage, operation)
        except RecordGone:
            await self._settling.given_up([operation], RECORD_GONE)
        except CrmError as error:
            await self._hit(run, [operation], error)
            return
        except Exception as error:
            await self._fail(run, [operation], fault_of(error, [operation]))
            return
        else:
            await self._settling.given_up([operation], DRY_RUN, trial.as_json())
        run.let_go([operation])

    async def _read(self, run: Group) -> None:
        """Read what all of them need. One record that cannot be read must not hold the others."""
        try:
            run.briefs = await read_briefs(self.db, run.operations)
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("operations.not_read_together", count=len(run.operations))

    async def _search(self, run: Group) -> None:
        """Find out which creates may go together, and put those into batches."""
        together: list[Operation] = []
        single: list[Operation] = []
        for one in run.waiting:
            able = crm_batches.can_go_together(one, run.briefs.get(one.record_id))
            (together if able else single).append(one)
        if len(together) < 2:
            return
        run.plan(single)
        try:
            found = await crm_batches.search(run.adapter, together, run.briefs)
        except (CrmUnavailable, CrmRateLimited, CrmAccessLost) as error:
            await self._hit(run, together, error)
            return
        except Exception:
            log.exception("operations.not_searched_together", count=len(together))
            run.add(together)
            return
        run.briefs = found.briefs
        size = crm_batches.batch_size(run.adapter)
        run.add(found.single)
        run.add(found.fresh[at : at + size] for at in range(0, len(found.fresh), size))
        for operation, own in found.failed:
            await self._fail(run, [operation], own)

    async def _take_turns(self, run: Group) -> None:
        """One of the hands that work through a group."""
        places = self._places[run.integration_id]
        while True:
            async with places:
                job = run.next()
                if job is None:
                    run.next_in_line()
                    return
                if isinstance(job, Operation):
                    with caused_by([job]):
                        await self._guarded(run, [job], self._attempt(run, job))
                else:
                    with caused_by(job):
                        await self._guarded(run, job, self._attempt_together(run, job))

    async def _attempt(self, run: Group, operation: Operation) -> None:
        try:
            brief = run.briefs.get(operation.record_id)
            if brief is None:
                brief = (await read_briefs(self.db, [operation]))[operation.record_id]
            with lost.watching() as dropped:
                written = await self._delivery.deliver(operation, run.adapter, brief)
            await self._insist(run, dropped)
        except RecordGone:
            await self._settling.given_up([operation], RECORD_GONE)
            run.let_go([operation])
        except CrmError as error:
            await self._hit(run, [operation], await self._explained(run, error))
        except LeaseLost:
            raise
        except Exception as error:
            await self._fail(run, [operation], fault_of(error, [operation]))
        else:
            run.deliver(Delivered(operation, written))

    async def _attempt_together(self, run: Group, batch: Sequence[Operation]) -> None:
        try:
            with lost.watching() as dropped:
                answers = await crm_batches.create(self.outbox, run.adapter, batch, run.briefs)
            await self._insist(run, dropped)
        except CrmUncertain as error:
            # any of them may be there: all wait, and each is searched before it is sent again
            run.troubled = True
            await self._fail(run, batch, error)
            return
        except (CrmUnavailable, CrmRateLimited, CrmAccessLost) as error:
            await self._hit(run, batch, error)
            return
        except LeaseLost:
            raise
        except Exception as error:
            if is_outage(error):
                raise
            log.warning("operations.taken_apart", count=len(batch), error=type(error).__name__)
            run.add(batch)
            return
        await self._each_by_itself(run, batch, answers)

    async def _each_by_itself(
        self, run: Group, batch: Sequence[Operation], answers: Sequence[tuple[Operation, object]]
    ) -> None:
        """Judge every command of a batch by its own answer: records first, then what was refused."""
        refused: dict[str, list[tuple[Operation, CrmError]]] = defaultdict(list)
        for operation, answer in answers:
            brief = run.briefs[operation.record_id]
            if isinstance(answer, CrmError):
                answer = await self._explained(run, answer)
                refused[answer.code].append((operation, answer))
            elif brief.lead is not None:
                link = created(operation, run.adapter, brief, brief.lead, answer)  # type: ignore[arg-type]
                run.deliver(Delivered(operation, link))
        answered = {operation.id for operation, _ in answers}
        run.let_go([one for one in batch if one.id not in answered])
        for same in refused.values():
            for number, (operation, error) in enumerate(same):
                run.troubled = run.troubled or isinstance(error, CrmUnavailable | CrmAccessLost)
                limited = isinstance(error, CrmRateLimited)
                alike = run.take_alike(operation) if limited else ()
                await self._fail(run, [operation, *alike], error, counted=number > 0)

    async def _insist(self, run: Group, dropped: set[str]) -> None:
        """Raise CrmMisconfigured if the CRM did not keep what the mapping counts on. The record is found
        again by our id as soon as the mapping is mended, and written as a whole."""
        if dropped and run.connected is not None:
            await self.integrations.guard.insist(run.connected, dropped)

    async def _explained(self, run: Group, error: CrmError) -> CrmError:
        """The error, or what is wrong with the mapping where that is behind it."""
        if run.connected is None:
            return error
        return await self.integrations.guard.explained(run.connected, error)

    async def _hit(self, run: Group, operations: Sequence[Operation], error: CrmError) -> None:
        """A call ended in an error. One that concerns the whole integration costs only the first of its
        operations, and nothing more of the group is begun; the circuit decides when to go on."""
        if isinstance(error, CrmRateLimited) and not error.of_account:
            await self._fail(run, [*operations, *run.take_alike(operations[0])], error)
        elif isinstance(error, CrmUnavailable | CrmRateLimited | CrmAccessLost):
            run.troubled = True
            run.add(operations[1:])
            await self._fail(run, operations[:1], error)
        else:
            await self._fail(run, operations, error)

    async def _fail(
        self, run: Group, operations: Sequence[Operation], error: CrmError, *, counted: bool = False
    ) -> None:
        await self._settling.failed(operations, error, run.adapter, counted=counted)
        run.let_go(operations)

    async def _give_back(self, run: Group) -> None:
        left = run.waiting
        run.plan(())
        await self.outbox.release(left)
        run.let_go(left)

    async def _commit_ends(self, run: Group) -> None:
        """Commit what was delivered while the last commit was under way, until the group is finished."""
        while ended := await run.ended():
            operations = [one.operation for one in ended]
            await self._guarded(run, operations, self._settling.delivered(ended, run.alerted))
            run.let_go(operations)

    async def _keep_leases(self, run: Group) -> None:
        pause = self.outbox.lease.total_seconds() / 3
        while not run.finished.is_set():
            try:
                async with asyncio.timeout(pause):
                    await run.finished.wait()
            except TimeoutError:
                await self._guarded(run, (), self.outbox.renew_all(list(run.held)))
