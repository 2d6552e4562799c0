"""The traffic with CRMs as the API shows it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from domain.crm import ConnectionReport
from domain.delivery import Operation
from domain.operations_log import Incoming, LogEntry
from services.connections.view import IntegrationView
from web.api.models.base import Paging, Resource, Shown


class IntegrationOut(Resource):
    """A connection with a CRM. No secret is in it."""

    id: UUID
    provider: str
    title: str
    name: str
    mode: str
    active: bool
    account: str
    version: str
    last_error: str
    parked_until: datetime | None
    last_success_at: datetime | None
    queue_depth: int
    failed: int
    webhooks: int


class IntegrationList(Shown):
    items: list[IntegrationOut]
    total: int


class FoundProblem(Shown):
    """`fatal` stops the traffic."""

    code: str
    fatal: bool


class TestOut(Shown):
    """What a connection's test found."""

    usable: bool
    account: str
    version: str
    problems: list[FoundProblem]


class OperationOut(Resource):
    """A write owed to a CRM. States: pending, running, done, permanently_failed, blocked, dropped."""

    id: UUID
    integration_id: UUID
    kind: str
    record_id: UUID
    state: str
    attempts: int
    error: str
    error_reason: str
    due_at: datetime
    created_at: datetime
    done_at: datetime | None


class LogEntryOut(Shown):
    """A write, or with `incoming` a delivery of a CRM or of the website's form."""

    id: UUID
    incoming: bool
    kind: str
    state: str
    attempts: int
    error: str
    error_reason: str
    lead_number: int | None
    at: datetime
    done_at: datetime | None


class OperationsAsked(Paging):
    """`lead` is a lead's number. The newest 1000 entries are there."""

    state: Literal["all", "waiting", "failed", "done", "dropped", "incoming"] = "all"
    lead: Annotated[int, Field(ge=0, le=10**12)] = 0


class DeliveryOut(Resource):
    """A stored delivery of a CRM or of the website's form."""

    id: UUID
    provider: str
    integration_id: UUID | None
    event: str
    state: str
    attempts: int
    error: str
    received_at: datetime
    done_at: datetime | None


class Replayed(Shown):
    operations: int
    deliveries: int


def integration_out(one: IntegrationView) -> IntegrationOut:
    return IntegrationOut(
        id=one.id,
        provider=one.provider,
        title=one.title,
        name=one.name,
        mode=one.mode,
        active=one.active,
        account=one.account,
        version=one.version,
        last_error=one.last_error,
        parked_until=one.parked_until,
        last_success_at=one.last_success_at,
        queue_depth=one.queue_depth,
        failed=one.failed,
        webhooks=one.webhooks,
    )


def test_out(report: ConnectionReport) -> TestOut:
    problems = [FoundProblem(code=one.code, fatal=one.fatal) for one in report.problems]
    return TestOut(usable=report.usable, account=report.account, version=report.version, problems=problems)


def operation_out(one: Operation) -> OperationOut:
    return OperationOut(
        id=one.id,
        integration_id=one.integration_id,
        kind=one.kind.value,
        record_id=one.record_id,
        state=one.state.value,
        attempts=one.attempts,
        error=one.error,
        error_reason=one.error_reason,
        due_at=one.due_at,
        created_at=one.created_at,
        done_at=one.done_at,
    )


def entry_out(one: LogEntry) -> LogEntryOut:
    return LogEntryOut(
        id=one.id,
        incoming=one.incoming,
        kind=one.kind,
        state=one.state,
        attempts=one.attempts,
        error=one.error,
        error_reason=one.error_reason,
        lead_number=one.lead or None,
        at=one.at,
        done_at=one.done_at,
    )


def delivery_out(one: Incoming) -> DeliveryOut:
    return DeliveryOut(
        id=one.id,
        provider=one.provider,
        integration_id=one.integration_id,
        event=one.event,
        state=one.state,
        attempts=one.attempts,
        error=one.error,
        received_at=one.received_at,
        done_at=one.done_at,
    )
