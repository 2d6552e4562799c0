"""All services in one frozen object, built once in bot/app.py and handed to both edges."""

from dataclasses import dataclass

from services.activities import Activities
from services.connections.changes import ConnectionChanges
from services.connections.integrations import Integrations
from services.connections.logins import CrmLogins
from services.delivery.inbox import Inbox
from services.delivery.operations import Operations
from services.delivery.outbox import Outbox
from services.delivery.preview import CrmPreview
from services.delivery.sync import CrmSync
from services.journal import Journal
from services.leads import Leads
from services.mapping.mappings import Mappings
from services.members import Members
from services.notices import Notices
from services.organizations import Organizations
from services.pipeline import Pipeline
from services.switching.switch import CrmSwitch
from services.two_ways.conflicts import Conflicts
from services.two_ways.deletions import Deletions
from services.two_ways.ownership import Ownership
from services.two_ways.people import CrmPeople
from services.two_ways.reconcile import Reconcile
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
