"""Pushes about the traffic with a CRM, for its admins."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from domain.crm import ConnectionReport, Problem
from domain.errors import (
    BadInput,
    CrmAccessLost,
    CrmError,
    CrmRejected,
    CrmUnavailable,
    NotFound,
    VoronkaError,
)
from domain.members import Right
from handlers.buttons import CrmButton, MenuButton
from handlers.crm.cards import outage_screen, recovered_screen
from handlers.crm.operation_cards import NEEDS_A_PERSON, operation_screen
from handlers.crm.verdicts import refused_screen, twin_row, unusable_screen, verdict_screen
from handlers.screens import Button, Screen
from locales import _
from services.connections.view import IntegrationView
from services.messages.notices import Delivery
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


async def login(services: Services, delivery: Delivery) -> Screen | None:
    """What came of a login in the browser. What was typed still waits in the dialog, if it did not work."""
    told, admin = delivery.notice.params, delivery.member
    if admin is None or not admin.may(Right.CRM_MANAGE):
        return None
    title = next(one.title for one in services.integrations.providers() if one.name == told["provider"])
    again = [[Button(_("🔄 Try again"), CrmButton(do="try"))]] if told.get("dialog") else []
    ways = [*again, [Button(_("🔌 CRM"), MenuButton(place="crm"))]]
    if "error" in told:
        error = _error(told["error"])
        return refused_screen(title, error, [*twin_row(error), *ways])
    report = _report(told["report"])
    return verdict_screen(title, report) if report.usable else unusable_screen(title, report, ways)


def _report(told: Mapping[str, Any]) -> ConnectionReport:
    problems = tuple(Problem(one["code"], one["fatal"], one["params"]) for one in told["problems"])
    return ConnectionReport(told["account"], told["version"], problems)


def _error(told: Mapping[str, str]) -> VoronkaError:
    """The error that the notice keeps, as far as words need it."""
    if told["code"] == BadInput.code:
        more = {name: value for name, value in told.items() if name not in ("code", "field", "reason")}
        return BadInput(told["field"], told["reason"], **more)
    known = {kind.code: kind for kind in (CrmAccessLost, CrmUnavailable, CrmRejected)}
    return known.get(told["code"], CrmError)(told["reason"])


async def _view(services: Services, delivery: Delivery) -> IntegrationView | None:
    """The integration, as long as it is the active one and the member looks after it."""
    admin = delivery.member
    if admin is None or not admin.may(Right.CRM_MANAGE):
        return None
    view = await services.integrations.current(admin)
    return view if view is not None and str(view.id) == delivery.notice.params["integration"] else None


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    "crm.failed": failed,
    "crm.login": login,
    "crm.outage": outage,
    "crm.recovered": recovered,
}
