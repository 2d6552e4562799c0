"""Twenty keeps a phone in three parts: +7916 ... is callingCode "+7", countryCode "RU" and the rest. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import phonenumbers


def split(e164: str) -> tuple[str, str, str]:
    """(national number, calling code, country); a text that is no number stays whole."""
    try:
        parsed = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164, "", ""
    country = phonenumbers.region_code_for_number(parsed) or ""
    return phonenumbers.national_significant_number(parsed), f"+{parsed.country_code}", country


def composed(phones: Sequence[str]) -> dict[str, Any] | None:
    """The field `phones`, primary first; None for none."""
    if not phones:
        return None
    number, code, country = split(phones[0])
    made: dict[str, Any] = {"primaryPhoneNumber": number}
    made |= {"primaryPhoneCallingCode": code} if code else {}
    made |= {"primaryPhoneCountryCode": country} if country else {}
    return {**made, "additionalPhones": [_listed(phone) for phone in dict.fromkeys(phones[1:])]}


def _listed(e164: str) -> dict[str, str]:
    number, code, country = split(e164)
    made = {"number": number, "callingCode": code, "countryCode": country}
    return {name: value for name, value in made.items() if value}


def read(field: Any) -> tuple[str, ...]:
    """The numbers of the field `phones` as E.164, as far as it tells the code."""
    if not isinstance(field, Mapping):
        return ()
    first = (field.get("primaryPhoneCallingCode"), field.get("primaryPhoneNumber"))
    listed = [one for one in field.get("additionalPhones") or () if isinstance(one, Mapping)]
    pairs = [first, *((one.get("callingCode"), one.get("number")) for one in listed)]
    return tuple(_whole(code, number) for code, number in pairs if number)


def _whole(code: Any, number: Any) -> str:
    return str(number) if str(number).startswith("+") else f"{code or ''}{number}"
