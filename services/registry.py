"""All services in one frozen object, built once in bot/app.py and handed to both edges."""

from dataclasses import dataclass

from services.activities import Activities
from services.connection_changes import ConnectionChanges
from services.conflicts import Conflicts
from services.crm_logins import CrmLogins
from services.crm_people import CrmPeople
from services.crm_preview import CrmPreview
from services.crm_switch import CrmSwitch
from services.crm_sync import CrmSync
from services.deletions import Deletions
from services.inbox import Inbox
from services.integrations import Integrations
from services.journal import Journal
from services.leads import Leads
from services.mappings import Mappings
from services.members import Members
from services.notices import Notices
from services.operations import Operations
from services.organizations import Organizations
from services.outbox import Outbox
from services.ownership import Ownership
from services.pipeline import Pipeline
from services.reconcile import Reconcile
from services.website_form import WebsiteForm


@dataclass(frozen=True, slots=True)
class Services:
    """Field names are the names handlers ask for by parameter."""

    activities: Activities
    conflicts: Conflicts
    connection_changes: ConnectionChanges
    crm_logins: CrmLogins
    crm_people: CrmPeople
    crm_preview: CrmPreview
    crm_switch: CrmSwitch
    crm_sync: CrmSync
    deletions: Deletions
    inbox: Inbox
    integrations: Integrations
    journal: Journal
    leads: Leads
    mappings: Mappings
    members: Members
    notices: Notices
    operations: Operations
    organizations: Organizations
    outbox: Outbox
    ownership: Ownership
    pipeline: Pipeline
    reconcile: Reconcile
    website_form: WebsiteForm
