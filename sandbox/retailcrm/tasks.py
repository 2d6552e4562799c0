"""Tasks: something to be done, with a moment and a person, about an order or a customer."""

import re
from typing import Any

from sandbox.exchange import Answer
from sandbox.retailcrm import filters
from sandbox.retailcrm.answers import good, invalid, not_found
from sandbox.retailcrm.calls import Call, by_external_id
from sandbox.retailcrm.forms import json_object, paged
from sandbox.retailcrm.state import Record
from sandbox.retailcrm.values import check, merge

KNOWN = (
    "text", "commentary", "datetime", "performerId", "order", "customer", "phone", "phoneSite", "complete",
    "site",
)  # fmt: skip
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


def _checked(call: Call, given: Record) -> Record:
    check(call.state, "task", given, KNOWN)
    if given.get("datetime") and not _MOMENT.fullmatch(str(given["datetime"])):
        raise invalid("datetime", "This value is not valid.")
    found = dict(given)
    for entity, name in (("orders", "order"), ("customers", "customer")):
        if given.get(name):
            found[name] = _subject(call, entity, name, given[name])
    return found


def _subject(call: Call, entity: str, name: str, named: Any) -> Record:
    record = call.state.table(entity).get(named.get("id", 0))
    if record is None and named.get("externalId"):
        record = by_external_id(call.state, entity, named["externalId"], call.site())
    if record is None:
        raise invalid(name, f"{name.capitalize()} not found.")
    kept = ("id", "externalId", "number", "site", "firstName", "lastName", "phones")
    return {key: record[key] for key in kept if key in record}


def create(call: Call) -> Answer:
    given = json_object(call.form, "task")
    if not given.get("text"):
        raise invalid("text", "This value should not be blank.")
    if not given.get("performerId"):
        raise invalid("performerId", "This value should not be blank.")
    task: Record = {
        "id": call.state.new_id("tasks", 551),
        "createdAt": call.state.stamp(),
        "complete": False,
        "creator": 1,
        "performerType": "user",
    }
    task = {**task, **_checked(call, given)}
    task["performer"] = task["performerId"]
    call.state.table("tasks")[task["id"]] = task
    call.state.note("tasks", call.actor, task, "id", None, task["id"], "created")
    return good(201, id=task["id"])


def _task(call: Call) -> Record:
    number = int(call.args[0]) if call.args[0].isdigit() else 0
    found = call.state.table("tasks").get(number)
    if found is None:
        raise not_found()
    return found


def read(call: Call) -> Answer:
    return good(task=_task(call))


def edit(call: Call) -> Answer:
    task = _task(call)
    for name, old, new in merge(task, _checked(call, json_object(call.form, "task"))):
        call.state.note("tasks", call.actor, task, name, old, new)
    return good(id=task["id"])


def comments(call: Call) -> Answer:
    _task(call)
    page, told = paged([], call.params)
    return good(pagination=told, comments=page)


def listed(call: Call) -> Answer:
    found = filters.choose(call.state.table("tasks").values(), call.filter, filters.TASKS)
    page, told = paged(found, call.params)
    return good(pagination=told, tasks=page)
