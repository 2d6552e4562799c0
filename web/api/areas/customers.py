"""Customers: whom leads have become."""

from domain.errors import BadInput
from web.api.endpoint import Call, Endpoint, Guard
from web.api.models.around import (
    CustomerChange,
    CustomerContact,
    CustomerContacts,
    CustomerOut,
    CustomersAsked,
    customer_out,
)
from web.api.models.base import Page, page_of

TAG = "customers"
FIELDS = {"company": "company_name", "note": "notes", "phone": "primary_phone"}
NAMES = {
    "name": "name", "company_name": "company", "inn": "inn", "email": "email", "primary_phone": "phone",
    "notes": "note",
}  # fmt: skip
"""Names of the use case by those of the API."""


async def browse(call: Call) -> Page[CustomerOut]:
    asked = call.asked(CustomersAsked)
    found = await call.services.customers.browse(call.member, asked.page - 1, asked.search, asked.limit)
    return Page[CustomerOut](**page_of([customer_out(one) for one in found.customers], found.total, asked))


async def get(call: Call) -> CustomerOut:
    return customer_out(await call.services.customers.get(call.member, call.id))


async def contacts(call: Call) -> CustomerContacts:
    found = [
        CustomerContact(
            full_name=one["name"],
            position=one["position"],
            phone=one["phone"] or None,
            email=one["email"] or None,
            decides=one["decides"],
        )
        for one in await call.services.customers.contacts(call.member, call.id)
    ]
    return CustomerContacts(items=found, total=len(found))


async def change(call: Call) -> CustomerOut:
    given = call.given(CustomerChange)
    named = [name for name in NAMES if name in given.model_fields_set]
    # filling a field before another is emptied keeps a name or a company there at every step
    for name in sorted(named, key=lambda one: not getattr(given, one)):
        await call.services.customers.change(call.member, call.id, NAMES[name], getattr(given, name) or "")
    if not named:
        raise BadInput("body", "required")
    return await get(call)


ONE, ALL = "/api/customers/{id}", "/api/customers"

ENDPOINTS = (
    Endpoint(
        "list_customers", "GET", ALL, "customers:read", browse, TAG, "Customers, by pages",
        answer=Page[CustomerOut], query=CustomersAsked,
    ),
    Endpoint("get_customer", "GET", ONE, "customers:read", get, TAG, "One customer", answer=CustomerOut),
    Endpoint(
        "list_customer_contacts", "GET", f"{ONE}/contacts", "customers:read", contacts, TAG,
        "Contacts of a customer, the primary one first", answer=CustomerContacts,
    ),
    Endpoint(
        "patch_customer", "PATCH", ONE, "customers:write", change, TAG, "Change fields of a customer",
        answer=CustomerOut, body=CustomerChange, guard=Guard("customer", get), fields=FIELDS,
    ),
)  # fmt: skip
