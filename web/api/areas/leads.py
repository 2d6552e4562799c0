"""Leads: the list, one of them, making, changing, deleting, assigning, moving, qualifying."""

from dataclasses import replace

from domain.lead_query import LeadQuery
from domain.leads import Lead
from web.api.areas.lead_writing import assigned, changed, created, moved
from web.api.endpoint import CREATED, Call, Endpoint, Guard
from web.api.models.base import Page, page_of
from web.api.models.contacts import contact_out
from web.api.models.leads import (
    Assign,
    LeadChange,
    LeadDetail,
    LeadFilters,
    LeadIn,
    LeadOut,
    LeadsAsked,
    MoveTo,
    Qualified,
    lead_fields,
)

TAG = "leads"
FIELDS = {
    "company": "company_name",
    "note": "notes",
    "phone": "primary_phone",
    "contact_name": "contacts.full_name",
    "contact_phone": "contacts.phone",
    "contact_email": "contacts.email",
    "find": "search",
}
"""Fields of the use cases in the words of the API."""


def query_of(asked: LeadFilters) -> LeadQuery:
    """The conditions as the chat's lists know them."""
    owner = "mine" if asked.mine else "unassigned" if asked.unassigned else "all"
    return LeadQuery(
        text=asked.search.strip(),
        owner=owner,
        stage=asked.stage_id,
        pipeline=asked.pipeline_id,
        assignee=asked.assigned_to,
        sender=asked.sender_id,
        source=asked.source,
        segment=asked.segment,
        product=asked.product,
        region=asked.region,
        tags=tuple(asked.tag),
        since=asked.created_from,
        until=asked.created_to,
        least=asked.amount_from,
        most=asked.amount_to,
        no_next_step=asked.no_next_step,
    )


def lead_out(call: Call, lead: Lead) -> LeadOut:
    return LeadOut.model_validate(lead_fields(lead, call.words))


async def detail(call: Call, lead: Lead) -> LeadDetail:
    """The lead with what stands around it."""
    more = await call.services.lead_care.details(call.member, lead)
    people = await call.services.contacts.of_lead(call.member, lead.id)
    fields = lead_fields(lead, call.words)
    contacts = [contact_out(one) for one in people]
    return LeadDetail.model_validate({**fields, "tags": list(more.tags), "contacts": contacts})


async def detail_of_new(call: Call, given: LeadIn) -> LeadDetail:
    """A lead that is made now: nothing stands around it but what was given with it."""
    lead = await created(call, given)
    if given.tags or given.contacts:
        return await detail(call, lead)
    return LeadDetail.model_validate({**lead_fields(lead, call.words), "tags": [], "contacts": []})


async def browse(call: Call) -> Page[LeadOut]:
    asked = call.asked(LeadsAsked)
    found, total = await call.services.finding.listed(
        call.member, query_of(asked), asked.limit, asked.offset, order=asked.sort or ""
    )
    return Page[LeadOut](**page_of([lead_out(call, one) for one in found], total, asked))


async def get(call: Call) -> LeadDetail:
    return await detail(call, await call.services.leads.get(call.member, call.id))


async def create(call: Call) -> LeadDetail:
    return await detail_of_new(call, call.given(LeadIn))


async def change(call: Call) -> LeadDetail:
    return await detail(call, await changed(call, call.id, call.given(LeadChange)))


async def delete(call: Call) -> None:
    await call.services.lead_care.delete(call.member, call.id)


async def assign(call: Call) -> LeadOut:
    lead = await call.services.leads.get(call.member, call.id)
    return lead_out(call, await assigned(call, lead, call.given(Assign).assigned_to))


async def move(call: Call) -> LeadOut:
    wanted = call.given(MoveTo)
    lead = await call.services.leads.get(call.member, call.id)
    return lead_out(call, await moved(call, lead, wanted.stage_id, wanted.reason))


async def take(call: Call) -> LeadOut:
    return lead_out(call, await call.services.pipeline.take(call.member, call.id))


async def qualify(call: Call) -> Qualified:
    customer, made = await call.services.customers.qualify(call.member, call.id)
    lead = await call.services.leads.get(call.member, call.id)
    return Qualified(customer_id=customer.id, created=made, lead=lead_out(call, lead))


async def restore(call: Call) -> LeadOut:
    return lead_out(call, await call.services.lead_care.bring_back(call.member, call.id))


GUARD = Guard("lead", get)
ONE = "/api/leads/{id}"

_CHANGE = Endpoint(
    "update_lead", "PUT", ONE, "leads:write", change, TAG, "Change fields of a lead",
    answer=LeadDetail, body=LeadChange, guard=GUARD, fields=FIELDS,
)  # fmt: skip

ENDPOINTS = (
    Endpoint(
        "list_leads", "GET", "/api/leads", "leads:read", browse, TAG, "Leads, by pages",
        answer=Page[LeadOut], query=LeadsAsked, fields=FIELDS,
    ),
    Endpoint(
        "create_lead", "POST", "/api/leads", "leads:write", create, TAG, "A new lead",
        answer=LeadDetail, body=LeadIn, status=CREATED, fields=FIELDS, place=ONE,
    ),
    Endpoint("get_lead", "GET", ONE, "leads:read", get, TAG, "One lead with its people", answer=LeadDetail),
    _CHANGE,
    replace(_CHANGE, name="patch_lead", method="PATCH"),
    Endpoint(
        "delete_lead", "DELETE", ONE, "leads:write", delete, TAG,
        "Delete a lead; it can be restored for 30 days", status=204, guard=GUARD,
    ),
    Endpoint(
        "restore_lead", "POST", f"{ONE}/restore", "leads:write", restore, TAG, "Bring a deleted lead back",
        answer=LeadOut,
    ),
    Endpoint(
        "assign_lead", "PUT", f"{ONE}/assign", "leads:write", assign, TAG,
        "Make somebody responsible, or nobody", answer=LeadOut, body=Assign, guard=GUARD,
    ),
    Endpoint(
        "take_lead", "POST", f"{ONE}/take", "leads:write", take, TAG,
        "Become responsible for a free lead", answer=LeadOut, guard=GUARD,
    ),
    Endpoint(
        "move_lead", "PUT", f"{ONE}/stage", "leads:write", move, TAG, "Put a lead on a stage",
        answer=LeadOut, body=MoveTo, guard=GUARD, fields=FIELDS,
    ),
    Endpoint(
        "qualify_lead", "POST", f"{ONE}/qualify", "leads:write", qualify, TAG,
        "Make a lead a customer, once", answer=Qualified, guard=GUARD,
    ),
)  # fmt: skip
