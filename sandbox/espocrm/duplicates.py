"""The duplicate check: by the scope's list of fields, among what the asker may read."""

from typing import Any

from sandbox.espocrm import addresses, render
from sandbox.espocrm.acl import Actor, may
from sandbox.espocrm.answers import Refusal, refusal
from sandbox.espocrm.schema import Entity
from sandbox.espocrm.state import Record, State

SHOWN = 5


def find(state: State, actor: Actor, entity: Entity, record: Record) -> list[Record]:
    """Up to five readable records that look the same, newest last; the record itself is not among them."""
    found = [
        other
        for other in state.all(entity.name)
        if other["id"] != record.get("id")
        and may(actor, entity.name, "read", other)
        and any(_same(entity, name, record, other) for name in entity.duplicate_fields)
    ]
    return found[:SHOWN]


def _same(entity: Entity, name: str, one: Record, other: Record) -> bool:
    definition = entity.fields.get(name)
    if definition is None:
        return False
    if definition["type"] == "personName":
        return _same_person(one, other)
    if definition["type"] in ("phone", "email"):
        return bool(_values(one, name) & _values(other, name))
    return bool(one.get(name)) and _plain(one.get(name)) == _plain(other.get(name))


def _same_person(one: Record, other: Record) -> bool:
    parts = ("firstName", "lastName")
    return any(one.get(part) for part in parts) and all(
        _plain(one.get(part)) == _plain(other.get(part)) for part in parts
    )


def _plain(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _values(record: Record, name: str) -> set[str]:
    items = record.get(f"{name}Data") or []
    return {addresses.digits(item[name]) if name == "phoneNumber" else item["lower"] for item in items}


def conflict(state: State, actor: Actor, found: list[tuple[str, Record]], *, typed: bool = False) -> Refusal:
    """409 with the list of full records; a conversion adds the type of each."""
    body: list[Any] = []
    for entity, record in found:
        item = render.full(state, actor, entity, record)
        body.append({**item, "_entityType": entity} if typed else item)
    return refusal(409, "duplicate", body)
