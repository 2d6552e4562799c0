"""What a field keeps of a value that somebody sent."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.bitrix24.answers import Refusal, invalid
from sandbox.bitrix24.params import flag, number
from sandbox.bitrix24.schema import CURRENCIES, Field
from sandbox.bitrix24.state import PORTAL_ZONE, State

EMPTY = (None, "", False)

Reader = Callable[[State, Field, Any], Any]


def kept(state: State, field: Field, value: Any) -> Any:
    """The stored form. Raises Refusal CRM_FIELD_ERROR_VALUE_NOT_VALID, or 100 for a lone value where the
    field takes several."""
    if not field.multiple:
        return _one(state, field, value)
    if value in EMPTY:
        return []
    if not isinstance(value, list | dict):
        kind = type(value).__name__
        text = f"Expected iterable value for multiple field, but got `{kind}` instead"
        raise Refusal(400, "100", text)
    items = list(value.values()) if isinstance(value, dict) else value
    return [one for one in (_one(state, field, item) for item in items) if one not in EMPTY]


def _one(state: State, field: Field, value: Any) -> Any:
    if isinstance(value, list | dict) and field.type != "file":
        raise invalid(field.title)
    read: Reader = READERS.get(field.type, _text)
    return read(state, field, value)


def _text(state: State, field: Field, value: Any) -> str | None:
    return None if value is None else str(value)


def _whole(state: State, field: Field, value: Any) -> int:
    if value in EMPTY:
        return 0
    found = number(value)
    if found is None:
        raise invalid(field.title)
    return found


def _double(state: State, field: Field, value: Any) -> int | float:
    try:
        found = Decimal(str(value or 0))
    except InvalidOperation:
        raise invalid(field.title) from None
    if not found.is_finite():
        raise invalid(field.title)
    return int(found) if found == found.to_integral_value() else float(found)


def _boolean(state: State, field: Field, value: Any) -> str:
    return "Y" if flag(value) else "N"


def _user(state: State, field: Field, value: Any) -> int:
    found = _whole(state, field, value)
    if found not in state.users:
        raise invalid(field.title)
    return found


def _status(state: State, field: Field, value: Any) -> str | None:
    # Stages depend on the pipeline: the record's own check knows it.
    known = {status.id for status in state.list_of(field.status)}
    if value not in EMPTY and field.name != "stageId" and value not in known:
        raise invalid(field.title)
    return None if value is None else str(value)


def _currency(state: State, field: Field, value: Any) -> str:
    if value in EMPTY:
        return "RUB"
    if value not in CURRENCIES:
        raise invalid(field.title)
    return str(value)


def _option(state: State, field: Field, value: Any) -> int | None:
    if value in EMPTY:
        return None
    if str(value) not in {option for option, _ in field.options}:
        raise invalid(field.title)
    return int(value)


def _moment(state: State, field: Field, value: Any) -> str | None:
    if value in EMPTY:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise invalid(field.title) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=PORTAL_ZONE)
    return state.stamp(moment)


READERS: dict[str, Reader] = {
    "integer": _whole,
    "double": _double,
    "boolean": _boolean,
    "user": _user,
    "employee": _user,
    "crm_status": _status,
    "crm_currency": _currency,
    "crm_category": _whole,
    "crm_contact": _whole,
    "crm_company": _whole,
    "crm_lead": _whole,
    "enumeration": _option,
    "date": _moment,
    "datetime": _moment,
}
