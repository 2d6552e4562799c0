"""The people behind leads."""

from dataclasses import replace

from domain.contacts import ContactDraft
from web.api.endpoint import CREATED, Call, Endpoint, Guard
from web.api.models.contacts import ContactChange, ContactIn, ContactList, ContactOut, contact_out

TAG = "lead contacts"
FIELDS = {"contact_name": "full_name", "contact_phone": "phone", "contact_email": "email"}
NAMES = {
    "full_name": "name", "position": "position", "phone": "phone", "email": "email", "decides": "decides",
}  # fmt: skip
"""Names of the use case by those of the API."""


async def browse(call: Call) -> ContactList:
    people = await call.services.contacts.of_lead(call.member, call.path["lead_id"])
    found = [contact_out(one) for one in people]
    return ContactList(items=found, total=len(found))


async def get(call: Call) -> ContactOut:
    contact, _lead = await call.services.contacts.get(call.member, call.id)
    return contact_out(contact)


async def create(call: Call) -> ContactOut:
    given = call.given(ContactIn)
    draft = ContactDraft(given.full_name, given.position, given.phone or "", given.email or "", given.decides)
    made = await call.services.contacts.add(call.member, call.path["lead_id"], draft)
    if given.is_primary and not made.is_primary:
        made = await call.services.contacts.make_primary(call.member, made.id)
    return contact_out(made)


async def change(call: Call) -> ContactOut:
    given = call.given(ContactChange)
    contact, _lead = await call.services.contacts.get(call.member, call.id)
    values = {
        ours: getattr(given, name) or ("" if name != "decides" else False)
        for name, ours in NAMES.items()
        if name in given.model_fields_set
    }
    if values:
        contact = await call.services.contacts.change(call.member, call.id, values)
    if given.is_primary:
        contact = await call.services.contacts.make_primary(call.member, call.id)
    return contact_out(contact)


async def set_primary(call: Call) -> ContactOut:
    return contact_out(await call.services.contacts.make_primary(call.member, call.id))


async def delete(call: Call) -> None:
    await call.services.contacts.remove(call.member, call.id)


GUARD = Guard("contact", get)
ONE, OF_LEAD = "/api/lead-contacts/{id}", "/api/lead-contacts/lead/{lead_id}"

_CHANGE = Endpoint(
    "update_contact", "PUT", ONE, "leads:write", change, TAG, "Change fields of a contact",
    answer=ContactOut, body=ContactChange, guard=GUARD, fields=FIELDS,
)  # fmt: skip

ENDPOINTS = (
    Endpoint(
        "list_contacts", "GET", OF_LEAD, "leads:read", browse, TAG,
        "Contacts of a lead, the primary one first", answer=ContactList,
    ),
    Endpoint(
        "create_contact", "POST", OF_LEAD, "leads:write", create, TAG, "A new contact of a lead",
        answer=ContactOut, body=ContactIn, status=CREATED, fields=FIELDS, place=ONE,
    ),
    Endpoint("get_contact", "GET", ONE, "leads:read", get, TAG, "One contact", answer=ContactOut),
    _CHANGE,
    replace(_CHANGE, name="patch_contact", method="PATCH"),
    Endpoint(
        "delete_contact", "DELETE", ONE, "leads:write", delete, TAG, "Take a contact off its lead",
        status=204, guard=GUARD,
    ),
    Endpoint(
        "set_primary_contact", "PATCH", f"{ONE}/set-primary", "leads:write", set_primary, TAG,
        "Make a contact the primary one", answer=ContactOut, guard=GUARD,
    ),
)  # fmt: skip
