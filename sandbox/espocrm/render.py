"""Records as JSON: with computed names, shared spellings, and only what the asker may read."""

from datetime import datetime
from typing import Any

from sandbox.espocrm import addresses
from sandbox.espocrm.acl import Actor, forbidden_attributes, user_name
from sandbox.espocrm.schema import Entity, attributes_of
from sandbox.espocrm.state import Record, State

OPT_OUT_FLAGS = ("IsOptedOut", "IsInvalid")
NAME_PARTS = ("firstName", "lastName")
NOT_IN_LISTS = ("phoneNumberData", "emailAddressData", "teamsIds", "teamsNames")
FALLBACK_NAMES = ("accountName", "emailAddress", "phoneNumber")


def display_name(state: State, entity: str, record: Record | None) -> str | None:
    """The name under which links show a record."""
    if record is None:
        return None
    if entity == "User":
        return user_name(record)
    if entity == "Note":
        return None
    if "personName" not in {field["type"] for field in state.entities[entity].fields.values()}:
        return record.get("name")
    parts = [record.get(part) for part in ("firstName", "middleName", "lastName")]
    return " ".join(part for part in parts if part) or _fallback(state, record)


def _fallback(state: State, record: Record) -> str | None:
    for name in FALLBACK_NAMES:
        value = record.get(name) if name == "accountName" else addresses.primary_of(state, record, name)
        if value:
            return str(value)
    return None


def full(state: State, actor: Actor, entity_name: str, record: Record) -> Record:
    """Every attribute with nulls, as GET of one record shows it."""
    entity = state.entities[entity_name]
    result: Record = {"id": record["id"], "deleted": False}
    for name in entity.fields:
        result.update(_field(state, entity, name, record))
    if entity.stream:
        followers = record.get("followersIds", [])
        result["isFollowed"] = actor.id in followers
        result["followersIds"] = followers
        result["followersNames"] = {
            user_id: display_name(state, "User", state.find("User", user_id)) for user_id in followers
        }
    if entity.stream or entity.versioned:
        result["versionNumber"] = record.get("versionNumber") if entity.versioned else None
    return without_forbidden(state, actor, entity_name, result)


def without_forbidden(state: State, actor: Actor, entity: str, values: Record) -> Record:
    """The attributes that the asker may read."""
    closed = forbidden_attributes(state, actor, entity, "read")
    return {key: value for key, value in values.items() if key not in closed}


def _field(state: State, entity: Entity, name: str, record: Record) -> Record:
    definition = entity.fields[name]
    kind = definition["type"]
    if kind == "personName":
        return {name: display_name(state, entity.name, record)}
    if kind in ("link", "linkParent"):
        target = definition.get("entity") or record.get(f"{name}Type")
        found = state.find(target, record.get(f"{name}Id")) if target in state.entities else None
        values = {attr: record.get(attr) for attr in attributes_of(name, definition)}
        return {**values, f"{name}Name": display_name(state, target or "", found)}
    if kind == "linkMultiple":
        return _several(state, name, definition, record)
    if kind in ("phone", "email"):
        return _addresses(state, name, record)
    if name == "duration":
        return {name: _duration(record)}
    if kind in ("jsonArray", "jsonObject"):
        return {name: record.get(name, [] if kind == "jsonArray" else {})}
    return {attr: record.get(attr) for attr in attributes_of(name, definition)}


def _several(state: State, name: str, definition: dict[str, Any], record: Record) -> Record:
    ids = record.get(f"{name}Ids") or []
    target = definition["entity"]
    names = {record_id: display_name(state, target, state.find(target, record_id)) for record_id in ids}
    values: Record = {f"{name}Ids": ids, f"{name}Names": names}
    if "columns" in definition:
        values[f"{name}Columns"] = {record_id: dict(definition["columns"]) for record_id in ids}
    return values


def _addresses(state: State, name: str, record: Record) -> Record:
    items = addresses.items_of(state, record, name)
    flag = False if items else None
    return {
        name: addresses.primary_of(state, record, name),
        **{f"{name}{suffix}": flag for suffix in OPT_OUT_FLAGS},
        f"{name}Data": items,
    }


def _duration(record: Record) -> int | None:
    start, end = record.get("dateStart"), record.get("dateEnd")
    if not start or not end:
        return None
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def created(state: State, actor: Actor, entity_name: str, record: Record, sent: Record) -> Record:
    """The answer to a create: only attributes that are set, and the spelling that was sent.

    Without a first name `name` is what the record falls back to, or is not there at all.
    """
    entity = state.entities[entity_name]
    fields = entity.fields
    links = {f"{name}Name" for name, definition in fields.items() if definition["type"].startswith("link")}
    result = {
        key: value
        for key, value in full(state, actor, entity_name, record).items()
        if value is not None or key in links
    }
    for name in ("phoneNumber", "emailAddress"):
        if name in fields:
            result.update({f"{name}{suffix}": False for suffix in OPT_OUT_FLAGS})
            result["targetListIsOptedOut"] = False
            if sent.get(name):
                result[name] = sent[name]
    if fields.get("name", {}).get("type") == "personName" and entity_name != "User":
        result.pop("name", None)
        shown = _name_in_answer(result)
        result.update({"name": shown} if shown else {})
    if "duration" in fields:
        result["duration"] = 300
    return without_forbidden(state, actor, entity_name, result)


def _name_in_answer(values: Record) -> str | None:
    if all(values.get(part) for part in NAME_PARTS):
        return " ".join(values[part] for part in NAME_PARTS)
    return next((values[name] for name in FALLBACK_NAMES if values.get(name)), None)


def listed(state: State, actor: Actor, entity_name: str, record: Record, select: list[str] | None) -> Record:
    """A record in a list: without lists of addresses; of a selection, what was asked and what it needs.

    A name whose parts were not selected shows the e-mail or the phone instead, or is left out.
    """
    item = full(state, actor, entity_name, record)
    for name in (*NOT_IN_LISTS, "isFollowed", "followersIds", "followersNames", "versionNumber"):
        item.pop(name, None)
    if select is None:
        return item
    wanted = _selected(state.entities[entity_name], select)
    result = {name: value for name, value in item.items() if name in wanted}
    if "name" not in select and "name" in item and _is_person(state, entity_name):
        if set(NAME_PARTS) <= set(select):
            return {**result, "name": item["name"]}
        shown = record.get("userName") if entity_name == "User" else _name_of_selection(result)
        result.update({"name": shown} if shown else {})
    return result


def _is_person(state: State, entity: str) -> bool:
    return bool(state.entities[entity].fields["name"]["type"] == "personName")


def _name_of_selection(item: Record) -> str | None:
    return next((item[name] for name in FALLBACK_NAMES if item.get(name)), None)


def _selected(entity: Entity, select: list[str]) -> set[str]:
    wanted = {"id", *select, "createdById"}
    if "assignedUser" in entity.fields:
        wanted.add("assignedUserId")
    if entity.name == "User":
        wanted |= {"type", "isActive"}
    if "name" in select:
        wanted |= set(entity.fields.get("name", {}).get("dependeeAttributeList", []))
        wanted |= {"parentName"} if "parent" in entity.fields else set()
    return wanted
