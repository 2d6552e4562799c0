"""Links between records: whether a client may set them, and the lists of related records."""

from typing import Any

from sandbox.espocrm import acl
from sandbox.espocrm.acl import Actor
from sandbox.espocrm.answers import forbidden, refusal, translated
from sandbox.espocrm.schema import Entity
from sandbox.espocrm.state import Record, State


def check(state: State, actor: Actor, entity: Entity, values: Record) -> None:
    """Refuse links to what does not exist or what the role may not read, then forbidden assignments.

    Raises Refusal 403 with `cannotRelateNonExisting`, `cannotRelateForbidden` or an assignment failure.
    """
    assignee = values.get("assignedUserId")
    permission = actor.permissions.get("assignmentPermission", "no")
    if assignee and assignee != actor.id and not actor.is_admin and permission == "no":
        raise forbidden("Assignment failure: assigned user or team not allowed.")
    for name, definition in entity.fields.items():
        target = definition.get("entity") or values.get(f"{name}Type")
        if definition["type"] not in ("link", "linkMultiple", "linkParent") or not target:
            continue
        for record_id in _targets(name, definition["type"], values):
            _check_one(state, actor, entity.name, name, target, record_id)


def _targets(name: str, kind: str, values: Record) -> list[Any]:
    if kind == "linkMultiple":
        ids = values.get(f"{name}Ids")
        return list(ids) if isinstance(ids, list) else []
    record_id = values.get(f"{name}Id")
    return [] if record_id is None else [record_id]


def _check_one(state: State, actor: Actor, entity: str, link: str, target: str, record_id: Any) -> None:
    found = state.find(target, record_id)
    if found is None:
        raise refusal(
            403,
            f"Can't relate with non-existing record. entity type: {entity}, link: {link}.",
            translated("cannotRelateNonExisting", {"foreignEntityType": target}),
        )
    if not acl.may(actor, target, "read", found):
        raise refusal(
            403,
            f"No foreign record access for link operation ({entity}:{link}).",
            translated("cannotRelateForbidden", {"foreignEntityType": target, "action": "read"}),
        )


def related(state: State, entity: Entity, record: Record, link: str) -> tuple[str, list[Record]]:
    """The type and the records behind a link such as Lead/{id}/tasks; 404 for an unknown link."""
    if link not in entity.children:
        raise refusal(404, f"Link {link} does not exist.")
    child, field_name = entity.children[link]
    return child, [
        item for item in state.all(child) if _points_at(item, field_name, entity.name, record["id"])
    ]


def _points_at(item: Record, field_name: str, entity: str, record_id: str) -> bool:
    if field_name == "parent":
        return item.get("parentType") == entity and item.get("parentId") == record_id
    return record_id in (item.get(f"{field_name}Ids") or []) or item.get(f"{field_name}Id") == record_id


def join(state: State, entity: Entity, record: Record, link: str, child_id: Any) -> bool:
    """Link an existing record; False when there is none with that id."""
    return _relink(state, entity, record, link, child_id, joined=True)


def part(state: State, entity: Entity, record: Record, link: str, child_id: Any) -> bool:
    """Unlink; False when the body named no existing record."""
    return _relink(state, entity, record, link, child_id, joined=False)


def _relink(state: State, entity: Entity, record: Record, link: str, child_id: Any, *, joined: bool) -> bool:
    if link not in entity.children:
        raise refusal(404, f"Link {link} does not exist.")
    child, field_name = entity.children[link]
    item = state.find(child, child_id)
    if item is None:
        return False
    if field_name == "parent":
        change: Record = {
            "parentType": entity.name if joined else None,
            "parentId": record["id"] if joined else None,
        }
    elif f"{field_name}Ids" in item or child in ("Call", "Meeting"):
        rest = [known for known in item.get(f"{field_name}Ids") or [] if known != record["id"]]
        change = {f"{field_name}Ids": [*rest, record["id"]] if joined else rest}
    else:
        change = {f"{field_name}Id": record["id"] if joined else None}
    state.store(child, {**item, **change})
    return True
