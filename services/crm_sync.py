"""The worker between the outbox and the CRMs, and the way back."""

import asyncio
from typing import Any, Protocol
from uuid import UUID, uuid4

import structlog
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, SQLAlchemyError

from crm_adapters import base
from domain.delivery import FaultOfOurs, Operation, OperationKind, OperationState
from domain.errors import CrmAccessLost, CrmError, CrmRateLimited, CrmUnavailable
from services.access import open_to
from services.clock import Clock
from services.crm_delivery import CrmDelivery, LeaseLost, RecordGone
from services.crm_incoming import Applied, CrmIncoming, MovesByCrm
from services.integrations import Integrations
from services.outbox import DRY_RUN, RECORD_GONE, TOPIC, Outbox
from storage import integrations
from storage.db import Database, Session
from storage.signals import Signals

log = structlog.get_logger()

AT_ONCE = 16
FLOOR = 1.0
"""Seconds after which the worker looks for due operations even if nobody woke it."""

ALERT_AFTER = 3
"""Failures in a row of one integration after which admins are told, once an outage."""

_OUTAGES = (SQLAlchemyError, OSError)
_MISTAKES = (DataError, IntegrityError, ProgrammingError)
_FOR_ADMINS = frozenset({OperationState.PERMANENTLY_FAILED, OperationState.BLOCKED})


class TellsOutcomes(Protocol):
    async def lead_changed(self, session: Session, lead_id: UUID) -> None:
        """Everybody who has the lead before them is to see the new state."""
        ...

    async def operation_failed(self, session: Session, operation_id: UUID) -> None:
        """Admins are to decide about an operation."""
        ...

    async def operation_settled(self, session: Session, operation_id: UUID) -> None:
        """Cards of an operation are to show what became of it."""
        ...

    async def outage(self, session: Session, integration_id: UUID) -> None:
        """Admins learn that a CRM does not work."""
        ...

    async def outage_over(self, session: Session, integration_id: UUID) -> None:
        """Admins learn that it works again."""
        ...


