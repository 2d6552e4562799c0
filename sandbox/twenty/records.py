"""Writes: create, change, delete, restore; who asks stands in createdBy, and webhooks hear of it."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.exchange import Refusal
from sandbox.twenty import hooks, values
from sandbox.twenty.answers import bad, no_record
from sandbox.twenty.listing import MOST
from sandbox.twenty.schema import Object
from sandbox.twenty.state import Actor, Event, Record, State

DUPLICATE = "A duplicate entry was detected"


def create(
    state: State, actor: Actor, about: Object, sent: Sequence[Any], *, upsert: bool = False
) -> list[Record]:
    """Make records, all or none. Refusal 400."""
    if not isinstance(sent, list | tuple) or len(sent) > MOST:
        raise bad(f"Maximum number of records to create is {MOST}")
    drafts: list[tuple[Record, Record | None, tuple[str, ...]]] = []
    for body in sent:
        if not isinstance(body, dict):
            raise bad("Request body must be an object")
        drafts.append(_draft(state, actor, about, body, [draft for draft, _, _ in drafts], upsert))
    made = []
    for draft, known, changed in drafts:
        if known is None:
            state.table(about.plural)[draft["id"]] = draft
            _tell(state, about, "created", draft, actor)
        else:
            known.update(draft)
            _tell(state, about, "updated", known, actor, changed)
        made.append(known or draft)
    return made


def _draft(
    state: State, actor: Actor, about: Object, body: Record, beside: Sequence[Record], upsert: bool
) -> tuple[Record, Record | None, tuple[str, ...]]:
    kept = values.taken(state, about, body, {})
    now = state.stamp()
    other = _same(state, about, kept, beside)
    if other is not None:
        if not upsert or other in beside:
            raise bad(DUPLICATE)
        return {**kept, "updatedAt": now}, other, tuple(kept)
    blank = {name: values.empty(field.type) for name, field in about.by_column().items()}
    record = {**blank, "id": state.new_id(), "position": len(state.table(about.plural)) + 1.0,
              "createdAt": now, "updatedAt": now, "deletedAt": None}  # fmt: skip
    defaults: Record = {"createdBy": actor.shown}
    if about.singular == "opportunity":
        defaults["stage"] = next(iter(about.fields["stage"].options))[0]
    return {**record, **defaults, **kept}, None, ()


def _same(state: State, about: Object, kept: Mapping[str, Any], beside: Sequence[Record]) -> Record | None:
    """A record that stands in the way: the same id, deleted or not, or the same value of a unique field."""
    if kept.get("id") in state.table(about.plural):
        return state.table(about.plural)[kept["id"]]
    for name, field in about.by_column().items():
        value = _unique(kept.get(name))
        if not field.unique or not value:
            continue
        for other in (*state.live(about.plural), *beside):
            if other["id"] != kept.get("id") and _unique(other.get(name)) == value:
                return other
    return None


def _unique(value: Any) -> Any:
    """A composite is unique by its main part."""
    return next(iter(value.values())) if isinstance(value, Mapping) else value


def read(state: State, about: Object, record_id: str) -> Record:
    """A record that is not deleted. Refusal 400 for what is no id, 404."""
    try:
        uuid.UUID(record_id)
    except ValueError:
        raise bad(f"Invalid UUID: {record_id[:40]}") from None
    found = state.find(about.plural, record_id)
    if found is None:
        raise no_record()
    return found


def change(state: State, actor: Actor, about: Object, record_id: str, sent: Any) -> Record:
    """Write the named attributes. Refusal 400, 404."""
    if not isinstance(sent, dict):
        raise bad("Request body must be an object")
    record = read(state, about, record_id)
    kept = values.taken(state, about, sent, record)
    if _same(state, about, {**kept, "id": ""}, ()) not in (None, record):
        raise bad(DUPLICATE)
    changed = tuple(name for name, value in kept.items() if record.get(name) != value)
    record.update(kept)
    record["updatedAt"] = state.stamp()
    _tell(state, about, "updated", record, actor, changed)
    return record


def delete(state: State, actor: Actor, about: Object, record_id: str, *, soft: bool) -> Record:
    """To the trash, or for good. Refusal 404."""
    record = read(state, about, record_id)
    if soft:
        record["deletedAt"] = state.stamp()
        _tell(state, about, "deleted", record, actor)
    else:
        del state.table(about.plural)[record_id]
        _tell(state, about, "destroyed", record, actor)
    return record


def restore(state: State, actor: Actor, about: Object, record_id: str) -> Record:
    """Out of the trash. Refusal 404."""
    record = state.table(about.plural).get(record_id)
    if record is None:
        raise no_record()
    record["deletedAt"] = None
    _tell(state, about, "restored", record, actor)
    return record


def duplicates(state: State, about: Object, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each of `data` or `ids` the records that share a main e-mail, phone or name."""
    asked = body.get("data") or [read(state, about, str(one)) for one in body.get("ids") or ()]
    if not isinstance(asked, list) or not asked:
        raise Refusal(bad("'data' or 'ids' is required").answer)
    marks = ("emails", "phones", "domainName", "name")
    groups = []
    for one in asked:
        found = [
            record
            for record in state.live(about.plural)
            if record["id"] != one.get("id")
            and any(_unique(one.get(mark)) and _unique(one.get(mark)) == _unique(record.get(mark))
                    for mark in marks)
        ]  # fmt: skip
        groups.append({"totalCount": len(found), f"{about.singular}Duplicates": found})
    return groups


def _tell(
    state: State, about: Object, action: str, record: Record, actor: Actor, changed: tuple[str, ...] = ()
) -> None:
    hooks.fire(state, Event(about, action, dict(record), actor, state.stamp(), changed))
