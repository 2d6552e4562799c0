"""Histories of orders, customers and tasks: the one reliable way to learn what has changed."""

from typing import Any

from sandbox.exchange import Answer
from sandbox.retailcrm.answers import good, refusal
from sandbox.retailcrm.calls import Call
from sandbox.retailcrm.forms import paged
from sandbox.retailcrm.state import Change, Record

_KNOWN = {
    "orders": ("sinceId", "startDate", "endDate", "orderId", "orderExternalId"),
    "customers": ("sinceId", "startDate", "endDate", "customerId", "customerExternalId"),
    "tasks": ("sinceId", "startDate", "endDate"),
}
_SHOWN = ("id", "externalId", "site", "status", "number", "text")


def orders(call: Call) -> Answer:
    return _listed(call, "orders")


def customers(call: Call) -> Answer:
    return _listed(call, "customers")


def tasks(call: Call) -> Answer:
    return _listed(call, "tasks")


def _listed(call: Call, entity: str) -> Answer:
    wanted, singular = call.filter, entity.removesuffix("s")
    if unknown := set(wanted) - set(_KNOWN[entity]):
        text = f"This form should not contain extra fields: {sorted(unknown)}"
        raise refusal(400, "Errors in the input parameters", errors={"filter": text})
    since = int(wanted.get("sinceId") or 0)
    found = [
        change
        for change in call.state.history.get(entity, [])
        if change.id > since
        and change.record.get("site", call.sites()[0]) in call.sites()
        and str(wanted.get("startDate") or "") <= change.at
        and change.at <= str(wanted.get("endDate") or "9")
        and _about(change.record, wanted, singular)
    ]
    page, told = paged(found, call.params)
    shown = [_shown(call, change, singular) for change in page]
    return good(generatedAt=call.state.stamp(), history=shown, pagination=told)


def _about(record: Record, wanted: Record, singular: str) -> bool:
    number, external = wanted.get(f"{singular}Id"), wanted.get(f"{singular}ExternalId")
    return (number is None or str(record["id"]) == number) and (
        external is None or record.get("externalId") == external
    )


def _shown(call: Call, change: Change, singular: str) -> dict[str, Any]:
    actor = change.actor
    by: dict[str, Any] = {"source": actor.source}
    if actor.source == "api":
        by["apiKey"] = {"current": actor.key == call.key.text}
    if actor.user_id:
        by["user"] = {"id": actor.user_id}
    return {
        "id": change.id,
        "createdAt": change.at,
        **dict.fromkeys(change.flags, True),
        **by,
        "field": change.field,
        "oldValue": change.old,
        "newValue": change.new,
        singular: {key: change.record[key] for key in _SHOWN if key in change.record},
    }
