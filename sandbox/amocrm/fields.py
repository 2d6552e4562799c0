"""Custom fields: how their values are checked, kept and shown."""

from datetime import datetime
from typing import Any

from sandbox.amocrm.answers import Violations
from sandbox.amocrm.state import Record, State

ONE_OF = ("select", "radiobutton")
DATES = ("date", "birthday", "date_time")
COMPLEX_LIMIT = 40


def store(
    state: State, entity: str, values: dict[int, list[Record]], sent: Any, request_id: str, faults: Violations
) -> None:
    """Bring `custom_fields_values` of a request into `values`: a field's list is replaced, null clears it."""
    if sent is None:
        return
    if not isinstance(sent, list):
        faults.add(request_id, "custom_fields_values", "InvalidType", "This value should be of type array.")
        return
    for at, item in enumerate(sent):
        path = f"custom_fields_values.{at}"
        field = _field(state, entity, item)
        if field is None:
            faults.not_a_choice(request_id, f"{path}.field_id")
        elif item.get("values") is None:
            values.pop(field["id"], None)
        else:
            kept = [_value(field, one, f"{path}.values.{n}", request_id, faults)
                    for n, one in enumerate(item["values"])]  # fmt: skip
            values[field["id"]] = [one for one in kept if one is not None]


def _field(state: State, entity: str, item: Any) -> Record | None:
    if not isinstance(item, dict):
        return None
    if item.get("field_id") is not None:
        return state.fields[entity].get(item["field_id"])
    code = item.get("field_code")
    return next((f for f in state.fields[entity].values() if code and f["code"] == code), None)


def _value(field: Record, sent: Any, path: str, request_id: str, faults: Violations) -> Record | None:
    sent = sent if isinstance(sent, dict) else {}
    value, kind = sent.get("value"), field["type"]
    if kind in (*ONE_OF, "multiselect"):
        return _option(field, sent, path, request_id, faults)
    if kind == "multitext":
        enum = _enum(field, sent) or field["enums"][0]
        return {"value": str(value), "enum_id": enum["id"], "enum_code": enum["code"]}
    checks = {"checkbox": isinstance(value, bool), "numeric": _is_number(value)}
    if kind in DATES:
        checks[kind] = isinstance(value, int) or _is_moment(value)
    if not checks.get(kind, isinstance(value, str | int | float)):
        faults.add(request_id, f"{path}.value", "InvalidType", f"The value does not suit the type {kind}.")
        return None
    return {"value": value if kind == "checkbox" or kind in DATES else str(value)}


def _option(field: Record, sent: Record, path: str, request_id: str, faults: Violations) -> Record | None:
    enum = _enum(field, sent)
    if enum is None:
        faults.not_a_choice(request_id, f"{path}.enum_id")
        return None
    return {"value": enum["value"], "enum_id": enum["id"], "enum_code": enum["code"]}


def _enum(field: Record, sent: Record) -> Record | None:
    for key, name in (("enum_id", "id"), ("enum_code", "code"), ("value", "value")):
        if sent.get(key) is not None and (key != "value" or field["type"] != "multitext"):
            return next((enum for enum in field["enums"] or () if enum[name] == sent[key]), None)
    return None


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, bool)


def _is_moment(value: Any) -> bool:
    try:
        return bool(datetime.fromisoformat(str(value)))
    except ValueError:
        return False


def shown(state: State, entity: str, values: dict[int, list[Record]]) -> list[Record] | None:
    """`custom_fields_values` of an answer: null when there are none; removed fields are not there."""
    found = [
        {"field_id": field["id"], "field_name": field["name"], "field_code": field["code"],
         "field_type": field["type"], "values": [dict(value) for value in values[field["id"]]]}
        for field in state.fields[entity].values()
        if values.get(field["id"])
    ]  # fmt: skip
    return found or None


def texts(values: dict[int, list[Record]]) -> list[str]:
    """Every value as text, for the search."""
    return [str(value["value"]) for items in values.values() for value in items]


def addresses(state: State, entity: str, record: Record, code: str) -> list[str]:
    """The phones or e-mails of a contact or company."""
    field = state.field(entity, code)
    return [value["value"] for value in record["values"].get(field["id"], [])] if field else []
