"""A lead becomes a contact, an account and an opportunity; and leads from public forms."""

import json
import re
import secrets
from typing import Any

from sandbox.espocrm import acl, addresses, duplicates, records, render
from sandbox.espocrm.acl import Actor
from sandbox.espocrm.answers import refusal
from sandbox.espocrm.state import Record, State

TARGETS = ("Account", "Contact", "Opportunity")
COMMON = ("description", "assignedUserId", "assignedUserName", "teamsIds", "teamsNames", "campaignId")
PERSONAL = ("salutationName", "firstName", "lastName", "middleName", "name", "title", "doNotCall")
ADDRESS = ("Street", "City", "State", "Country", "PostalCode")
CONTACTS = ("emailAddress", "emailAddressData", "phoneNumber", "phoneNumberData")


def attributes(state: State, actor: Actor, lead_id: str) -> Record:
    """Ready attributes for the records that a lead turns into."""
    lead = render.full(state, actor, "Lead", records.get(state, actor, "Lead", lead_id))
    common = {name: lead.get(name) for name in COMMON}
    reach = {name: lead.get(name) for name in CONTACTS}
    billing = {f"billingAddress{part}": lead.get(f"address{part}") for part in ADDRESS}
    place = {f"address{part}": lead.get(f"address{part}") for part in ADDRESS}
    account = {
        "name": lead.get("accountName"),
        "website": lead.get("website"),
        "industry": lead.get("industry"),
    }
    deal = {
        "amount": lead.get("opportunityAmount"),
        "amountCurrency": lead.get("opportunityAmountCurrency"),
        "leadSource": lead.get("source"),
    }
    return {
        "Account": {**common, **reach, **billing, **account},
        "Contact": {**common, **reach, **place, **{name: lead.get(name) for name in PERSONAL}},
        "Opportunity": {**common, **deal},
    }


def convert(state: State, actor: Actor, data: Record) -> Record:
    """Make the asked records and close the lead; all of them are checked before any is made.

    Raises Refusal 409 with `_entityType` in each item unless `skipDuplicateCheck` is true.
    """
    lead = records.get(state, actor, "Lead", str(data.get("id")))
    acl.require(actor, "Lead", "edit", lead)
    asked: Record = data["records"] if isinstance(data.get("records"), dict) else {}
    checked = {
        name: records.checked(state, actor, state.entities[name], asked[name])
        for name in TARGETS
        if name in asked
    }
    if data.get("skipDuplicateCheck") is not True:
        found = [
            (name, item)
            for name, (record, _) in checked.items()
            for item in duplicates.find(state, actor, state.entities[name], record)
        ]
        if found:
            raise duplicates.conflict(state, actor, found, typed=True)
    made = _make(state, actor, checked)
    change = {f"created{name}Id": record_id for name, record_id in made.items()}
    return records.store_changed(
        state, actor, "Lead", lead, {**lead, **change, "status": "Converted"}, change
    )


def _make(state: State, actor: Actor, checked: dict[str, tuple[Record, Record]]) -> dict[str, str]:
    made: dict[str, str] = {}
    for name, (record, sent) in checked.items():
        if name != "Account" and "Account" in made:
            record.setdefault("accountId", made["Account"])
        if name == "Opportunity" and "Contact" in made:
            record.setdefault("contactsIds", [made["Contact"]])
        made[name] = records.store_new(state, actor, name, record, sent)["id"]
    return made


def create_form(state: State, actor: Actor, data: Record) -> Record:
    """A lead capture: a public address that takes leads without a user."""
    answer = records.create(state, actor, "LeadCapture", {"name": data.get("name")})
    key = secrets.token_hex(16)
    fields = [str(name) for name in data.get("fieldList") or []]
    extra = {
        "apiKey": key,
        "fieldList": fields,
        "leadSource": data.get("leadSource"),
        "isActive": data.get("isActive", True),
        "duplicateCheck": data.get("duplicateCheck", True),
    }
    stored = state.table("LeadCapture")[answer["id"]]
    state.store("LeadCapture", {**stored, **extra})
    example = json.dumps({name: _example(name) for name in fields}, indent=4)
    return {
        **answer,
        **extra,
        "formUrl": None,
        "exampleRequestUrl": f"{state.base_url}/api/v1/LeadCapture/{key}",
        "exampleRequestMethod": "POST",
        "exampleRequestPayload": f"```\n{example}\n```",
    }


def _example(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def capture(state: State, system: Actor, key: str, data: Record) -> bool:
    """Take a lead from a public form; the same e-mail or name is merged into the known lead."""
    form = next((item for item in state.all("LeadCapture") if item.get("apiKey") == key), None)
    if form is None or not form.get("isActive"):
        raise refusal(404, "Form ID is not valid.")
    values: Record = {name: data[name] for name in form["fieldList"] if data.get(name) is not None}
    if form.get("leadSource"):
        values["source"] = form["leadSource"]
    if not values.get("lastName") and not values.get("firstName"):
        values["lastName"] = str(
            values.get("emailAddress") or values.get("phoneNumber") or data.get("lastName") or "Lead"
        )
    known = _known(state, system, values) if form.get("duplicateCheck") else None
    if known is None:
        records.create(state, system, "Lead", values, skip_duplicates=True)
    else:
        records.update(state, system, "Lead", known, values)
    return True


def _known(state: State, system: Actor, values: dict[str, Any]) -> str | None:
    trial = dict(values)
    addresses.sanitize(trial)
    addresses.apply(trial, trial)
    found = duplicates.find(state, system, state.entities["Lead"], trial)
    return str(found[0]["id"]) if found else None
