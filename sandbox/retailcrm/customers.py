"""Customers and the notes on them."""

from typing import Any

from sandbox.exchange import Answer
from sandbox.retailcrm import filters
from sandbox.retailcrm.answers import good, invalid, missing, refusal
from sandbox.retailcrm.calls import Call, by_external_id
from sandbox.retailcrm.forms import json_list, json_object, paged
from sandbox.retailcrm.state import Actor, Record, State
from sandbox.retailcrm.triggers import fire
from sandbox.retailcrm.uploads import carry_out
from sandbox.retailcrm.values import check, custom_fields, digits, merge

KNOWN = (
    "externalId", "firstName", "lastName", "patronymic", "sex", "email", "phones", "birthday", "managerId",
    "vip", "bad", "site", "tags", "addTags", "removeTags", "attachedTag", "customFields", "source",
    "browserId", "address", "photoUrl", "personalDiscount", "contragent", "createdAt",
)  # fmt: skip


def create(state: State, actor: Actor, site: str, given: Record) -> Record:
    """A new customer. 400 for a repeated externalId or a wrong value."""
    check(state, "customer", given, KNOWN)
    external_id = given.get("externalId")
    if external_id and by_external_id(state, "customers", external_id, site):
        raise invalid("externalId", f"Customer with externalId={external_id} already exists.")
    values = custom_fields(state, "customer", given.get("customFields"))
    record: Record = {
        "type": "customer",
        "id": state.new_id("customers", 903),
        "isContact": False,
        "createdAt": state.stamp(),
        "vip": False,
        "bad": False,
        "site": site,
        "contragent": {"contragentType": "individual"},
        "tags": [],
        "phones": [],
        "address": {"id": state.new_id("addresses", 11), "text": ""},
        "segments": [],
        "totalSumm": 0,
        "averageSumm": 0,
        "mgCustomers": [],
    }
    write(record, {**given, "customFields": values})
    state.table("customers")[record["id"]] = record
    state.note("customers", actor, record, "id", None, record["id"], "created")
    fire(state, "customer.created", actor, customer=record)
    return record


def write(record: Record, given: Record) -> list[tuple[str, Any, Any]]:
    """Values into a record; tags are added and removed by name. What has changed."""
    tags = {tag["name"]: tag for tag in record.get("tags") or ()}
    named = [item["name"] for item in given.pop("tags", None) or ()]
    for name in [*named, *given.pop("addTags", [])]:
        tags[name] = {"name": name, "color": "#3e89ff", "attached": False}
    for name in given.pop("removeTags", []):
        tags.pop(name, None)
    return merge(record, {**given, "tags": list(tags.values())})


def shown(state: State, record: Record) -> Record:
    """As the API shows it: a map without entries is a list, as PHP has it."""
    orders = [o for o in state.table("orders").values() if o["customer"]["id"] == record["id"]]
    return {**record, "customFields": record.get("customFields") or [], "ordersCount": len(orders)}


def with_phone(state: State, phone: str, sites: tuple[str, ...]) -> Record | None:
    """The customer with exactly this number, whatever its spelling."""
    for record in filters.all_of(state, "customers", sites):
        if digits(phone) in [digits(item["number"]) for item in record["phones"]]:
            return record
    return None


def create_call(call: Call) -> Answer:
    given, site = json_object(call.form, "customer"), call.site()
    return good(201, id=create(call.state, call.actor, site, given)["id"])


def read(call: Call) -> Answer:
    return good(customer=shown(call.state, call.record("customers")))


def edit(call: Call) -> Answer:
    given, record = json_object(call.form, "customer"), call.record("customers")
    check(call.state, "customer", given, KNOWN)
    values = custom_fields(call.state, "customer", given.get("customFields"))
    changes = write(record, {**given, "customFields": values})
    for name, old, new in changes:
        call.state.note("customers", call.actor, record, name, old, new)
    if changes:
        fire(call.state, "customer.changed", call.actor, customer=record)
    return good(id=record["id"])


def listed(call: Call) -> Answer:
    found = filters.all_of(call.state, "customers", call.sites())
    page, told = paged(filters.choose(found, call.filter, filters.CUSTOMERS), call.params)
    return good(pagination=told, customers=[shown(call.state, record) for record in page])


def upload(call: Call) -> Answer:
    """Up to 50 at once; 460 when some of them failed."""
    site = call.site()
    given = json_list(call.form, "customers")
    return carry_out("Customers", given, lambda one: create(call.state, call.actor, site, one))


def fix_external_ids(call: Call) -> Answer:
    for item in json_list(call.form, "customers"):
        record = call.state.table("customers").get(item.get("id", 0))
        if record is not None:
            record["externalId"] = str(item["externalId"])
    return good()


def combine(call: Call) -> Answer:
    """Several customers become one: their orders move, their ids lead to it."""
    table = call.state.table("customers")
    result = table.get(json_object(call.form, "resultCustomer").get("id", 0))
    if result is None:
        raise refusal(400, "Validation error", errors={"resultCustomer": "Customer not found."})
    for item in json_list(call.form, "customers"):
        gone = table.pop(item.get("id", 0), None)
        if gone is None:
            continue
        call.state.merged("customers", gone, result["id"])
        for order in call.state.table("orders").values():
            if order["customer"]["id"] == gone["id"]:
                order["customer"] = {"type": "customer", "id": result["id"]}
    return good()


# Notes


def create_note(call: Call) -> Answer:
    given, site = json_object(call.form, "note"), call.site()
    if not given.get("text"):
        raise invalid("text", "This value should not be blank.")
    check(call.state, "note", given, ("customer", "text", "managerId"))
    named = given.get("customer") or {}
    customer = call.state.table("customers").get(named.get("id", 0))
    if customer is None and named.get("externalId"):
        customer = by_external_id(call.state, "customers", named["externalId"], named.get("site", site))
    if customer is None:
        raise invalid("customer", "Customer not found.")
    note: Record = {
        "id": call.state.new_id("notes", 88),
        "customer": {k: customer[k] for k in ("id", "externalId", "site") if k in customer},
        "text": given["text"],
        "managerId": given.get("managerId"),
        "createdAt": call.state.stamp(),
    }
    call.state.table("notes")[note["id"]] = note
    return good(201, id=note["id"])


def list_notes(call: Call) -> Answer:
    found = filters.choose(call.state.table("notes").values(), call.filter, filters.NOTES)
    page, told = paged(found, call.params)
    return good(pagination=told, notes=page)


def delete_note(call: Call) -> Answer:
    number = int(call.args[0]) if call.args[0].isdigit() else 0
    if call.state.table("notes").pop(number, None) is None:
        raise missing("id")
    return good()
