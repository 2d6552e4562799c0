"""crm.item.*: the current way to leads, deals, contacts and companies."""

from collections.abc import Callable
from typing import Any

from sandbox.bitrix24 import items, listing
from sandbox.bitrix24.answers import Json, Result
from sandbox.bitrix24.calls import Call
from sandbox.bitrix24.params import flag
from sandbox.bitrix24.schema import camel
from sandbox.bitrix24.state import State


def _original(call: Call) -> bool:
    return flag(call.params.get("useOriginalUfNames", "N"))


def _item(call: Call, type_id: int, record: Json) -> Json:
    return {"item": items.shown(call.state, type_id, record, original=_original(call))}


def add(call: Call) -> Json:
    """crm.item.add"""
    type_id = call.type_id()
    made = items.create(call.state, call.actor.user_id, type_id, call.fields())
    return _item(call, type_id, made)


def update(call: Call) -> Json:
    """crm.item.update"""
    type_id = call.type_id()
    changed = items.update(call.state, call.actor.user_id, type_id, call.needed("id"), call.fields())
    return _item(call, type_id, changed)


def get(call: Call) -> Json:
    """crm.item.get"""
    type_id = call.type_id()
    return _item(call, type_id, items.find(call.state, type_id, call.needed("id")))


def delete(call: Call) -> list[Any]:
    """crm.item.delete"""
    items.delete(call.state, call.type_id(), call.needed("id"))
    return []


def fields(call: Call) -> Json:
    """crm.item.fields: options of enumerations are not among them."""
    known = call.state.fields_of(call.type_id())
    original = _original(call)
    named = {name if original or not f.custom else camel(name): f.shown() for name, f in known.items()}
    return {"fields": named}


def list_(call: Call) -> Result:
    """crm.item.list: `fm` comes only with select ["*"]."""
    type_id = call.type_id()
    found, result = listing.select(
        list(call.state.all(type_id)), call.params, filter_names(call.state, type_id)
    )
    chosen = call.params.get("select") or ["*"]
    shown = [_chosen(items.shown(call.state, type_id, r, original=_original(call)), chosen) for r in found]
    return Result({"items": shown}, result.next, result.total)


def _chosen(item: Json, chosen: list[str]) -> Json:
    if "*" in chosen:
        return item
    return {key: value for key, value in item.items() if key in {"id", *chosen} and key != "fm"}


def filter_names(state: State, type_id: int) -> Callable[[str], str | None]:
    """Fields by either spelling of their names."""
    known = state.fields_of(type_id)
    camels = {camel(name): name for name, field in known.items() if field.custom}

    def stored(name: str) -> str | None:
        name = camels.get(name, name)
        return name if name in known else None

    return stored


def stage_history(call: Call) -> Result:
    """crm.stagehistory.list"""
    rows = call.state.history.get(call.type_id(), [])
    found, result = listing.select(rows, call.params, lambda name: name, "ID")
    return Result({"items": [dict(row) for row in found]}, result.next, result.total)
