"""What becomes of operations after their calls: links, states and notices, committed together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import structlog

from crm_adapters import base
from domain.delivery import Operation, OperationKind, OperationState
from domain.errors import CrmAccessLost, CrmError, CrmMisconfigured, CrmRateLimited, CrmUnavailable
from services.clock import Clock
from services.delivery.linking import LEAD
from services.delivery.outbox import Outbox
from services.delivery.single import Written
from storage.db import Database, Session
from storage.delivery import integrations, link_writes
from storage.delivery.link_writes import LinkChange, NewLink
from storage.outage import is_outage

log = structlog.get_logger()

ALERT_AFTER = 3
"""Failures in a row of one integration after which admins are told, once an outage."""

_FOR_ADMINS = frozenset({OperationState.PERMANENTLY_FAILED, OperationState.BLOCKED})


class TellsOutcomes(Protocol):
    async def leads_changed(self, session: Session, lead_ids: Collection[UUID]) -> None:
        """Everybody who has one of the leads before them is to see its new state."""
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


@dataclass(frozen=True, slots=True)
class Delivered:
    """An operation that reached the CRM, and what its answer leaves to be kept."""

    operation: Operation
    written: Written


class CrmSettling:
    """Settles operations of one integration at a time."""

    def __init__(self, db: Database, clock: Clock, outbox: Outbox, notices: TellsOutcomes) -> None:
        self.db, self.clock, self.outbox, self.notices = db, clock, outbox, notices

    async def delivered(self, ended: Sequence[Delivered], alerted: bool) -> None:
        """Links, `done` and notices in one transaction. `alerted`: admins know of an outage.

        Should that fail for anything but an outage, each operation is settled by itself, its link first.
        """
        try:
            await self._commit(ended, alerted)
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("operations.not_settled_together", count=len(ended))
            for one in ended:
                await self._commit_alone(one, alerted)

    async def _commit(self, ended: Sequence[Delivered], alerted: bool) -> None:
        first = ended[0].operation
        async with self.db.transaction(first.organization_id) as session:
            linked = await self._keep_links(session, first.integration_id, ended)
            kept = await self.outbox.done_all(session, linked)
            done = [operation for operation in linked if operation.id in kept]
            await self.notices.leads_changed(session, {operation.record_id for operation in done})
            for operation in done:
                if operation.error:
                    await self.notices.operation_settled(session, operation.id)
            if alerted:
                await self._tell_recovery(session, first.integration_id)
        _log_done(done, {one.operation.id for one in ended} - kept)

    async def _commit_alone(self, one: Delivered, alerted: bool) -> None:
        operation = one.operation
        try:
            async with self.db.transaction(operation.organization_id) as session:
                linked = await self._keep_links(session, operation.integration_id, [one])
            if linked:
                await self._commit([Delivered(operation, None)], alerted)
        except Exception as error:
            if is_outage(error):
                raise
            # it comes back when its lease ends, and is found to be written
            log.exception("operation.not_settled", operation=str(operation.id))

    async def _keep_links(
        self, session: Session, integration_id: UUID, ended: Sequence[Delivered]
    ) -> list[Operation]:
        """Write the links; returns the operations without those whose lead somebody else has linked."""
        made = [one.written for one in ended if isinstance(one.written, NewLink)]
        added = await link_writes.add_all(session, integration_id, made, self.clock())
        await link_writes.change_all(
            session, [one.written for one in ended if isinstance(one.written, LinkChange)]
        )
        return [one.operation for one in ended if not _was_overtaken(one.written, added)]

    async def given_up(
        self, operations: Sequence[Operation], why: str, recorded: Mapping[str, Any] | None = None
    ) -> None:
        """Operations of one organization have nothing to write any more; `recorded` is what a trial found."""
        async with self.db.transaction(operations[0].organization_id) as session:
            for operation in operations:
                await self.outbox.given_up(session, operation, why, recorded)
        for operation in operations:
            log.info("operation.given_up", operation=str(operation.id), why=why)

    async def failed(
        self, operations: Sequence[Operation], error: CrmError, adapter: Any, *, counted: bool = False
    ) -> None:
        """One call, which carried all of these operations of one integration, ended in `error`. `counted`:
        the integration's health knows of it already."""
        first = operations[0]
        refused = isinstance(error, CrmMisconfigured) or (
            isinstance(error, CrmAccessLost) and await self._key_refused(first, adapter)
        )
        states = []
        async with self.db.transaction(first.organization_id) as session:
            for operation in operations:
                known = counted or operation is not first
                state = await self.outbox.failed(
                    session, operation, error, key_refused=refused, counted=known
                )
                if state is not None:
                    states.append((operation, state))
                if state in _FOR_ADMINS:
                    await self.notices.operation_failed(session, operation.id)
            if not states:
                return
            await self.notices.leads_changed(session, {operation.record_id for operation, _ in states})
            await self._tell_outage(session, first.integration_id, error)
        for operation, state in states:
            _log_failed(operation, state, error)

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


def _was_overtaken(written: Written, added: frozenset[UUID]) -> bool:
    """Somebody else linked the lead in the meantime: the operation is theirs."""
    return isinstance(written, NewLink) and written.entity == LEAD and written.entity_id not in added


def _log_done(done: Sequence[Operation], lost: Collection[UUID]) -> None:
    logger = log.bind()  # once, not for each line
    for operation in done:
        logger.info("operation.done", operation=str(operation.id), kind=operation.kind.value)
    for operation_id in lost:
        log.warning("operation.lease_lost", operation=str(operation_id))


def _log_failed(operation: Operation, state: OperationState, error: CrmError) -> None:
    log.warning(
        "operation.failed",
        operation=str(operation.id),
        kind=operation.kind.value,
        state=state.value,
        code=error.code,
        retryable=isinstance(error, CrmUnavailable),
    )
