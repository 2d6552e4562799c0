"""All services in one frozen object, built once in bot/app.py and handed to both edges."""

from dataclasses import dataclass

from services.activities import Activities
from services.changes import Changes
from services.connections.changes import ConnectionChanges
from services.connections.integrations import Integrations
from services.connections.logins import CrmLogins
from services.contacts import Contacts
from services.custom_fields import CustomFields
from services.customers import Customers
from services.delivery.inbox import Inbox
from services.delivery.operations import Operations
from services.delivery.outbox import Outbox
from services.delivery.preview import CrmPreview
from services.delivery.sync import CrmSync
from services.files import Files
from services.journal import Journal
from services.lead_care import LeadCare
from services.leads import Leads
from services.mailer import Mailer
from services.mapping.mappings import Mappings
from services.members import Members
from services.merging import Merging
from services.notices import Notices
from services.organizations import Organizations
from services.pipeline import Pipeline
from services.pipelines.board import Board
from services.pipelines.setup import PipelinesSetup
from services.pipelines.stages import StagesSetup
from services.switching.switch import CrmSwitch
from services.templates import Templates
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
    board: Board
    changes: Changes
    conflicts: Conflicts
    connection_changes: ConnectionChanges
    contacts: Contacts
    crm_logins: CrmLogins
    crm_people: CrmPeople
    crm_preview: CrmPreview
    crm_switch: CrmSwitch
    crm_sync: CrmSync
    custom_fields: CustomFields
    customers: Customers
    deletions: Deletions
    files: Files
    inbox: Inbox
    integrations: Integrations
    journal: Journal
    lead_care: LeadCare
    leads: Leads
    mailer: Mailer
    mappings: Mappings
    members: Members
    merging: Merging
    notices: Notices
    operations: Operations
    organizations: Organizations
    outbox: Outbox
    ownership: Ownership
    pipeline: Pipeline
    pipelines_setup: PipelinesSetup
    reconcile: Reconcile
    stages_setup: StagesSetup
    templates: Templates
    website_form: WebsiteForm
