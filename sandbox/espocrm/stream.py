"""The stream of a record: posts of people and integrations, and the CRM's own notes on changes."""

from sandbox.espocrm import acl, query, render
from sandbox.espocrm.acl import Actor
from sandbox.espocrm.answers import forbidden
from sandbox.espocrm.state import Record, State

POST = "Post"
ACTIVITIES_A_PAGE = 20


def post(state: State, actor: Actor, data: Record) -> Record:
    """Write a post; whatever type was asked for, it becomes Post. 403 without the parent's stream right."""
    parent_type, parent_id = data.get("parentType"), data.get("parentId")
    if parent_type is not None:
        parent = state.find(parent_type, parent_id) if parent_type in state.entities else None
        if parent is None or not acl.may(actor, parent_type, "stream", parent):
            raise forbidden("No create access.")
    values: Record = {
        "post": data.get("post") or None,
        "isInternal": data.get("isInternal") is True,
        "attachmentsIds": [
            item for item in data.get("attachmentsIds") or [] if state.find("Attachment", item)
        ],
        **({"parentType": parent_type, "parentId": parent_id} if parent_type else {}),
    }
    note = _write(state, actor, POST, values)
    full = render.full(state, actor, "Note", note)
    answer = {key: value for key, value in full.items() if value is not None or key.endswith("Name")}
    answer.update(reactionCounts=None, myReactions=[], attachmentsTypes={})
    return {**answer, "post": None} if data.get("post") == "" else answer


def _write(state: State, actor: Actor, kind: str, values: Record) -> Record:
    now = state.stamp()
    state.note_number += 1
    note: Record = {
        "id": state.new_id(),
        "type": kind,
        "number": state.note_number,
        "data": {},
        "isInternal": False,
        "createdAt": now,
        "modifiedAt": now,
        "createdById": actor.id,
        **values,
    }
    state.store("Note", note)
    return note


def record_created(state: State, actor: Actor, entity: str, record: Record) -> None:
    """The CRM's own notes on a new record: in its stream, or in its parent's for calls and meetings."""
    if state.entities[entity].stream:
        _write(state, actor, "Create", {"parentType": entity, "parentId": record["id"]})
    parent_type, parent_id = record.get("parentType"), record.get("parentId")
    if entity in ("Call", "Meeting", "Task") and parent_type and parent_id:
        related = {"relatedType": entity, "relatedId": record["id"]}
        _write(state, actor, "CreateRelated", {"parentType": parent_type, "parentId": parent_id, **related})


def record_changed(state: State, actor: Actor, entity: str, before: Record, after: Record) -> None:
    """The CRM's own notes on a changed status and a changed assignee."""
    if not state.entities[entity].stream:
        return
    place = {"parentType": entity, "parentId": after["id"]}
    for name in ("status", "stage"):
        if before.get(name) != after.get(name):
            data = {"field": name, "value": after.get(name)}
            _write(state, actor, "Status", {**place, "data": data})
    if before.get("assignedUserId") != after.get("assignedUserId"):
        data = {"assignedUserId": after.get("assignedUserId")}
        _write(state, actor, "Assign", {**place, "data": data})


def of_record(state: State, entity: str, record_id: str) -> list[Record]:
    """The notes in a record's stream, oldest first."""
    return [
        note
        for note in state.all("Note")
        if note.get("parentType") == entity and note.get("parentId") == record_id
    ]


def activities(state: State, actor: Actor, entity: str, record_id: str, part: str, params: Record) -> Record:
    """Planned (`activities`) or past (`history`) calls and meetings of a record, newest first."""
    closed = ("Held", "Not Held")
    found = [
        {**render.listed(state, actor, kind, item, None), "_scope": kind}
        for kind in ("Call", "Meeting")
        for item in state.all(kind)
        if _belongs(item, entity, record_id)
        and acl.may(actor, kind, "read", item)
        and (item.get("status") in closed) is (part == "history")
    ]
    found.sort(key=lambda item: (item.get("dateStart") or "", item["id"]), reverse=True)
    size = query.whole_number(params.get("maxSize"), ACTIVITIES_A_PAGE)
    offset = query.whole_number(params.get("offset"), 0)
    return {"total": len(found), "list": found[offset : offset + size]}


def _belongs(item: Record, entity: str, record_id: str) -> bool:
    is_parent = item.get("parentType") == entity and item.get("parentId") == record_id
    return is_parent or record_id in (item.get(f"{entity.lower()}sIds") or [])
