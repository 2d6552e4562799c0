"""Putting two-way sync together: conflicts, deletions, people, owners of fields, and the hourly walk."""

from typing import Any

from services.delivery.sync import CrmSync
from services.leads.pipeline import Pipeline
from services.messages.notices import Notices
from services.two_ways.conflicts import Conflicts
from services.two_ways.deletions import Deletions
from services.two_ways.following import LeadFollowing
from services.two_ways.notices import SyncNotices
from services.two_ways.ownership import Ownership
from services.two_ways.people import CrmPeople
from services.two_ways.reconcile import Reconcile


def two_ways(crm_sync: CrmSync, pipeline: Pipeline, notices: Notices) -> dict[str, Any]:
    """What belongs to two-way sync, by its fields of Services."""
    db, clock, outbox = crm_sync.db, crm_sync.clock, crm_sync.outbox
    told, people = SyncNotices(notices), CrmPeople(db, clock, crm_sync.integrations)
    return {
        "conflicts": Conflicts(db, clock, outbox, LeadFollowing(clock, pipeline), told),
        "crm_people": people,
        "deletions": Deletions(db, clock, outbox, pipeline, told),
        "ownership": Ownership(db, clock),
        "reconcile": Reconcile(db, clock, crm_sync.integrations, crm_sync, people),
    }
