"""Every table. Alembic compares these with the database; a test holds them equal on both engines.

A person (Telegram id), the update journal, dialogs and message slots are global; every other row
belongs to an organization and says so in organization_id.
"""

from storage.tables.base import metadata
from storage.tables.conversation import dialogs, notices, slots, updates
from storage.tables.delivery import conflicts, hooks, inbox, integrations, links, operations, switches
from storage.tables.leads import activities, audit, contact_points, lead_history, leads, pipelines, stages
from storage.tables.people import consents, counters, invites, members, organizations, people

GLOBAL = frozenset({"organizations", "people", "updates", "dialogs", "slots"})
TENANT_TABLES = frozenset(metadata.tables) - GLOBAL

__all__ = [
    "GLOBAL",
    "TENANT_TABLES",
    "activities",
    "audit",
    "conflicts",
    "consents",
    "contact_points",
    "counters",
    "dialogs",
    "hooks",
    "inbox",
    "integrations",
    "invites",
    "lead_history",
    "leads",
    "links",
    "members",
    "metadata",
    "notices",
    "operations",
    "organizations",
    "people",
    "pipelines",
    "slots",
    "stages",
    "switches",
    "updates",
]
