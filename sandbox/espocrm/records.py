"""Create, read, update and delete records with everything the CRM does on the way."""

from collections.abc import Mapping
from typing import Any

from sandbox.espocrm import acl, addresses, duplicates, linking, render, stream, values, webhooks
from sandbox.espocrm.acl import Actor
from sandbox.espocrm.answers import forbidden, refusal
from sandbox.espocrm.schema import Entity
from sandbox.espocrm.state import Record, State

CLOSING_STATUS = {("Lead", "Converted"): "convertedAt", ("Task", "Completed"): "dateCompleted"}


def get(state: State, actor: Actor, entity: str, record_id: str) -> Record:
    """A stored record that the actor may read; 404 or 403 otherwise."""
    acl.require_scope(actor, entity, "read")
    record = state.find(entity, record_id)
    if record is None:
        raise refusal(404, f"Record {record_id} does not exist.")
    acl.require(actor, entity, "read", record)
    return record


def create(
    state: State, actor: Actor, entity_name: str, data: Record, *, skip_duplicates: bool = False
) -> Record:
    """Make a record and return the answer its maker gets; raises Refusal 400, 403 or 409."""
    entity = state.entities[entity_name]
    record, sent = checked(state, actor, entity, data)
    if entity.duplicate_fields and not skip_duplicates:
        found = duplicates.find(state, actor, entity, record)
        if found:
            raise duplicates.conflict(state, actor, [(entity_name, item) for item in found])
    return store_new(state, actor, entity_name, record, sent)


def checked(state: State, actor: Actor, entity: Entity, data: Record) -> tuple[Record, Record]:
    """The record that `data` would make, not yet kept, and what of `data` was taken."""
    acl.require_scope(actor, entity.name, "create")
    sent = values.taken(entity, data, acl.forbidden_attributes(state, actor, entity.name, "edit"))
    record = values.with_defaults(state, entity, sent)
    if _must_have_assignee(entity) and actor.type != "api":
        record.setdefault("assignedUserId", actor.id)
    values.validate(state, entity, record, is_new=True)
    linking.check(state, actor, entity, record)
    _add_participant(entity, record)
    if entity.name == "Email":
        record["name"] = record.get("subject") or record.get("name")
    addresses.apply(record, record)
    return record, sent


def store_new(state: State, actor: Actor, entity_name: str, record: Record, sent: Record) -> Record:
    """Keep a checked record: stamps, stream, webhooks; the return value is the answer to its maker."""
    entity = state.entities[entity_name]
    for name in ("phoneNumber", "emailAddress"):
        record.pop(name, None)
    now = state.stamp()
    record.update(id=state.new_id(), createdAt=now, modifiedAt=now, createdById=actor.id)
    if entity.stream:
        record.update(streamUpdatedAt=now, followersIds=_first_followers(state, actor, record))
    if entity.versioned:
        record["versionNumber"] = 1
    _note_status(entity_name, record, {}, now)
    if entity_name == "Webhook":
        webhooks.prepare(state, actor, record)
    addresses.remember_spelling(state, record)
    state.store(entity_name, record)
    answer = render.created(state, actor, entity_name, record, sent)
    if entity_name == "Webhook":
        answer["field"] = record["field"]
    stream.record_created(state, actor, entity_name, record)
    webhooks.note_create(state, actor, entity_name, record, answer)
    return answer


def _must_have_assignee(entity: Entity) -> bool:
    return bool(entity.fields.get("assignedUser", {}).get("required"))


def _add_participant(entity: Entity, record: Record) -> None:
    """Whoever a call or a meeting is assigned to takes part in it."""
    if "users" in entity.fields and not record.get("usersIds"):
        record["usersIds"] = [record["assignedUserId"]] if record.get("assignedUserId") else []


def _first_followers(state: State, actor: Actor, record: Record) -> list[str]:
    return [actor.id] if record.get("assignedUserId") == actor.id else []


