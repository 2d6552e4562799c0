"""Every table. Alembic compares these with the database; a test holds them equal on both engines.

A person (Telegram id), the update journal, dialogs and message slots are global; every other row
belongs to an organization and says so in organization_id.
"""

from storage.tables.api import api_answers, api_keys
from storage.tables.audit import audit, audit_chains
from storage.tables.base import metadata
from storage.tables.conversation import dialogs, notices, slots, updates
from storage.tables.customers import contacts, custom_fields, customers, files, lead_tags
from storage.tables.delivery import conflicts, hooks, inbox, integrations, links, operations, switches
from storage.tables.entry import api_sessions, entry_bursts, second_factor_passes, second_factors
from storage.tables.finding import bulk_runs, lead_words, picks, saved_views, word_spellings
from storage.tables.hooks_in import clicks, hook_secrets, uploads
from storage.tables.hooks_out import hook_sendings, hooks_out
from storage.tables.leads import (
    activities,
    archived_activities,
    contact_points,
    lead_history,
    leads,
    pipelines,
    stages,
)
from storage.tables.loyalty import loyalty_accounts, loyalty_entries, loyalty_rules, redemptions
from storage.tables.machines import locks, processes
from storage.tables.people import consents, counters, invites, members, organizations, people
from storage.tables.transactions import (
    customer_phones,
    transaction_buyers,
    transaction_runs,
    transaction_sources,
    transactions,
    unreadable_transactions,
)
from storage.tables.work import (
    announcements,
    assignment_rules,
    changes,
    import_rows,
    imports,
    teams,
    templates,
)

GLOBAL = frozenset({"organizations", "people", "updates", "dialogs", "slots", "processes", "locks"})
TENANT_TABLES = frozenset(metadata.tables) - GLOBAL

__all__ = [
    "GLOBAL",
    "TENANT_TABLES",
    "activities",
    "announcements",
    "api_answers",
    "api_keys",
    "api_sessions",
    "archived_activities",
    "assignment_rules",
    "audit",
    "audit_chains",
    "bulk_runs",
    "changes",
    "clicks",
    "conflicts",
    "consents",
    "contact_points",
    "contacts",
    "counters",
    "custom_fields",
    "customer_phones",
    "customers",
    "dialogs",
    "entry_bursts",
    "files",
    "hook_secrets",
    "hook_sendings",
    "hooks",
    "hooks_out",
    "import_rows",
    "imports",
    "inbox",
    "integrations",
    "invites",
    "lead_history",
    "lead_tags",
    "lead_words",
    "leads",
    "links",
    "locks",
    "loyalty_accounts",
    "loyalty_entries",
    "loyalty_rules",
    "members",
    "metadata",
    "notices",
    "operations",
    "organizations",
    "people",
    "picks",
    "pipelines",
    "processes",
    "redemptions",
    "saved_views",
    "second_factor_passes",
    "second_factors",
    "slots",
    "stages",
    "switches",
    "teams",
    "templates",
    "transaction_buyers",
    "transaction_runs",
    "transaction_sources",
    "transactions",
    "unreadable_transactions",
    "updates",
    "uploads",
    "word_spellings",
]
