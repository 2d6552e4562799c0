"""What a field takes: sent values in the shape in which they are kept, or a refusal."""

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import phonenumbers

from sandbox.twenty.answers import bad
from sandbox.twenty.schema import MANY_TO_ONE, Field, Object
from sandbox.twenty.state import State

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PARTS: Mapping[str, tuple[str, ...]] = {
    "FULL_NAME": ("firstName", "lastName"),
    "EMAILS": ("primaryEmail", "additionalEmails"),
    "PHONES": (
        "primaryPhoneNumber",
        "primaryPhoneCountryCode",
        "primaryPhoneCallingCode",
        "additionalPhones",
    ),
    "CURRENCY": ("amountMicros", "currencyCode"),
    "LINKS": ("primaryLinkUrl", "primaryLinkLabel", "secondaryLinks"),
    "ADDRESS": (
        "addressStreet1", "addressStreet2", "addressCity", "addressState", "addressPostcode",
        "addressCountry", "addressLat", "addressLng",
    ),
    "RICH_TEXT": ("markdown", "blocknote"),
    "ACTOR": ("source", "workspaceMemberId", "name", "context"),
}  # fmt: skip
UNTOLD = frozenset({"createdAt", "updatedAt", "deletedAt", "position", "searchVector"})


def empty(kind: str) -> Any:
    """A field that holds nothing."""
    blank: dict[str, Any] = {"amountMicros": None, "currencyCode": None, "blocknote": None}
    lists = ("additionalEmails", "additionalPhones", "secondaryLinks")
    return (
        {part: blank.get(part, None if part in lists or part in blank else "") for part in PARTS[kind]}
        if kind in PARTS
        else None
    )


