"""Values of an organization's own fields: reading what people type, and what is kept of it.

A value is kept as text in `Lead.custom` under the field's key: a number as "12.5", money as "3000000.00 RUB",
a date as "2026-12-25", yes/no as "yes" or "no", many choices as "Oxford; MIT", a phone as E.164, a file by
its name (the file itself is among the lead's files, under the same key). An empty field is absent. What came
from a CRM or a website may not follow this: `value_of` then gives the text as it is.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from domain.custom_fields import CustomField, FieldType, folded
from domain.errors import BadInput
from domain.fields import read_amount, read_number
from domain.free_text import Words
from domain.leads import Money
from domain.phones import read_phone

BETWEEN = "; "
TEXT_LIMIT = 500
NUMBER_LIMIT = Decimal("1e15")
YES, NO = "yes", "no"

_NUMBER = re.compile(r"[0-9][0-9\s.,'\u00a0\u202f]*")
_NUMERIC_DATE = re.compile(r"(\d{1,4})[.\-/\s](\d{1,2})[.\-/\s](\d{1,4})\D{0,3}")
_WORDY_DATE = re.compile(r"(\d{1,2})\s*(?:st|nd|rd|th)?\s+([^\W\d_]+)\.?,?\s+(\d{2,4})\D{0,3}")
_WORDY_FIRST = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2})\s*(?:st|nd|rd|th)?,?\s+(\d{2,4})\D{0,3}")
_CENTURY = 69
"""Of two-digit years: from this on they are of the last century."""


@dataclass(frozen=True, slots=True)
class Language:
    """The words people answer with, in lower case, in all our languages at once."""

    amounts: Words
    yes: frozenset[str] = frozenset({YES})
    no: frozenset[str] = frozenset({NO})
    months: Mapping[str, int] = field(default_factory=dict)


Value = str | Decimal | Money | date | bool | tuple[str, ...]


def read_value(one: CustomField, typed: str, region: str, language: Language) -> str:
    """What is kept of an answer; empty for an empty one.

    Raises BadInput of the field `custom_<type>` with reason required, invalid, too_long, no_such_choice, and
    the parameters `name` and `choices`.
    """
    text = typed.strip()
    if not text:
        if one.required:
            raise BadInput(f"custom_{one.type}", "required", name=one.name)
        return ""
    if len(text) > TEXT_LIMIT:
        raise BadInput(f"custom_{one.type}", "too_long", limit=TEXT_LIMIT, length=len(text))
    return _READERS[one.type](one, text, region, language)


def read_values(
    fields: Sequence[CustomField], given: Mapping[str, str], region: str, language: Language
) -> dict[str, str]:
    """Values by key, read; empty ones are left out, and so are keys that no field has."""
    known = {one.key: one for one in fields}
    read = {
        key: read_value(known[key], typed, region, language) for key, typed in given.items() if key in known
    }
    return {key: value for key, value in read.items() if value}


def value_of(one: CustomField, kept: str) -> Value:
    """A kept value as what it is; the text itself where it does not fit the field's type."""
    parse = _VALUES.get(one.type)
    if parse is None:
        return kept
    try:
        return parse(kept)
    except (ValueError, InvalidOperation, KeyError):
        return kept


def split_choices(kept: str) -> tuple[str, ...]:
    """The values of a field with many choices."""
    return tuple(part for part in (piece.strip() for piece in kept.split(BETWEEN.strip())) if part)


def _bad(one: CustomField, reason: str = "invalid") -> BadInput:
    return BadInput(f"custom_{one.type}", reason, name=one.name, choices=", ".join(one.choices))


def _text(_one: CustomField, text: str, _region: str, _language: Language) -> str:
    return text


def _number(one: CustomField, text: str, _region: str, _language: Language) -> str:
    sign = "-" if text[0] in "-\u2212" else ""
    bare = text.lstrip("-\u2212 ").strip()
    if not _NUMBER.fullmatch(bare):
        raise _bad(one)
    try:
        number = read_number(bare)
    except BadInput as error:
        raise _bad(one) from error
    if number >= NUMBER_LIMIT:
        raise _bad(one, "out_of_range")
    return sign + f"{number:f}" if number else "0"


