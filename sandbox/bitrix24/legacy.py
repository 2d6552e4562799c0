"""crm.lead.*, crm.deal.*, crm.contact.*: the older methods. UPPER_CASE names, every value a string."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sandbox.bitrix24 import fm, items, listing
from sandbox.bitrix24.answers import Json, Refusal, Result
from sandbox.bitrix24.calls import Call, Method
from sandbox.bitrix24.schema import TYPE_NAMES, VALUE_TYPES
from sandbox.bitrix24.state import State


def table() -> dict[str, Method]:
    """The methods of every type."""
    made: dict[str, Method] = {}
    for type_id, name in TYPE_NAMES.items():
        made |= {
            f"crm.{name}.add": Method(partial(add, type_id), writes=True),
            f"crm.{name}.update": Method(partial(update, type_id), writes=True),
            f"crm.{name}.delete": Method(partial(delete, type_id), writes=True),
            f"crm.{name}.get": Method(partial(get, type_id)),
            f"crm.{name}.list": Method(partial(list_, type_id)),
            f"crm.{name}.fields": Method(partial(fields, type_id)),
        }
    return made


def add(type_id: int, call: Call) -> int:
    """The id of the new record."""
    given = _given(call.state, type_id, call.fields())
    return int(items.create(call.state, call.actor.user_id, type_id, given)["id"])


def update(type_id: int, call: Call) -> bool:
    number = call.needed("id", "ID")
    given = _given(call.state, type_id, call.fields())
    _found(type_id, call, number)
    items.update(call.state, call.actor.user_id, type_id, number, given)
    return True


def delete(type_id: int, call: Call) -> bool:
    number = call.needed("id", "ID")
    _found(type_id, call, number)
    items.delete(call.state, type_id, number)
    return True


def get(type_id: int, call: Call) -> Json:
    return shown(call.state, type_id, _found(type_id, call, call.needed("id", "ID")))


def list_(type_id: int, call: Call) -> Result:
    """Unknown fields of a filter are passed over; PHONE and EMAIL match a stored text exactly."""
    params = {key.lower(): value for key, value in call.params.items()}
    rows = [shown(call.state, type_id, record) for record in call.state.all(type_id)]
    for row in rows:
        row |= {f"~{kind}": [item["VALUE"] for item in row.get(kind, [])] for kind in VALUE_TYPES}
    found, result = listing.select(rows, params, _names(call.state, type_id), "ID", strict=False)
    chosen = set(params.get("select") or ["*", "UF_*"])
    return Result([_chosen(row, chosen) for row in found], result.next, result.total)


def fields(type_id: int, call: Call) -> Json:
    """Enumerations bear their options here."""
    answer = {}
    for field in call.state.fields_of(type_id).values():
        one = {key: value for key, value in field.shown().items() if key != "upperName"}
        if field.options:
            one["items"] = [{"ID": option, "VALUE": text} for option, text in field.options]
        answer[field.upper] = one
    return answer


def shown(state: State, type_id: int, record: Json) -> Json:
    """A record as the older methods show it."""
    answer: Json = {}
    for name, field in state.fields_of(type_id).items():
        answer[field.upper] = _string(record.get(name), field.type)
    return answer | fm.legacy_out(record.get("fm", []))


def _found(type_id: int, call: Call, number: Any) -> Json:
    try:
        return items.find(call.state, type_id, number)
    except Refusal:
        raise Refusal(400, "", "Not found") from None


def _given(state: State, type_id: int, given: Json) -> Json:
    names = {field.upper: name for name, field in state.fields_of(type_id).items()}
    made = {names[key]: value for key, value in given.items() if key in names}
    phones = fm.legacy_in(given)
    return made if phones is None else {**made, "fm": phones}


def _names(state: State, type_id: int) -> Callable[[str], str | None]:
    known = {field.upper for field in state.fields_of(type_id).values()}

    def stored(name: str) -> str | None:
        return f"~{name}" if name in VALUE_TYPES else name if name in known else None

    return stored


def _chosen(row: Json, chosen: set[str]) -> Json:
    def wanted(key: str) -> bool:
        if key.startswith("~"):
            return False
        group = "UF_*" if key.startswith("UF_") else "*"
        several = key in VALUE_TYPES
        return key in chosen or key == "ID" or (group in chosen and not several)

    return {key: value for key, value in row.items() if wanted(key)}


def _string(value: Any, kind: str) -> Any:
    if isinstance(value, list):
        return [_string(item, kind) for item in value]
    if value is None or value == "":
        return None
    return f"{value:.2f}" if kind == "double" else str(value)
