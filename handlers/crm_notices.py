"""Pushes about the traffic with a CRM, for its admins."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from domain.errors import NotFound
from domain.members import Right
from handlers.crm_cards import outage_screen, recovered_screen
from handlers.operation_cards import NEEDS_A_PERSON, operation_screen
from handlers.screens import Screen
from services.integration_view import IntegrationView
from services.notices import Delivery
from services.registry import Services


async def failed(services: Services, delivery: Delivery) -> Screen | None:
    """A write that needs a person; or, where its card is shown already, what became of it."""
    admin = delivery.member
    if admin is None or not admin.may(Right.CRM_MANAGE):
        return None
    try:
        operation = await services.operations.get(admin, UUID(delivery.notice.params["operation"]))
    except NotFound:
        return None
    if operation.state not in NEEDS_A_PERSON and delivery.message_id is None:
        return None
    lead = await services.leads.for_notice(admin.organization_id, operation.record_id)
    return operation_screen(operation, lead, admin)


async def outage(services: Services, delivery: Delivery) -> Screen | None:
    """The CRM does not work; nothing is said when it does again meanwhile."""
    view = await _view(services, delivery)
    if delivery.member is None or view is None or not view.last_error:
        return None
    return outage_screen(view, delivery.member)


async def recovered(services: Services, delivery: Delivery) -> Screen | None:
    view = await _view(services, delivery)
    return recovered_screen(view) if view is not None else None


async def _view(services: Services, delivery: Delivery) -> IntegrationView | None:
    """The integration, as long as it is the active one and the member looks after it."""
    admin = delivery.member
    if admin is None or not admin.may(Right.CRM_MANAGE):
        return None
    view = await services.integrations.current(admin)
    return view if view is not None and str(view.id) == delivery.notice.params["integration"] else None


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    "crm.failed": failed,
    "crm.outage": outage,
    "crm.recovered": recovered,
}