def _money(one: CustomField, text: str, _region: str, language: Language) -> str:
    try:
        amount = read_amount(text, language.amounts.multipliers, language.amounts.currencies)
    except BadInput as error:
        raise _bad(one, error.reason) from error
    return f"{amount:.2f} {Money(amount).currency}"


def _date(one: CustomField, text: str, _region: str, language: Language) -> str:
    parts = _date_parts(text.casefold(), language.months)
    if parts is None:
        raise _bad(one)
    day, month, year = parts
    try:
        return date(_whole_year(year), month, day).isoformat()
    except ValueError as error:
        raise _bad(one, "no_such_day") from error


def _date_parts(text: str, months: Mapping[str, int]) -> tuple[int, int, str] | None:
    """Day, month and the year as it was typed."""
    numeric = _NUMERIC_DATE.fullmatch(text)
    if numeric:
        first, month, last = numeric.groups()
        day, year = (last, first) if len(first) == 4 else (first, last)
        return (int(day), int(month), year) if len(year) in (2, 4) and len(day) < 3 else None
    wordy, first_word = _WORDY_DATE.fullmatch(text), _WORDY_FIRST.fullmatch(text)
    if wordy and wordy[2] in months:
        return int(wordy[1]), months[wordy[2]], wordy[3]
    if first_word and first_word[1] in months:
        return int(first_word[2]), months[first_word[1]], first_word[3]
    return None


def _whole_year(typed: str) -> int:
    year = int(typed)
    if len(typed) > 2:
        return year
    return year + (1900 if year >= _CENTURY else 2000)


def _yes_no(one: CustomField, text: str, _region: str, language: Language) -> str:
    word = text.casefold().strip(" .!")
    if word in language.yes or word == YES:
        return YES
    if word in language.no or word == NO:
        return NO
    raise _bad(one)


def _choice(one: CustomField, text: str, _region: str, _language: Language) -> str:
    found = _picked(one, text)
    if found is None:
        raise _bad(one, "no_such_choice")
    return found


def _choices(one: CustomField, text: str, _region: str, _language: Language) -> str:
    whole = _picked(one, text)
    if whole is not None:
        return whole
    picked: dict[str, None] = {}
    for piece in re.split(r"[;,\n]", text):
        if piece.strip():
            found = _picked(one, piece)
            if found is None:
                raise _bad(one, "no_such_choice")
            picked[found] = None
    if not picked:
        raise _bad(one, "no_such_choice")
    return BETWEEN.join(choice for choice in one.choices if choice in picked)


def _picked(one: CustomField, text: str) -> str | None:
    """The choice by its name, or by its place in the list, counted from 1."""
    names = {folded(choice): choice for choice in one.choices}
    word = folded(text)
    if word in names:
        return names[word]
    if word.isascii() and word.isdigit() and 1 <= int(word) <= len(one.choices):
        return one.choices[int(word) - 1]
    return None


def _phone(one: CustomField, text: str, region: str, _language: Language) -> str:
    try:
        return read_phone(text, region)
    except BadInput as error:
        raise _bad(one) from error


_READERS: Mapping[FieldType, Callable[[CustomField, str, str, Language], str]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _money,
    FieldType.DATE: _date,
    FieldType.YES_NO: _yes_no,
    FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices,
    FieldType.PHONE: _phone,
    FieldType.FILE: _text,
}


def _money_of(kept: str) -> Money:
    number, _space, currency = kept.partition(" ")
    return Money(Decimal(number), currency) if currency else Money(Decimal(number))


_VALUES: Mapping[FieldType, Callable[[str], Value]] = {
    FieldType.NUMBER: Decimal,
    FieldType.MONEY: _money_of,
    FieldType.DATE: date.fromisoformat,
    FieldType.YES_NO: lambda kept: {YES: True, NO: False}[kept],
    FieldType.CHOICES: split_choices,
}
