"""Putting two-way sync together: conflicts, deletions, people, owners of fields, and the hourly walk."""

from typing import Any

from services.conflicts import Conflicts
from services.crm_people import CrmPeople
from services.crm_sync import CrmSync
from services.deletions import Deletions
from services.lead_following import LeadFollowing
from services.notices import Notices
from services.ownership import Ownership
from services.pipeline import Pipeline
from services.reconcile import Reconcile
from services.sync_notices import SyncNotices


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
