"""Values of custom fields by the type of the field, both ways. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_adapters.amocrm.catalogue import Field

Encoded = list[dict[str, Any]] | None
DEFAULT_CODE = "WORK"


class NoSuchValue(ValueError):
    """The field cannot hold this value: no such option, no number, no moment."""


def encoded(field: Field, value: Any) -> Encoded:
    """`values` of a field; None clears it. Raises NoSuchValue."""
    if value is None or value in ("", [], ()):
        return None
    return _WAYS.get(field.type, _text)(field, value)


def decoded(raw: Mapping[str, Any], field: Field | None) -> list[str]:
    """The values of a field in a record, as text; `custom_fields_values` may be null."""
    if field is None:
        return []
    for item in raw.get("custom_fields_values") or ():
        if isinstance(item, Mapping) and item.get("field_id") == field.id:
            return [_shown(one) for one in item.get("values") or () if isinstance(one, Mapping)]
    return []


def _shown(one: Mapping[str, Any]) -> str:
    value = one.get("value")
    return "" if value is None else str(value)


def _text(field: Field, value: Any) -> Encoded:
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    return [{"value": str(value)}]


def _number(field: Field, value: Any) -> Encoded:
    try:
        float(value)
    except (TypeError, ValueError):
        raise NoSuchValue from None
    return [{"value": str(value)}]


def _flag(field: Field, value: Any) -> Encoded:
    if not isinstance(value, bool):
        raise NoSuchValue
    return [{"value": value}]


def _moment(field: Field, value: Any) -> Encoded:
    if isinstance(value, datetime):
        return [{"value": int(value.timestamp())}]
    try:
        return [{"value": datetime.fromisoformat(str(value)).isoformat()}]
    except ValueError:
        raise NoSuchValue from None


def _options(field: Field, value: Any) -> Encoded:
    words: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    found = [field.option(str(word)) for word in words]
    if None in found:
        raise NoSuchValue
    return [{"enum_id": option} for option in found]


def _addresses(field: Field, value: Any) -> Encoded:
    words: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    return [{"value": str(word), "enum_code": DEFAULT_CODE} for word in words]


_WAYS: Mapping[str, Callable[[Field, Any], Encoded]] = {
    "numeric": _number,
    "monetary": _number,
    "price": _number,
    "checkbox": _flag,
    "date": _moment,
    "date_time": _moment,
    "birthday": _moment,
    "select": _options,
    "radiobutton": _options,
    "multiselect": _options,
    "multitext": _addresses,
}
