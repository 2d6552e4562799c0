"""Telephony: who belongs to a number, pop-ups, and the log of calls."""

from sandbox.exchange import Answer
from sandbox.retailcrm import customers, orders
from sandbox.retailcrm.answers import good, invalid, missing
from sandbox.retailcrm.calls import Call
from sandbox.retailcrm.forms import json_list, json_object
from sandbox.retailcrm.values import digits

TYPES = ("in", "out", "hangup")
HANGUPS = ("answered", "busy", "cancel", "failed", "no answered")
RESULTS = ("answered", "busy", "failed", "no answer", "not allowed", "unknown")


def manager(call: Call) -> Answer:
    """Customer and manager of a number; without ignoreStatus a manager who is not free is left out."""
    phone = call.params.get("phone")
    if not phone:
        raise missing("phone")
    person = customers.with_phone(call.state, phone, call.sites())
    number = orders.manager_of(call.state, phone) or (person or {}).get("managerId")
    user = call.state.users.get(number or 0)
    found = {}
    if user and (user["status"] == "free" or call.params.get("ignoreStatus") == "1"):
        found["manager"] = {key: user[key] for key in ("id", "firstName", "lastName", "email")}
    site = call.state.base_url
    links = {"newOrderLink": f"{site}/orders/add", "newCustomerLink": f"{site}/customers/add"}
    if person and call.params.get("details") == "1":
        found["customer"] = customers.shown(call.state, person)
        links["customerLink"] = f"{site}/customers/{person['id']}"
    return good(**found, links=links)


def event(call: Call) -> Answer:
    given = json_object(call.form, "event")
    if given.get("type") not in TYPES:
        raise invalid("type", "This value is not valid.")
    if given["type"] == "hangup" and given.get("hangupStatus") not in HANGUPS:
        raise invalid("hangupStatus", "This value is not valid.")
    if not digits(given.get("phone")):
        raise invalid("phone", "This value should not be blank.")
    absent = [number for number in given.get("userIds") or () if number not in call.state.users]
    return good(notExistCodes=[], notExistUsers=absent)


def upload(call: Call) -> Answer:
    """Up to 50 calls; one whose externalId is known already is told as a duplicate and not kept twice."""
    table, twice, done = call.state.table("calls"), [], 0
    known = {record.get("externalId") for record in table.values()} - {None}
    for given in json_list(call.form, "calls"):
        if given.get("result") not in RESULTS:
            raise invalid("result", "This value is not valid.")
        if given.get("externalId") in known:
            twice.append(given["externalId"])
            continue
        number = call.state.new_id("calls")
        table[number] = {"id": number, **given}
        known.add(given.get("externalId"))
        done += 1
    return good(processedCallsCount=done, duplicateCalls=twice)
