"""What a webhook says: the record of its event, read when it is sent for the first time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.activity_log import LoggedActivity
from domain.contacts import Contact
from domain.customers import Customer
from domain.hooks_out import CONTACT_CHANGED, TEST, Sending
from domain.leads import Lead
from storage.db import Session
from storage.leads import contacts, customers
from storage.leads import leads as lead_rows
from storage.people import members as member_rows
from storage.planning.activity_log import WITH_ARCHIVE


@dataclass(frozen=True, slots=True)
class Found:
    """What an event is about; what it is not about is empty."""

    lead: Lead | None = None
    contacts: Sequence[Contact] = ()
    activity: LoggedActivity | None = None
    customer: Customer | None = None


Worded = Callable[[Sending, Found, str], dict[str, Any]]
"""The `data` of a webhook's body as JSON values, in a language: the shapes of the REST API."""


async def found_for(s: Session, sending: Sending) -> Found | None:
    """The record of the event; None where it is not there any more."""
    told = sending.params
    if sending.type == TEST:
        return Found()
    if "activity" in told:
        activity = await WITH_ARCHIVE.any_one(s, UUID(told["activity"]))
        return Found(activity=activity) if activity is not None else None
    if "customer" in told:
        customer = await customers.get_customer(s, UUID(told["customer"]))
        return Found(customer=customer) if customer is not None else None
    lead = await lead_rows.get_lead(s, UUID(told["lead"]))
    if lead is None:
        return None
    people = await contacts.of_lead(s, lead.id) if sending.type == CONTACT_CHANGED else ()
    return Found(lead=lead, contacts=tuple(people))


async def language_of(s: Session) -> str:
    """The organization's, for what goes by a key until somebody names it."""
    organization = await member_rows.get_organization(s, s.tenant)
    return organization.language if organization is not None else "en"
