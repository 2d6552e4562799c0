"""Phones: whatever a person types, as E.164."""

import phonenumbers

from domain.errors import BadInput


def read_phone(typed: str, region: str) -> str:
    """The number as E.164. `region` (ISO 3166) explains numbers without a country code.

    Raises BadInput("phone", ...) with reason required, too_long or invalid.
    """
    text = typed.strip()
    if not text:
        raise BadInput("phone", "required")
    if len(text) > 40:
        raise BadInput("phone", "too_long")
    try:
        number = phonenumbers.parse(text, region)
        if not phonenumbers.is_valid_number(number) and region == "RU" and not text.startswith("+"):
            # people also type 7916… without the plus
            number = phonenumbers.parse("+" + text.lstrip("+"), None)
    except phonenumbers.NumberParseException as error:
        raise BadInput("phone", "invalid") from error
    if not phonenumbers.is_valid_number(number):
        raise BadInput("phone", "invalid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def show_phone(e164: str) -> str:
    """The number as people read it, with the country code."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def find_phones(text: str, region: str) -> list[tuple[str, int, int]]:
    """Valid numbers inside a text as (E.164, start, end), in order."""
    matches = phonenumbers.PhoneNumberMatcher(text, region)
    return [
        (
            phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164),
            match.start,
            match.end,
        )
        for match in matches
    ]


def calling_code(region: str) -> str:
    """The digits that numbers of the region begin with abroad; empty for a region nobody knows."""
    code = phonenumbers.country_code_for_region(region)
    return str(code) if code else ""
