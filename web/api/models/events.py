"""What webhooks say in `data`: the records as the API shows them, and what has happened to them."""

from uuid import UUID

from web.api.models.activities import ActivityOut
from web.api.models.around import CustomerOut
from web.api.models.base import Shown
from web.api.models.contacts import ContactOut
from web.api.models.leads import LeadOut


class Done(Shown):
    """Who did it, null for the product itself or a CRM; and by which way: chat, crm, import, rules, ..."""

    actor_id: UUID | None = None
    origin: str = ""


class LeadHappened(Done):
    """lead.created, lead.deleted."""

    lead: LeadOut


class LeadChanged(LeadHappened):
    """lead.changed: `changed` are names of fields of the lead."""

    changed: list[str]


class LeadMoved(LeadHappened):
    """lead.stage_changed."""

    from_stage_id: UUID | None
    to_stage_id: UUID | None


class LeadAssigned(LeadHappened):
    """lead.assigned; null is nobody."""

    from_member_id: UUID | None
    to_member_id: UUID | None


class LeadMerged(LeadHappened):
    """lead.merged: `lead` is the one that stays."""

    merged_lead_id: UUID | None


class ContactsChanged(Done):
    """contact.changed: all people behind the lead, the primary one first."""

    lead_id: UUID
    contacts: list[ContactOut]


class ActivityHappened(Done):
    """activity.created, activity.completed."""

    activity: ActivityOut


class CustomerHappened(Done):
    """customer.created."""

    customer: CustomerOut


class Tested(Done):
    """test."""

    message: str = "It works."
