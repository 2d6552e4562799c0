"""Whatever people type as a phone becomes E.164, or a clear refusal."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.phones import find_phones, read_phone, show_phone


@pytest.mark.parametrize(
    "typed",
    [
        "+79991234567", "+7 999 123-45-67", "8 999 123-45-67", "8(999)1234567", "89991234567",
        "79991234567", "999 123 45 67", " 8-999-123-45-67 ", "+7\u00a0999\u00a0123\u00a045\u00a067",
    ],
)  # fmt: skip
def test_a_russian_mobile_in_all_its_spellings(typed: str) -> None:
    assert read_phone(typed, "RU") == "+79991234567"


@pytest.mark.parametrize(
    ("typed", "region", "expected"),
    [
        ("+49 30 901820", "RU", "+4930901820"),
        ("030 901820", "DE", "+4930901820"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("+375 29 123-45-67", "RU", "+375291234567"),
        ("8 (495) 123-45-67", "RU", "+74951234567"),
    ],
)
def test_other_countries(typed: str, region: str, expected: str) -> None:
    assert read_phone(typed, region) == expected


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "required"),
        ("   ", "required"),
        ("Иван", "invalid"),
        ("112", "invalid"),
        ("+7 999 123-45", "invalid"),
        ("8 999 123-45-67-89", "invalid"),
        ("+0 000 000 00 00", "invalid"),
        ("9" * 41, "too_long"),
    ],
)
def test_what_is_no_phone_says_why(typed: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_phone(typed, "RU")
    assert (caught.value.field, caught.value.reason) == ("phone", reason)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(typed: str) -> None:
    try:
        number = read_phone(typed, "RU")
    except BadInput:
        return
    assert read_phone(number, "RU") == number
    assert phonenumbers.is_valid_number(phonenumbers.parse(number, None))


@given(st.integers(min_value=9_000_000_000, max_value=9_999_999_999), st.sampled_from(["+7", "8", "7", "-"]))
def test_reading_what_was_shown_gives_the_same_number(national: int, prefix: str) -> None:
    try:
        number = read_phone(prefix.replace("-", "") + str(national), "RU")
    except BadInput:
        assert not phonenumbers.is_valid_number(phonenumbers.parse(f"+7{national}", None))
        return
    assert number == f"+7{national}"
    assert read_phone(show_phone(number), "DE") == number


def test_what_cannot_be_shown_better_stays_as_it_is() -> None:
    assert show_phone("not a number") == "not a number"


def test_phones_are_found_in_order_with_their_places() -> None:
    text = "Иван 8 999 123-45-67, жена +7 916 123-45-67, офис 112"
    found = find_phones(text, "RU")
    assert [number for number, _, _ in found] == ["+79991234567", "+79161234567"]
    assert [text[start:end] for _, start, end in found] == ["8 999 123-45-67", "+7 916 123-45-67"]


@given(st.text(max_size=200))
def test_finding_in_any_text_gives_valid_numbers_in_their_places(text: str) -> None:
    for number, start, end in find_phones(text, "RU"):
        assert 0 <= start < end <= len(text)
        assert phonenumbers.is_valid_number(phonenumbers.parse(number, None))
