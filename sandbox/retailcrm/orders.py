"""Orders: made, changed, found, merged."""

from typing import Any

from sandbox.exchange import Answer
from sandbox.retailcrm import customers, filters
from sandbox.retailcrm.answers import good, invalid, refusal
from sandbox.retailcrm.calls import Call, by_external_id
from sandbox.retailcrm.forms import json_list, json_object, paged
from sandbox.retailcrm.state import Actor, Record, State
from sandbox.retailcrm.triggers import fire
from sandbox.retailcrm.uploads import carry_out
from sandbox.retailcrm.values import check, custom_fields, digits, merge

KNOWN = (
    "number", "externalId", "orderType", "orderMethod", "countryIso", "createdAt", "lastName", "firstName",
    "patronymic", "phone", "additionalPhone", "email", "call", "expired", "customerComment",
    "managerComment", "managerId", "customer", "contact", "company", "contragent", "delivery", "site",
    "status", "statusComment", "source", "items", "payments", "customFields", "clientId", "shipped",
    "dialogId", "weight", "length", "width", "height",
)  # fmt: skip
_NOT_LOADED = "Order is not loaded"
_OF_HISTORY = ("id", "externalId", "site", "status")


def create(state: State, actor: Actor, site: str, given: Record) -> Record:
    """A new order; without a customer one is found by phone or e-mail, or made."""
    check(state, "order", given, KNOWN)
    external_id = given.get("externalId")
    if external_id and by_external_id(state, "orders", external_id, site):
        raise invalid("externalId", f"Order with externalId={external_id} already exists.")
    values = custom_fields(state, "order", given.get("customFields"))
    customer = _customer(state, actor, site, given)
    number = state.new_id("orders", 4107)
    record: Record = {
        "id": number,
        "number": f"{number}C",
        "createdAt": state.stamp(),
        "statusUpdatedAt": state.stamp(),
        "site": site,
        "status": "new",
        "summ": 0,
        "totalSumm": 0,
        "prepaySum": 0,
        "items": [],
        "payments": [],
        "shipped": False,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    merge(record, {**asked, "customFields": values, "customer": customer})
    _sum(record)
    state.table("orders")[number] = record
    state.note("orders", actor, record, "status", None, {"code": record["status"]}, "created")
    fire(state, "order.created", actor, order=record)
    return record


def _customer(state: State, actor: Actor, site: str, given: Record) -> Record:
    named = given.get("customer") or {}
    found = None
    if named.get("id") or named.get("externalId"):
        found = state.table("customers").get(named.get("id", 0))
        if found is None and named.get("externalId"):
            found = by_external_id(state, "customers", named["externalId"], site)
        if found is None:
            which, value = next(iter(named.items()))
            text = f"Customer with {which}={value} not found."
            raise refusal(400, _NOT_LOADED, errors={f"customer.{which}": text})
    elif given.get("phone"):
        found = customers.with_phone(state, given["phone"], (site,))
    if found is None:
        told = {name: given[name] for name in ("firstName", "lastName", "email") if given.get(name)}
        phones = [{"number": given["phone"]}] if given.get("phone") else []
        found = customers.create(state, actor, site, {**told, "phones": phones})
    return {key: found[key] for key in ("type", "id", "externalId") if key in found}


def _sum(record: Record) -> None:
    items = record.get("items") or []
    total = sum(float(one.get("initialPrice", 0)) * float(one.get("quantity", 1)) for one in items)
    record["summ"] = record["totalSumm"] = int(total) if total == int(total) else total


def change(state: State, actor: Actor, record: Record, given: Record) -> None:
    """Write what was sent; each changed field is an entry of the history."""
    check(state, "order", given, KNOWN)
    wanted = dict(given)
    if "customFields" in wanted:
        wanted["customFields"] = custom_fields(state, "order", wanted["customFields"])
    changes = merge(record, wanted)
    _sum(record)
    for name, old, new in changes:
        if name == "status":
            record["statusUpdatedAt"] = state.stamp()
            old, new = {"code": old}, {"code": new}
        state.note("orders", actor, record, name, old, new)
    if changes:
        fire(state, "order.changed", actor, order=record)


def delete(state: State, actor: Actor, number: int) -> None:
    """What a person can do and the API cannot. KeyError when there is none."""
    record = state.table("orders").pop(number)
    state.note("orders", actor, record, "id", number, None, "deleted")
    fire(state, "order.deleted", actor, order=record)


def merge_into(state: State, actor: Actor, number: int, result: int) -> None:
    """One order lives on in another one. KeyError when either is not there."""
    kept = state.table("orders")[result]
    record = state.table("orders").pop(number)
    state.merged("orders", record, result)
    state.note("orders", actor, record, "id", number, None, "deleted")
    fire(state, "order.changed", actor, order=kept)


def shown(record: Record) -> Record:
    """As the API shows it: empty values are left out, a map without entries is a list."""
    found = {name: value for name, value in record.items() if value is not None}
    return {**found, "customFields": record.get("customFields") or []}


def _told(call: Call, record: Record) -> dict[str, Any]:
    told: dict[str, Any] = {"id": record["id"]}
    return {**told, "order": shown(record)} if call.state.shows_order else told


def create_call(call: Call) -> Answer:
    given, site = json_object(call.form, "order"), call.site()
    return good(201, **_told(call, create(call.state, call.actor, site, given)))


def read(call: Call) -> Answer:
    return good(order=shown(call.record("orders")))


def edit(call: Call) -> Answer:
    given, record = json_object(call.form, "order"), call.record("orders")
    change(call.state, call.actor, record, given)
    return good(**_told(call, record))


def listed(call: Call) -> Answer:
    found = filters.all_of(call.state, "orders", call.sites())
    page, told = paged(filters.choose(found, call.filter, filters.ORDERS), call.params)
    return good(pagination=told, orders=[shown(record) for record in page])


def statuses(call: Call) -> Answer:
    """Where orders stand, by `ids[]` and `externalIds[]`."""
    ids, external = call.params.get("ids") or [], call.params.get("externalIds") or []
    codes = call.state.references["statuses"]
    found = [
        {
            **{key: one.get(key) for key in ("id", "externalId", "status")},
            "group": codes[one["status"]]["group"],
        }
        for one in filters.all_of(call.state, "orders", call.sites())
        if str(one["id"]) in ids or one.get("externalId") in external
    ]
    return good(orders=found)


def upload(call: Call) -> Answer:
    site = call.site()
    given = json_list(call.form, "orders")
    return carry_out("Orders", given, lambda one: create(call.state, call.actor, site, one))


def combine(call: Call) -> Answer:
    gone, result = json_object(call.form, "order"), json_object(call.form, "resultOrder")
    if call.form.get("technique", "ours") not in ("merge", "ours", "theirs", "summ"):
        raise invalid("technique", "This value is not valid.")
    try:
        merge_into(call.state, call.actor, gone.get("id", 0), result.get("id", 0))
    except KeyError:
        raise refusal(400, "Validation error", errors={"order": "Order not found."}) from None
    return good()


def fix_external_ids(call: Call) -> Answer:
    for item in json_list(call.form, "orders"):
        record = call.state.table("orders").get(item.get("id", 0))
        if record is not None:
            record["externalId"] = str(item["externalId"])
    return good()


def manager_of(state: State, phone: str) -> int | None:
    """Who has the latest order of that number."""
    numbers = [
        one
        for one in state.table("orders").values()
        if digits(phone) in (digits(one.get("phone")), digits(one.get("additionalPhone")))
    ]
    return numbers[-1].get("managerId") if numbers else None
