"""Phones and e-mails of a record: strict E.164, primary ones, and the shared spelling.

A record keeps a list of dicts under `phoneNumberData` and `emailAddressData`. E-mail addresses are shared
by all records: the first stored spelling of an address is what everyone reads.
"""

import re
from collections.abc import Mapping
from typing import Any

import phonenumbers

from sandbox.espocrm.answers import invalid
from sandbox.espocrm.schema import FieldDef
from sandbox.espocrm.state import Record, State

MAX_NUMBERS = 10
MAX_LENGTH = 36
_EMAIL = re.compile(
    r"^(?=.{3,254}$)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$"
)

Item = dict[str, Any]


def e164(number: Any) -> Any:
    """A number written with `+` in any usual way, as E.164 without its extension; else what was given."""
    if not isinstance(number, str) or not number.strip():
        return number.strip() or None if isinstance(number, str) else number
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def is_phone(number: Any) -> bool:
    """Whether this is E.164 of a number that could exist."""
    if not isinstance(number, str) or len(number) > MAX_LENGTH:
        return False
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    plain = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return plain == number and phonenumbers.is_possible_number(parsed)


def is_email(address: Any) -> bool:
    """Whether this is an address by the CRM's pattern: ASCII, with a dot in its domain."""
    return isinstance(address, str) and _EMAIL.match(address) is not None


def digits(number: str) -> str:
    """The digits of a number, the form of the attribute phoneNumberNumeric."""
    return re.sub(r"\D", "", number)


def searched(attribute: str, record: Mapping[str, Any]) -> list[Any]:
    """What a search by the attribute looks at: all numbers and addresses of a record."""
    if attribute == "phoneNumberNumeric":
        return [digits(item["phoneNumber"]) for item in record.get("phoneNumberData") or []] or [None]
    if attribute == "phoneNumber":
        return [item["phoneNumber"] for item in record.get("phoneNumberData") or []] or [None]
    if attribute == "emailAddress":
        return [item["lower"] for item in record.get("emailAddressData") or []] or [None]
    return [record.get(attribute)]


def sanitize(values: Record) -> None:
    """Normalise in place what a client sent: numbers to E.164, addresses without spaces, empty to null."""
    if "phoneNumber" in values:
        values["phoneNumber"] = e164(values["phoneNumber"])
    if isinstance(values.get("phoneNumberData"), list):
        values["phoneNumberData"] = [
            {**item, "phoneNumber": e164(item.get("phoneNumber"))}
            for item in values["phoneNumberData"]
            if isinstance(item, dict)
        ]
    if isinstance(address := values.get("emailAddress"), str):
        values["emailAddress"] = address.strip() or None
    if isinstance(values.get("emailAddressData"), list):
        values["emailAddressData"] = [
            {**item, "emailAddress": str(item.get("emailAddress") or "").strip()}
            for item in values["emailAddressData"]
            if isinstance(item, dict)
        ]


def validate(entity: str, name: str, definition: FieldDef, values: Record) -> None:
    """Refuse bad numbers and addresses with the field's own error type."""
    single, several = values.get(name), values.get(f"{name}Data") or []
    given = [item.get(name) for item in several] if several else [single]
    given = [value for value in given if value is not None]
    if definition["type"] == "email":
        if not all(is_email(value) for value in given):
            raise invalid(entity, name, "emailAddress")
        return
    types = definition["typeList"]
    if not all(is_phone(value) for value in given) or any(
        item.get("type", types[0]) not in types for item in several
    ):
        raise invalid(entity, name, "valid")
    if len(given) > MAX_NUMBERS:
        raise invalid(entity, name, "maxCount")


def apply(record: Record, values: Record) -> None:
    """Put the sent numbers and addresses into the record; a list replaces all, a string the primary one."""
    for name in ("phoneNumber", "emailAddress"):
        items = None
        if values.get(f"{name}Data") is not None:
            items = [_item(name, item) for item in values[f"{name}Data"] if item.get(name)]
        elif name in values:
            rest = [item for item in record.get(f"{name}Data", []) if not item["primary"]]
            head = [_item(name, {name: values[name], "primary": True})] if values[name] else []
            items = [*head, *(item for item in rest if item[name] != values[name])]
        if items is None:
            continue
        if items and not any(item["primary"] for item in items) and (values.get(f"{name}Data") is not None):
            items[0]["primary"] = True
        record[f"{name}Data"] = sorted(items, key=lambda item: not item["primary"])


def remember_spelling(state: State, record: Record) -> None:
    """The first stored spelling of an address becomes everyone's."""
    for item in record.get("emailAddressData") or []:
        state.spellings.setdefault(item["lower"], item["emailAddress"])


def _item(name: str, sent: Item) -> Item:
    value = sent[name]
    middle = {"lower": value.lower()} if name == "emailAddress" else {"type": sent.get("type") or "Mobile"}
    return {
        name: value,
        **middle,
        "primary": bool(sent.get("primary", False)),
        "optOut": bool(sent.get("optOut", False)),
        "invalid": bool(sent.get("invalid", False)),
    }


def items_of(state: State, record: Record, name: str) -> list[Item]:
    """The record's numbers or addresses as everyone reads them, the primary one first."""
    items = record.get(f"{name}Data") or []
    if name == "phoneNumber":
        return [dict(item) for item in items]
    return [{**item, name: state.spellings.get(item["lower"], item[name])} for item in items]


def primary_of(state: State, record: Record, name: str) -> str | None:
    """The primary number or address, or None."""
    for item in items_of(state, record, name):
        if item["primary"]:
            return str(item[name])
    return None
