"""Connections with CRMs, the writes owed to them, and what came from them."""

from domain.operations_log import LogFilter, LogState
from web.api.endpoint import CREATED, Call, Endpoint
from web.api.models.base import Page, page_of
from web.api.models.crm import (
    DeliveryOut,
    IntegrationList,
    IntegrationOut,
    LogEntryOut,
    OperationOut,
    OperationsAsked,
    Replayed,
    TestOut,
    delivery_out,
    entry_out,
    integration_out,
    operation_out,
    test_out,
)

TAG = "CRM"


async def integrations(call: Call) -> IntegrationList:
    found = [integration_out(one) for one in await call.services.integrations.every(call.member)]
    return IntegrationList(items=found, total=len(found))


async def integration(call: Call) -> IntegrationOut:
    return integration_out(await call.services.integrations.view(call.member, call.id))


async def test(call: Call) -> TestOut:
    return test_out(await call.services.integrations.retest(call.member, call.id))


async def operations(call: Call) -> Page[LogEntryOut]:
    asked = call.asked(OperationsAsked)
    wanted = LogFilter(LogState(asked.state), asked.lead)
    found = await call.services.operations.log_for_file(call.member, wanted)
    shown = [entry_out(one) for one in found[asked.offset : asked.offset + asked.limit]]
    return Page[LogEntryOut](**page_of(shown, len(found), asked))


async def operation(call: Call) -> OperationOut:
    return operation_out(await call.services.operations.get(call.member, call.id))


async def retry(call: Call) -> OperationOut:
    return operation_out(await call.services.operations.retry(call.member, call.id))


async def replay(call: Call) -> OperationOut:
    return operation_out(await call.services.operations.replay(call.member, call.id))


async def drop(call: Call) -> OperationOut:
    return operation_out(await call.services.operations.drop(call.member, call.id))


async def replay_failures(call: Call) -> Replayed:
    found = await call.services.operations.replay_failures(call.member)
    return Replayed(operations=found.operations, deliveries=found.deliveries)


async def delivery(call: Call) -> DeliveryOut:
    return delivery_out(await call.services.operations.delivery(call.member, call.id))


async def replay_delivery(call: Call) -> DeliveryOut:
    return delivery_out(await call.services.operations.replay_delivery(call.member, call.id))


CONNECTION, OPERATION, DELIVERY = "/api/integrations/{id}", "/api/operations/{id}", "/api/deliveries/{id}"

ENDPOINTS = (
    Endpoint(
        "list_integrations", "GET", "/api/integrations", "crm:read", integrations, TAG,
        "Connections with CRMs, the active one first", answer=IntegrationList,
    ),
    Endpoint(
        "get_integration", "GET", CONNECTION, "crm:read", integration, TAG, "One connection",
        answer=IntegrationOut,
    ),
    Endpoint(
        "test_integration", "POST", f"{CONNECTION}/test", "crm:write", test, TAG,
        "Test a connection; what was blocked goes on where it works", answer=TestOut, outside=True,
    ),
    Endpoint(
        "list_operations", "GET", "/api/operations", "crm:read", operations, TAG,
        "What goes to CRMs and what comes from them, the newest first", answer=Page[LogEntryOut],
        query=OperationsAsked,
    ),
    Endpoint(
        "replay_failures", "POST", "/api/operations/replay", "crm:write", replay_failures, TAG,
        "Do everything once more that needs a person at the active CRM", answer=Replayed,
    ),
    Endpoint(
        "get_operation", "GET", OPERATION, "crm:read", operation, TAG, "One write", answer=OperationOut,
    ),
    Endpoint(
        "retry_operation", "POST", f"{OPERATION}/retry", "crm:write", retry, TAG,
        "Try a write that waits at once", answer=OperationOut,
    ),
    Endpoint(
        "replay_operation", "POST", f"{OPERATION}/replay", "crm:write", replay, TAG,
        "Do a write that ended once more, as a new one", answer=OperationOut, status=CREATED,
        place=OPERATION,
    ),
    Endpoint(
        "drop_operation", "POST", f"{OPERATION}/drop", "crm:write", drop, TAG, "Give a write up",
        answer=OperationOut,
    ),
    Endpoint(
        "get_delivery", "GET", DELIVERY, "crm:read", delivery, TAG, "One stored delivery",
        answer=DeliveryOut,
    ),
    Endpoint(
        "replay_delivery", "POST", f"{DELIVERY}/replay", "crm:write", replay_delivery, TAG,
        "Work a stored delivery off once more", answer=DeliveryOut,
    ),
)  # fmt: skip
