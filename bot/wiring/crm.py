"""The services of connections with CRMs, wired: set-up, logins, trials, moves, and what went there."""

from typing import Any

from crm_adapters.http import CrmHttp
from services.clock import Clock
from services.connections.changes import ConnectionChanges
from services.connections.integrations import Integrations
from services.connections.logins import CrmLogins
from services.delivery.operations import Operations
from services.delivery.preview import CrmPreview
from services.journal import Journal
from services.mapping.mappings import Mappings
from services.messages.notices import Notices
from services.switching.switch import CrmSwitch
from storage.db import Database
from storage.replicas.signals import Signals
from storage.secrets import Vault


def crm_services(
    db: Database,
    vault: Vault,
    http: CrmHttp,
    clock: Clock,
    signals: Signals,
    integrations: Integrations,
    notices: Notices,
    journal: Journal,
) -> dict[str, Any]:
    """By their fields of Services."""
    changes = ConnectionChanges(db, integrations)
    return {
        "connection_changes": changes,
        "crm_logins": CrmLogins(db, vault, http, clock, integrations, changes, notices, journal),
        "crm_preview": CrmPreview(db, clock, signals, integrations),
        "crm_switch": CrmSwitch(db, clock, signals, integrations, notices),
        "mappings": Mappings(db, clock, signals, integrations),
        "operations": Operations(db, clock, signals, notices),
    }
