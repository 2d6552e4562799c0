"""What a client sends: dropped, converted or refused, field by field."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.espocrm import addresses
from sandbox.espocrm.answers import invalid
from sandbox.espocrm.schema import Entity, FieldDef, attributes_of, writable
from sandbox.espocrm.state import Record, State

_URL = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^\s/@:?#]+@)?[\w-]+(?:\.[\w-]+)*(?::\d+)?(?:[/?#]\S*)?$", re.I
)
_DATE_TIME = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?$")
_DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
_NO_BAD = re.compile(r"^[^<>=\x00]+$")
_TRUE = (True, 1, "1", "true")


def taken(entity: Entity, data: Record, forbidden: set[str]) -> Record:
    """The attributes that will be written, converted; the others are dropped silently, as EspoCRM does."""
    allowed = writable(entity)
    values = {}
    for attribute, value in data.items():
        if attribute not in allowed or attribute in forbidden:
            continue
        definition = entity.fields[allowed[attribute]]
        is_plain = attribute == allowed[attribute]
        convert = CONVERT.get(definition["type"], _same) if is_plain else _same
        values[attribute] = convert(value)
    _complete_dates(entity, values)
    addresses.sanitize(values)
    return values


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return "Array"
    if value is None or value is False:
        return None
    return ("1" if value is True else str(value)) or None


def _number(value: Any) -> Any:
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return value or None
        return int(number) if number.is_integer() else number
    return value


def _bool(value: Any) -> bool:
    return value in _TRUE


def _moment(value: Any) -> Any:
    if not isinstance(value, str) or "T" not in value:
        return value or None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return value
    if parsed.tzinfo is not None:
        parsed = parsed.astimezone(UTC)
    return parsed.strftime("%Y-%m-%d %H:%M:%S")


CONVERT: dict[str, Callable[[Any], Any]] = {
    "varchar": _text,
    "text": _text,
    "url": _text,
    "int": _number,
    "float": _number,
    "currency": _number,
    "bool": _bool,
    "datetime": _moment,
    "datetimeOptional": _moment,
}


def _complete_dates(entity: Entity, values: Record) -> None:
    """A day without an hour is kept twice: the day, and the end (or the start) of it in UTC."""
    for name, definition in entity.fields.items():
        day = values.get(f"{name}Date")
        if definition["type"] != "datetimeOptional" or not isinstance(day, str) or not _DATE.match(day):
            continue
        shift = 1 if name == "dateEnd" else 0
        values[name] = (datetime.fromisoformat(day) + timedelta(days=shift)).strftime("%Y-%m-%d %H:%M:%S")


def with_defaults(state: State, entity: Entity, values: Record) -> Record:
    """The values of a new record: what was sent over what the admin set as default."""
    defaults: Record = {}
    for name, definition in entity.fields.items():
        if "default" in definition:
            defaults[name] = definition["default"]
        elif definition["type"] == "bool" and not definition.get("readOnly"):
            defaults[name] = False
        if definition["type"] == "currency" and values.get(name) is not None:
            defaults[f"{name}Currency"] = state.settings.default_currency
    sent = {key: value for key, value in values.items() if value is not None or key not in defaults}
    return {**defaults, **sent}


def validate(state: State, entity: Entity, values: Record, *, is_new: bool) -> None:
    """Refuse the first field that breaks its rules; of an existing record only sent fields are looked at."""
    for name, definition in entity.fields.items():
        if definition.get("readOnly"):
            continue
        attributes = attributes_of(name, definition) or (name,)
        if not is_new and not any(attribute in values for attribute in attributes):
            continue
        if definition.get("required") and _is_missing(name, definition, values):
            raise invalid(entity.name, name, "required")
        check = CHECKS.get(definition["type"])
        if check and (broken := check(state, name, definition, values)):
            raise invalid(entity.name, name, broken)
        if definition["type"] in ("phone", "email"):
            addresses.validate(entity.name, name, definition, values)


def _is_missing(name: str, definition: FieldDef, values: Record) -> bool:
    if definition["type"] == "personName":
        parts = ["firstName", "lastName", *definition.get("dependeeAttributeList", [])]
        several = [f"{part}Data" for part in parts]
        return not any(values.get(part) for part in (*parts, *several))
    if definition["type"] == "link":
        return not values.get(f"{name}Id")
    return values.get(name) in (None, "")


def _check_text(state: State, name: str, definition: FieldDef, values: Record) -> str | None:
    value = values.get(name)
    if value is None:
        return None
    if "maxLength" in definition and len(value) > definition["maxLength"]:
        return "maxLength"
    if definition.get("pattern") == "$noBadCharacters" and not _NO_BAD.match(value):
        return "pattern"
    return None


def _check_enum(state: State, name: str, definition: FieldDef, values: Record) -> str | None:
    value = values.get(name)
    return None if value is None or value in definition.get("options", []) else "valid"


def _check_enums(state: State, name: str, definition: FieldDef, values: Record) -> str | None:
    value = values.get(name)
    if value is None:
        return None
    options = definition.get("options")
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return "valid"
    return (
        "valid"
        if options and set(value) - set(options) and not definition.get("allowCustomOptions")
        else None
    )


def _check_number(state: State, name: str, definition: FieldDef, values: Record) -> str | None:
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return "valid"
    if definition.get("min") is not None and value < definition["min"]:
        return "min"
    return "max" if definition.get("max") is not None and value > definition["max"] else None


def _check_currency(state: State, name: str, definition: FieldDef, values: Record) -> str | None:
    code = values.get(f"{name}Currency")
    if broken := _check_number(state, name, definition, values):
        return broken
    return "validCurrency" if code is not None and code not in state.settings.currencies else None


def _check_moment(state: State, name: str, definition: FieldDef, values: Record) -> str | None:
    value = values.get(name)
    return None if value is None or (isinstance(value, str) and _is_moment(value)) else "valid"


def _is_moment(value: str) -> bool:
    if not _DATE_TIME.match(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _check_date(state: State, name: str, definition: FieldDef, values: Record) -> str | None:
    value = values.get(name)
    return None if value is None or (isinstance(value, str) and _DATE.match(value)) else "valid"


def _check_url(state: State, name: str, definition: FieldDef, values: Record) -> str | None:
    value = values.get(name)
    if value is None:
        return None
    return "valid" if not _URL.match(value) else ("maxLength" if len(value) > 255 else None)


def _check_parent(state: State, name: str, definition: FieldDef, values: Record) -> str | None:
    parent_type = values.get(f"{name}Type")
    allowed = definition.get("entityList", [])
    return None if parent_type is None or parent_type in allowed else "valid"


CHECKS: dict[str, Callable[[State, str, FieldDef, Record], str | None]] = {
    "varchar": _check_text,
    "text": _check_text,
    "enum": _check_enum,
    "multiEnum": _check_enums,
    "array": _check_enums,
    "checklist": _check_enums,
    "int": _check_number,
    "float": _check_number,
    "currency": _check_currency,
    "datetime": _check_moment,
    "datetimeOptional": _check_moment,
    "date": _check_date,
    "url": _check_url,
    "linkParent": _check_parent,
}