def taken(state: State, about: Object, sent: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a body as they are kept. `known` is the record before; Refusal 400."""
    fields, made = about.by_column(), {}
    for name, value in sent.items():
        if name not in fields:
            raise bad(f'Object {about.singular} doesn\'t have any "{name}" field.')
        if name in UNTOLD:
            raise bad(f"Field {name} cannot be written")
        made[name] = _value(state, about, fields[name], value, known.get(name))
    return made


def _value(state: State, about: Object, field: Field, value: Any, known: Any) -> Any:
    if field.type in PARTS:
        return _composite(field, value, known)
    if value is None:
        if not field.nullable:
            raise bad(f"Field {field.name} cannot be null")
        return None
    if field.type == "RELATION":
        return _linked(state, field, value)
    if field.type in ("SELECT", "MULTI_SELECT"):
        return _chosen(about, field, value)
    return _PLAIN.get(field.type, _as_is)(field.name, value)


def _composite(field: Field, value: Any, known: Any) -> Any:
    if value is None:
        return empty(field.type)
    if not isinstance(value, dict):
        raise bad(f"Invalid value for composite field {field.name}")
    if unknown := set(value) - set(PARTS[field.type]):
        raise bad(f'Field {field.name} doesn\'t have any "{sorted(unknown)[0]}" subfield.')
    made = {**(known or empty(field.type)), **value}
    check = _COMPOSITE.get(field.type)
    return check(made) if check else made


def _emails(value: dict[str, Any]) -> dict[str, Any]:
    primary, more = value["primaryEmail"] or "", value["additionalEmails"]
    if more is not None and not isinstance(more, list):
        raise bad("additionalEmails must be an array")
    if wrong := [one for one in (primary, *(more or ())) if one and not _EMAIL.fullmatch(str(one))]:
        raise bad(f"Invalid email address: {wrong[0]}")
    others = [_domain(one) for one in more or ()]
    return {"primaryEmail": _domain(primary), "additionalEmails": others or None}


def _domain(email: str) -> str:
    name, at, domain = email.rpartition("@")
    return f"{name}{at}{domain.lower()}"


def _phones(value: dict[str, Any]) -> dict[str, Any]:
    number = str(value["primaryPhoneNumber"] or "")
    code, country = value["primaryPhoneCallingCode"], value["primaryPhoneCountryCode"]
    if number:
        number, code, country = _phone(number, code, country)
    listed = [
        dict(zip(("number", "callingCode", "countryCode"), _phone_of(one), strict=True))
        for one in value["additionalPhones"] or ()
    ]
    return {
        "primaryPhoneNumber": number,
        "primaryPhoneCountryCode": country if number else "",
        "primaryPhoneCallingCode": code if number else "",
        "additionalPhones": listed or None,
    }


def _phone_of(one: Any) -> tuple[str, str, str]:
    if not isinstance(one, dict):
        raise bad("additionalPhones must be an array of objects")
    return _phone(str(one.get("number") or ""), one.get("callingCode"), one.get("countryCode"))


def _phone(number: str, code: Any, country: Any) -> tuple[str, str, str]:
    """(national number, +code, country), as the server's own library splits and proves it."""
    whole = number if number.startswith("+") or not code else f"{code}{number}"
    try:
        parsed = phonenumbers.parse(whole, str(country) if country else None)
    except phonenumbers.NumberParseException:
        raise bad(f"Provided phone number is invalid {number}") from None
    if not phonenumbers.is_possible_number(parsed):
        raise bad(f"Provided phone number is invalid {number}")
    region = country or phonenumbers.region_code_for_number(parsed) or ""
    return phonenumbers.national_significant_number(parsed), f"+{parsed.country_code}", str(region)


def _money(value: dict[str, Any]) -> dict[str, Any]:
    micros = value["amountMicros"]
    if micros is not None:
        if isinstance(micros, bool) or not re.fullmatch(r"-?\d+", str(micros)):
            raise bad("amountMicros must be an integer")
        micros = int(micros)
    return {"amountMicros": micros, "currencyCode": value["currencyCode"]}


def _links(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "primaryLinkUrl": str(value["primaryLinkUrl"] or "").rstrip("/")}


def _linked(state: State, field: Field, value: Any) -> str:
    if field.relation != MANY_TO_ONE:
        raise bad(f"Field {field.name} cannot be written")
    target = state.named(field.target)
    if state.find(target.plural, _uuid(field.name, value)) is None:
        raise bad(f'insert or update violates foreign key constraint on "{field.column}"')
    return str(value)


def _chosen(about: Object, field: Field, value: Any) -> Any:
    known = {option for option, _ in field.options}
    values = value if field.type == "MULTI_SELECT" and isinstance(value, list) else [value]
    for one in values:
        if one not in known:
            raise bad(f'invalid input value for enum "{about.singular}_{field.name}_enum": "{one}"')
    return value


def _text(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        raise bad(f'Invalid string value for field "{name}"')
    return value


def _number(name: str, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad(f'Invalid number value for field "{name}"')
    return value


def _boolean(name: str, value: Any) -> Any:
    if not isinstance(value, bool):
        raise bad(f'Invalid boolean value for field "{name}"')
    return value


def _moment(name: str, value: Any) -> Any:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        raise bad(f'Invalid date value for field "{name}"') from None
    return value


def _uuid(name: str, value: Any) -> str:
    """Only versions 1 to 5 pass."""
    try:
        fits = uuid.UUID(str(value)).version in range(1, 6)
    except ValueError:
        fits = False
    if not fits:
        raise bad(f'Invalid UUID value for field "{name}"')
    return str(value)


def _as_is(name: str, value: Any) -> Any:
    return value


_PLAIN: Mapping[str, Callable[[str, Any], Any]] = {
    "TEXT": _text,
    "NUMBER": _number,
    "NUMERIC": _number,
    "BOOLEAN": _boolean,
    "DATE": _moment,
    "DATE_TIME": _moment,
    "UUID": _uuid,
}
_COMPOSITE: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "EMAILS": _emails,
    "PHONES": _phones,
    "CURRENCY": _money,
    "LINKS": _links,
}
