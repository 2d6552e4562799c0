"""Whole columns of phones: the verdict of `read_phone`, many times faster for the numbers most files hold.

A number with the country code 7 that is written in the plain way (digits, spaces, dashes, brackets, dots)
needs none of what phonenumbers does to find its country and its prefix. Its patterns still are those of
phonenumbers, compiled into one. Whatever is not plain, and whatever these patterns do not take, is given to
`read_phone`, so that the verdict is always the same.
"""

import re
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberDesc

from domain.errors import BadInput
from domain.phones import read_phone

_PLAIN = str.maketrans("", "", " ()-.\u00a0+")
_TYPES = ("mobile", "fixed_line", "toll_free", "premium_rate", "shared_cost", "voip", "personal_number",
          "pager", "uan", "voicemail")  # fmt: skip
_LENGTH = 10
_CODE = 7
_DIALLED_ABROAD = "810"
"""What is dialled from Russia before a country code: such a number is not a plain one."""

REMEMBERED = 4096


class PhoneColumn:
    """Reads phones of one file. `region` (ISO 3166) explains numbers without a country code."""

    def __init__(self, region: str) -> None:
        self.region = region
        # other countries with this code have prefixes of their own
        self._at_home = region == phonenumbers.region_code_for_country_code(_CODE)
        self._valid = plain_numbers().fullmatch
        self._known: dict[str, tuple[str, str]] = {}

    def read(self, typed: str) -> str:
        """The number as E.164. Raises BadInput("phone", ...) as `read_phone` does."""
        return self.plain(typed) or self._by_the_book(typed)

    def plain(self, typed: str) -> str:
        """The number as E.164, where it is a valid one of this country in the plain way; empty for any
        other."""
        digits = typed.translate(_PLAIN)
        if digits.isdigit() and digits.isascii() and typed.rfind("+") <= 0 and len(typed) <= 40:
            national = self._national(digits, typed[0] == "+")
            if national and self._valid(national):
                return "+7" + national
        return ""

    def _national(self, digits: str, whole: bool) -> str:
        """The ten digits after the country code of a plain number; empty for any other."""
        if whole:
            return digits[1:] if len(digits) == _LENGTH + 1 and digits[0] == "7" else ""
        if not self._at_home or digits.startswith(_DIALLED_ABROAD):
            return ""
        if len(digits) == _LENGTH:
            return digits
        return digits[1:] if len(digits) == _LENGTH + 1 and digits[0] in "78" else ""

    def _by_the_book(self, typed: str) -> str:
        """A switchboard's number stands in many rows, and costs as much to refuse as to accept."""
        verdict = self._known.get(typed)
        if verdict is None:
            verdict = _verdict(typed, self.region)
            if len(self._known) < REMEMBERED:
                self._known[typed] = verdict
        number, reason = verdict
        if reason:
            raise BadInput("phone", reason)
        return number


def _verdict(typed: str, region: str) -> tuple[str, str]:
    """(number, why it is none): an error that is kept would keep whatever was at work when it was raised."""
    try:
        return read_phone(typed, region), ""
    except BadInput as error:
        return "", error.reason


@cache
def plain_numbers() -> re.Pattern[str]:
    """Ten digits that are a valid number in one of the countries with the code 7."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[_CODE]
    found = [_of_region(PhoneMetadata.metadata_for_region(region, None)) for region in regions]
    return re.compile("|".join(f"(?:{one})" for one in found))


def _of_region(metadata: PhoneMetadata | None) -> str:
    assert metadata is not None
    types: list[PhoneNumberDesc | None] = [getattr(metadata, name) for name in _TYPES]
    patterns = "|".join(f"(?:{one.national_number_pattern})" for one in types if one and _has_length(one))
    assert metadata.general_desc is not None
    general = metadata.general_desc.national_number_pattern
    leading = f"(?={metadata.leading_digits})" if metadata.leading_digits else ""
    return rf"{leading}(?=(?:{general})\Z)(?:{patterns})"


def _has_length(described: PhoneNumberDesc) -> bool:
    """Whether numbers of this type may have ten digits; a type that names no lengths has them all."""
    if described.national_number_pattern is None:
        return False
    return not described.possible_length or _LENGTH in described.possible_length
