"""What RetailCRM lets into orders, customers and tasks, and in which words it refuses the rest."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.retailcrm.answers import invalid, invalid_listed
from sandbox.retailcrm.state import Record, State

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_LONGEST = 255
_REFERENCES = {"status": "statuses", "orderMethod": "order-methods", "orderType": "order-types"}
_TITLES = {"status": "Status", "orderMethod": "OrderMethod", "orderType": "OrderType"}
_SHORT = ("firstName", "lastName", "patronymic", "email", "phone", "additionalPhone", "externalId", "number")
SOURCE = ("source", "medium", "campaign", "keyword", "content")


def digits(text: Any) -> str:
    return re.sub(r"\D", "", str(text or ""))


def check(state: State, entity: str, given: Record, known: tuple[str, ...]) -> None:
    """Refuse with 400 what the API would: unknown fields, codes, people, phones, e-mails, long texts."""
    for name, value in given.items():
        if name not in known:
            raise invalid_listed(entity, f'This form should not contain extra fields: "{name}".')
        if name in _SHORT and len(str(value or "")) > _LONGEST:
            raise invalid(name, f"This value is too long. It should have {_LONGEST} characters or less.")
    for name, table in _REFERENCES.items():
        code = given.get(name)
        if code is not None and code not in state.references[table]:
            raise invalid_listed(f"{entity}.{name}", f'{_TITLES[name]} with code "{code}" does not exist.')
    for name in ("managerId", "performerId"):
        _check_person(state, name, given.get(name))
    for name in ("phone", "additionalPhone"):
        _check_phone(name, given.get(name))
    for item in given.get("phones") or ():
        _check_phone("phones", item.get("number"))
    if given.get("email") and not _EMAIL.fullmatch(str(given["email"])):
        raise invalid("email", "Неверный формат")
    if unknown := set(given.get("source") or ()) - set(SOURCE):
        raise invalid("source", f"Unknown: {sorted(unknown)}")


def _check_person(state: State, name: str, number: Any) -> None:
    if number is not None and (not isinstance(number, int) or number not in state.users):
        raise invalid(name, f"User with id={number} not found.")


def _check_phone(name: str, number: Any) -> None:
    if number and not 6 <= len(digits(number)) <= 15:
        raise invalid(name, "Неверный формат")


def custom_fields(state: State, entity: str, given: Any) -> Record:
    """Values of custom fields as they are kept; None takes one away. 400 for an unknown code, a value of
    another type, a code that the dictionary lacks."""
    if given in (None, []):
        return {}
    if not isinstance(given, dict):
        raise invalid("customFields", "This value is not valid.")
    return {code: _custom_value(state, entity, code, value) for code, value in given.items()}


def _custom_value(state: State, entity: str, code: str, value: Any) -> Any:
    definition = state.custom_fields.get((entity, code))
    if definition is None:
        raise invalid(f"customFields.{code}", "Field does not exist.")
    if value is None or value == "":
        return None
    kind = definition["type"]
    try:
        return _READ[kind](value) if kind in _READ else _chosen(state, definition, value)
    except (TypeError, ValueError):
        raise invalid(f"customFields.{code}", "Неверный формат") from None


def _chosen(state: State, definition: Record, value: Any) -> Any:
    dictionary = state.dictionaries.get(definition.get("dictionary", ""), {"elements": []})
    codes = {element["code"] for element in dictionary["elements"]}
    several = definition["type"] == "multiselect_dictionary"
    wanted = value if several and isinstance(value, list) else [value]
    if several != isinstance(value, list) or not set(map(str, wanted)) <= codes:
        raise ValueError
    return value


def _string(value: Any) -> str:
    if not isinstance(value, str | int | float) or isinstance(value, bool) or len(str(value)) > _LONGEST:
        raise ValueError
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _boolean(value: Any) -> bool:
    if value not in (True, False, "0", "1"):
        raise ValueError
    return value in (True, "1")


def _integer(value: Any) -> int:
    if isinstance(value, bool) or int(value) != float(value):
        raise ValueError
    return int(value)


def _email(value: Any) -> str:
    if not _EMAIL.fullmatch(str(value)):
        raise ValueError
    return str(value)


def _date(value: Any) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?", str(value)):
        raise ValueError
    return str(value)


_READ: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "text": _text,
    "boolean": _boolean,
    "integer": _integer,
    "numeric": float,
    "email": _email,
    "date": _date,
    "datetime": _date,
}


def merge(record: Record, given: Record) -> list[tuple[str, Any, Any]]:
    """Write the given values into a record; custom fields and sources merge by key. What has changed."""
    changes = []
    for name, value in given.items():
        old = record.get(name)
        new = value
        if name in ("customFields", "source"):
            joined = {**(old or {}), **(value or {})}
            new = {key: part for key, part in joined.items() if part is not None}
        if old != new:
            changes.append((name, old, new))
            record[name] = new
    return changes