def _note_status(entity: str, record: Record, before: Record, now: str) -> None:
    status = record.get("status")
    attribute = CLOSING_STATUS.get((entity, str(status)))
    if attribute and status != before.get("status"):
        record[attribute] = now


def update(
    state: State,
    actor: Actor,
    entity_name: str,
    record_id: str,
    data: Record,
    headers: Mapping[str, str] | None = None,
) -> Record:
    """Change a record and return the answer; only sent attributes are looked at.

    Raises Refusal 400, 403, 404, or 409: `modified` when the scope counts versions and X-Version-Number is
    old, `duplicate` when the admin switched the check on for updates.
    """
    headers = headers or {}
    acl.require_scope(actor, entity_name, "edit")
    entity, stored = state.entities[entity_name], state.find(entity_name, record_id)
    if stored is None:
        raise refusal(404, f"Record {record_id} not found.")
    acl.require(actor, entity_name, "edit", stored)
    sent = values.taken(entity, data, acl.forbidden_attributes(state, actor, entity_name, "edit"))
    values.validate(state, entity, sent, is_new=False)
    linking.check(state, actor, entity, sent)
    _check_version(state, actor, entity, stored, headers)
    record = {**stored, **sent}
    addresses.apply(record, sent)
    if entity.check_duplicates_on_update and headers.get("X-Skip-Duplicate-Check", "").lower() != "true":
        found = duplicates.find(state, actor, entity, record)
        if found:
            raise duplicates.conflict(state, actor, [(entity_name, item) for item in found])
    return store_changed(state, actor, entity_name, stored, record, sent)


def store_changed(
    state: State, actor: Actor, entity_name: str, stored: Record, record: Record, sent: Record
) -> Record:
    """Keep a checked change: stamps, stream, webhooks; the return value is the answer to its maker."""
    before = render.full(state, actor, entity_name, stored)
    for name in ("phoneNumber", "emailAddress"):
        record.pop(name, None)
    now = state.stamp()
    record.update(modifiedAt=now, modifiedById=actor.id)
    _note_status(entity_name, record, stored, now)
    entity = state.entities[entity_name]
    if entity.versioned:
        record["versionNumber"] = stored.get("versionNumber", 1) + 1
    if entity.stream and record.get("status") != stored.get("status"):
        record["streamUpdatedAt"] = now
    addresses.remember_spelling(state, record)
    state.store(entity_name, record)
    after = render.full(state, actor, entity_name, record)
    stream.record_changed(state, actor, entity_name, stored, record)
    webhooks.note_update(state, actor, entity_name, before, after)
    return _echo(after, before, sent)


def _echo(after: Record, before: Record, sent: Record) -> Record:
    """The answer to an update repeats sent addresses as they were sent and shows the lists of before."""
    answer = dict(after)
    for name in ("phoneNumber", "emailAddress"):
        if f"{name}Data" in sent:
            answer[f"{name}Data"] = sent[f"{name}Data"]
        elif name in sent:
            answer[name] = sent[name]
            answer[f"{name}Data"] = before[f"{name}Data"]
    return answer


def _check_version(
    state: State, actor: Actor, entity: Entity, stored: Record, headers: Mapping[str, str]
) -> None:
    sent: Any = headers.get("X-Version-Number")
    if not entity.versioned or sent is None or str(stored.get("versionNumber", 1)) == sent:
        return
    shown = render.full(state, actor, entity.name, stored)
    raise refusal(409, "modified", {"values": shown, "versionNumber": stored.get("versionNumber", 1)})


def delete(state: State, actor: Actor, entity_name: str, record_id: str) -> bool:
    """Delete a record; 403 or 404 when it cannot be."""
    acl.require_scope(actor, entity_name, "delete")
    record = state.find(entity_name, record_id)
    if record is None:
        raise refusal(404, f"Record {record_id} does not exist.")
    if not acl.may(actor, entity_name, "delete", record):
        raise forbidden("No delete access.")
    del state.table(entity_name)[record_id]
    state.touch()
    webhooks.note_delete(state, actor, entity_name, record)
    return True
