"""Notes, tasks and calls."""

import re
from typing import Any

from sandbox.amocrm import fields, hook_bodies, listing
from sandbox.amocrm.answers import NOTHING, Reply, Violations, problem
from sandbox.amocrm.listing import Query
from sandbox.amocrm.seed import LOST, WON
from sandbox.amocrm.state import ENTITIES, SINGULAR, Change, Record, State
from sandbox.amocrm.writing import items, request_id

CALLS = ("call_in", "call_out")
NEEDED: dict[str, tuple[str, ...]] = {
    "common": ("text",),
    "service_message": ("service", "text"),
    "extended_service_message": ("service", "text"),
    "call_in": ("uniq", "duration", "source", "phone"),
    "call_out": ("uniq", "duration", "source", "phone"),
    "sms_in": ("text", "phone"),
    "sms_out": ("text", "phone"),
    "geolocation": ("text", "address", "longitude", "latitude"),
}
CALL_STATUSES = range(1, 8)


def add_notes(state: State, user: Record, entity: str, parent_id: int | None, body: Any) -> Reply:
    """POST leads/notes and leads/{id}/notes."""
    faults, drafts = Violations(), []
    for at, item in enumerate(items(body)):
        key = request_id(item, at)
        owner = parent_id if parent_id is not None else item.get("entity_id") or 0
        parent = state.find(entity, owner)
        params = item.get("params") if isinstance(item.get("params"), dict) else {}
        kind = item.get("note_type")
        if parent is None:
            faults.not_a_choice(key, "entity_id")
        elif kind not in NEEDED:
            faults.not_a_choice(key, "note_type")
        else:
            for name in NEEDED[kind]:
                if params.get(name) is None:
                    faults.add(key, f"params.{name}", "FieldMissing", "This field is missing.")
            drafts.append((key, _note(state, user, item, kind, params, parent)))
    faults.check()
    return _made(state, "notes", entity, [(key, keep_note(state, entity, draft)) for key, draft in drafts])


def _note(state: State, user: Record, item: Record, kind: str, params: Record, parent: Record) -> Record:
    now = state.stamp()
    return {
        "id": 0, "entity_id": parent["id"], "created_by": item.get("created_by", user["id"]),
        "updated_by": user["id"], "created_at": item.get("created_at") or now, "updated_at": now,
        "responsible_user_id": item.get("responsible_user_id") or parent["responsible_user_id"],
        "group_id": 0,
        "note_type": kind, "params": dict(params), "account_id": state.account["id"],
    }  # fmt: skip


def keep_note(state: State, entity: str, note: Record) -> Record:
    note |= {"id": state.new_id(), "entity_type": entity}
    state.tables["notes"][note["id"]] = note
    block = "leads" if entity == "leads" else "contacts"
    state.changes.append(Change(block, "note", hook_bodies.note(entity, note)))
    return note


def notes(state: State, entity: str, parent_id: int | None, query: Query) -> Reply:
    """GET leads/notes and leads/{id}/notes; the filter of kinds is free."""
    if parent_id is not None and state.find(entity, parent_id) is None:
        return NOTHING
    kinds = listing.many(query, "filter[note_type]")
    found = [
        {key: value for key, value in note.items() if key != "entity_type"}
        for note in state.tables["notes"].values()
        if note["entity_type"] == entity
        and parent_id in (None, note["entity_id"])
        and (not kinds or note["note_type"] in kinds)
    ]
    found.sort(key=lambda note: note["id"], reverse=listing.one(query, "order[id]") == "desc")
    return listing.page(state, f"{entity}/notes", "notes", found, query)


def add_tasks(state: State, user: Record, body: Any) -> Reply:
    """POST tasks."""
    faults, drafts = Violations(), []
    for at, item in enumerate(items(body)):
        key = request_id(item, at)
        for name, kind in (("text", str), ("complete_till", int)):
            if not isinstance(item.get(name), kind) or item[name] in ("", 0):
                faults.add(key, name, "FieldMissing", "This field is missing.")
        if item.get("entity_id") is not None:
            entity = str(item.get("entity_type"))
            if entity not in ENTITIES or state.find(entity, item["entity_id"]) is None:
                faults.not_a_choice(key, "entity_id")
        responsible = item.get("responsible_user_id") or user["id"]
        if not state.users.get(responsible, {"rights": {"is_active": False}})["rights"]["is_active"]:
            faults.not_a_choice(key, "responsible_user_id")
        drafts.append((key, item))
    faults.check()
    return _made(state, "tasks", None, [(key, _keep_task(state, user, item)) for key, item in drafts])


