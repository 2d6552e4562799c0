"""All services in one frozen object, built once in bot/app.py and handed to both edges."""

from dataclasses import dataclass

from services.activities import Activities
from services.crm_sync import CrmSync
from services.inbox import Inbox
from services.integrations import Integrations
from services.journal import Journal
from services.leads import Leads
from services.members import Members
from services.notices import Notices
from services.operations import Operations
from services.organizations import Organizations
from services.outbox import Outbox
from services.pipeline import Pipeline
from services.website_form import WebsiteForm


@dataclass(frozen=True, slots=True)
class Services:
    """Field names are the names handlers ask for by parameter."""

    activities: Activities
    crm_sync: CrmSync
    inbox: Inbox
    integrations: Integrations
    journal: Journal
    leads: Leads
    members: Members
    notices: Notices
    operations: Operations
    organizations: Organizations
    outbox: Outbox
    pipeline: Pipeline
    website_form: WebsiteForm
