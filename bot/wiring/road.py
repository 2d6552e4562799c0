"""The road of a lead, wired: kept, changed, and out to its CRM."""

from datetime import timedelta

from bot.settings import Settings
from bot.wiring.ground import Foundation
from services.connections.integrations import Integrations
from services.delivery.outbox import Outbox
from services.delivery.retry import PARKED
from services.delivery.sync import CrmSync
from services.leads.leads import Leads
from services.leads.pipeline import Pipeline
from services.messages.notices import Notices
from services.sharing.new_leads import NewLeads


def build_outbox(on: Foundation) -> Outbox:
    """What is owed to CRMs."""
    settings = on.settings
    delays, pauses = settings.retry_delays, _pauses(settings)
    return Outbox(on.db, on.clock, on.signals, delays, on.chance, pauses, settings.operation_lease)


def _pauses(settings: Settings) -> list[timedelta]:
    """A tripped breaker never waits longer than the retry ladder does at the same place."""
    return [min(pair) for pair in zip(PARKED, (*settings.retry_delays, *PARKED), strict=False)]


def road_services(on: Foundation, outbox: Outbox, notices: Notices, new_leads: NewLeads) -> dict[str, object]:
    """By their fields of Services."""
    db, clock = on.db, on.clock
    pipeline = Pipeline(db, clock, outbox, notices)
    integrations = Integrations(db, on.vault, on.http, clock, on.settings.public_url, on.paces)
    on.stack.push_async_callback(integrations.connections.renewal.close)
    return {
        "crm_sync": CrmSync(db, clock, on.signals, outbox, integrations, notices, pipeline),
        "integrations": integrations,
        "leads": Leads(db, clock, outbox, notices, new_leads.place),
        "pipeline": pipeline,
    }