class CrmSync:
    """Carries operations out, and follows what CRMs tell."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        signals: Signals,
        outbox: Outbox,
        integrations: Integrations,
        notices: TellsOutcomes,
        pipeline: MovesByCrm,
    ) -> None:
        self.db, self.clock, self.signals, self.outbox = db, clock, signals, outbox
        self.integrations, self.notices = integrations, notices
        self._delivery = CrmDelivery(db, clock, outbox)
        self._incoming = CrmIncoming(db, clock, integrations, pipeline)

    @open_to("the inbox")
    async def apply_remote(self, organization_id: UUID, integration_id: UUID, external_id: str) -> Applied:
        """Bring the status of a CRM's record into our lead. Raises CrmError when it cannot be read now."""
        return await self._incoming.apply(organization_id, integration_id, external_id)

    @open_to("the scheduler")
    async def work_once(self, owner: str) -> int:
        """Claim what is due, carry it out side by side, and return how many operations that was."""
        claimed = await self.outbox.claim(owner, AT_ONCE)
        await asyncio.gather(*(self._run(operation) for operation in claimed))
        return len(claimed)

    @open_to("the worker")
    async def loop(self, owner: str, stop: asyncio.Event) -> None:
        """Work until `stop` is set; operations under way are finished first.

        A slow CRM holds its own operations only: free hands go on claiming for the others.
        """
        async with asyncio.TaskGroup() as group:
            running: set[asyncio.Task[None]] = set()
            while not stop.is_set():
                claimed = await self._claim(owner, AT_ONCE - len(running))
                for operation in claimed:
                    task = group.create_task(self._run(operation))
                    running.add(task)
                    task.add_done_callback(running.discard)
                if not claimed:
                    await self.signals.wait(TOPIC, FLOOR)

    async def _claim(self, owner: str, room: int) -> list[Operation]:
        if room <= 0:
            return []
        try:
            return await self.outbox.claim(owner, room)
        except (SQLAlchemyError, OSError) as error:
            log.warning("worker.no_database", error=type(error).__name__)
            return []

    async def _run(self, operation: Operation) -> None:
        """Carry one operation out and settle it. What the database refuses is left to the lease."""
        try:
            await self._attempt(operation)
        except LeaseLost:
            log.warning("operation.lease_lost", operation=str(operation.id))
        except (SQLAlchemyError, OSError) as error:
            log.warning("operation.no_database", operation=str(operation.id), error=type(error).__name__)
        except Exception:
            # the worker goes on; the operation comes back when its lease ends, and is found to be written
            log.exception("operation.not_settled", operation=str(operation.id))

    async def _attempt(self, operation: Operation) -> None:
        adapter: Any = None
        alerted = False
        try:
            connected = await self.integrations.connected(operation.integration_id)
            adapter, alerted = connected.adapter, connected.row.alerted_at is not None
            if connected.row.mode == DRY_RUN:
                return await self._give_up(operation, DRY_RUN)
            await self._deliver(operation, adapter)
        except RecordGone:
            await self._give_up(operation, RECORD_GONE)
        except CrmError as error:
            await self._failed(operation, error, adapter)
        except LeaseLost:
            raise
        except Exception as error:
            if isinstance(error, _OUTAGES) and not isinstance(error, _MISTAKES):
                raise
            fault = uuid4().hex[:8]
            log.exception("operation.fault", operation=str(operation.id), fault=fault)
            await self._failed(operation, FaultOfOurs(fault), adapter)
        else:
            await self._done(operation, alerted)

    async def _deliver(self, operation: Operation, adapter: Any) -> None:
        """Deliver while the lease is kept alive."""
        keeper = asyncio.create_task(self._keep_lease(operation), name=f"lease-{operation.id}")
        try:
            await self._delivery.deliver(operation, adapter)
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _keep_lease(self, operation: Operation) -> None:
        held = True
        while held:
            await asyncio.sleep(self.outbox.lease.total_seconds() / 3)
            held = await self.outbox.renew(operation)

    async def _done(self, operation: Operation, alerted: bool) -> None:
        async with self.db.transaction(operation.organization_id) as session:
            if await self.outbox.done(session, operation):
                await self.notices.lead_changed(session, operation.record_id)
                if operation.error:
                    await self.notices.operation_settled(session, operation.id)
            if alerted:
                await self._tell_recovery(session, operation.integration_id)
        log.info("operation.done", operation=str(operation.id), kind=operation.kind.value)

    async def _give_up(self, operation: Operation, why: str) -> None:
        async with self.db.transaction(operation.organization_id) as session:
            await self.outbox.given_up(session, operation, why)
        log.info("operation.given_up", operation=str(operation.id), why=why)

    async def _failed(self, operation: Operation, error: CrmError, adapter: Any) -> None:
        refused = isinstance(error, CrmAccessLost) and await self._key_refused(operation, adapter)
        async with self.db.transaction(operation.organization_id) as session:
            state = await self.outbox.failed(session, operation, error, key_refused=refused)
            if state is None:
                return
            await self.notices.lead_changed(session, operation.record_id)
            if state in _FOR_ADMINS:
                await self.notices.operation_failed(session, operation.id)
            await self._tell_outage(session, operation.integration_id, error)
        retryable = isinstance(error, CrmUnavailable)
        log.warning(
            "operation.failed",
            operation=str(operation.id),
            kind=operation.kind.value,
            state=state.value,
            code=error.code,
            retryable=retryable,
        )

    async def _tell_outage(self, session: Session, integration_id: UUID, error: CrmError) -> None:
        if isinstance(error, CrmUnavailable):
            if await integrations.alert_once(session, integration_id, ALERT_AFTER, self.clock()):
                await self.notices.outage(session, integration_id)
        elif not isinstance(error, CrmRateLimited | CrmAccessLost):
            # it refuses one piece of data, so it works
            await self._tell_recovery(session, integration_id)

    async def _tell_recovery(self, session: Session, integration_id: UUID) -> None:
        if await integrations.outage_over(session, integration_id):
            await self.notices.outage_over(session, integration_id)

    async def _key_refused(self, operation: Operation, adapter: Any) -> bool:
        """Whether the whole integration must stop, or only a right for activities is missing.

        Leads are the least that a key must open, so for them nothing more is asked: EspoCRM locks an
        address out after eleven denied requests.
        """
        if operation.kind is not OperationKind.ACTIVITY_CREATE or not isinstance(adapter, base.Tests):
            return True
        try:
            report = await adapter.test()
        except CrmAccessLost:
            return True
        except CrmError:
            return False
        return not report.usable