def _keep_task(state: State, user: Record, item: Record) -> Record:
    now = state.stamp()
    task = {
        "id": state.new_id(), "created_by": item.get("created_by", user["id"]), "updated_by": user["id"],
        "created_at": item.get("created_at") or now, "updated_at": now, "group_id": 0,
        "responsible_user_id": item.get("responsible_user_id") or user["id"],
        "entity_id": item.get("entity_id"), "entity_type": item.get("entity_type"),
        "duration": item.get("duration", 0), "is_completed": bool(item.get("is_completed")),
        "task_type_id": item.get("task_type_id", 1), "text": item["text"], "result": item.get("result") or [],
        "complete_till": item["complete_till"], "account_id": state.account["id"],
    }  # fmt: skip
    state.tables["tasks"][task["id"]] = task
    state.changes.append(Change("task", "add", hook_bodies.task(task)))
    return task


def change_task(state: State, user: Record, task_id: int, body: Any) -> Reply:
    """PATCH tasks/{id}."""
    task = state.find("tasks", task_id)
    if task is None:
        raise problem(404, "Entity not found")
    names = (
        "text",
        "complete_till",
        "is_completed",
        "result",
        "responsible_user_id",
        "task_type_id",
        "duration",
    )
    task |= {name: body[name] for name in names if name in body}
    task |= {"updated_at": state.stamp(), "updated_by": user["id"]}
    state.changes.append(Change("task", "update", hook_bodies.task(task)))
    return Reply(200, {"id": task_id, "updated_at": task["updated_at"]})


def tasks(state: State, query: Query) -> Reply:
    """GET tasks; these filters are free."""
    wanted = {name: listing.many(query, f"filter[{name}]") for name in ("entity_id", "entity_type")}
    kinds, done = listing.many(query, "filter[task_type]"), listing.many(query, "filter[is_completed]")
    found = [
        task
        for task in state.tables["tasks"].values()
        if all(not values or str(task[name]) in values for name, values in wanted.items())
        and (not kinds or str(task["task_type_id"]) in kinds)
        and (not done or str(int(task["is_completed"])) in done)
    ]
    found.sort(key=lambda task: task["id"], reverse=listing.one(query, "order[id]") == "desc")
    return listing.page(state, "tasks", "tasks", found, query)


def add_calls(state: State, user: Record, body: Any) -> Reply:
    """POST calls: each goes to the card of its phone; without one it is not added."""
    faults, made, errors = Violations(), [], []
    for at, item in enumerate(items(body)):
        for name in ("direction", "duration", "source", "phone"):
            if item.get(name) is None:
                faults.add(request_id(item, at), name, "FieldMissing", "This field is missing.")
        if item.get("call_status") is not None and item["call_status"] not in CALL_STATUSES:
            faults.not_a_choice(request_id(item, at), "call_status")
    faults.check()
    for at, item in enumerate(body):
        place = _card(state, str(item["phone"]))
        if place is None:
            errors.append({"request_id": request_id(item, at), "title": "Entity not found", "status": 404})
            continue
        made.append((request_id(item, at), *place, _keep_call(state, user, item, *place)))
    rows = [
        {"id": note["id"], "entity_id": parent["id"], "entity_type": SINGULAR[entity], "request_id": key,
         "account_id": state.account["id"], "_embedded": {"entity": {"id": parent["id"]}}}
        for key, entity, parent, note in made
    ]  # fmt: skip
    return Reply(200, {"_total_items": len(rows), "errors": errors, "_embedded": {"calls": rows}})


def _keep_call(state: State, user: Record, item: Record, entity: str, parent: Record) -> Record:
    names = ("uniq", "duration", "source", "link", "phone", "call_result", "call_status", "call_responsible")
    params = {name: item[name] for name in names if name in item}
    kind = "call_in" if item["direction"] == "inbound" else "call_out"
    return keep_note(state, entity, _note(state, user, item, kind, params, parent))


def _card(state: State, phone: str) -> tuple[str, Record] | None:
    """One active lead of the person, else the contact's or company's own card; by the last ten digits."""
    tail = re.sub(r"\D", "", phone)[-10:]
    for entity in ("contacts", "companies"):
        for record in state.live(entity):
            own = [re.sub(r"\D", "", text)[-10:] for text in fields.addresses(state, entity, record, "PHONE")]
            if tail not in own:
                continue
            open_leads = [
                lead
                for lead in state.live("leads")
                if record["id"] in (*lead["contacts"], lead["company"])
                and lead["status_id"] not in (WON, LOST)
            ]
            return ("leads", open_leads[0]) if len(open_leads) == 1 else (entity, record)
    return None


def _made(state: State, name: str, entity: str | None, rows: list[tuple[str, Record]]) -> Reply:
    path = f"{entity}/{name}" if entity else name
    shown = [{"id": row["id"], "request_id": key, **({"entity_id": row["entity_id"]} if entity else {})}
             for key, row in rows]  # fmt: skip
    links = {"self": {"href": f"{state.base_url}/api/v4/{path}"}}
    return Reply(200, {"_links": links, "_embedded": {name: shown}})
