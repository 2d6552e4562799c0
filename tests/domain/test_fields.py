"""Single fields as people type them: what is understood, and what is refused and why."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.fields import (
    MAX_AMOUNT,
    NOTE_LIMIT,
    find_email,
    read_amount,
    read_email,
    read_inn,
    read_note,
    read_number,
    read_text,
)

MULTIPLIERS = {
    "тыс": Decimal(1000), "млн": Decimal(10**6), "миллиона": Decimal(10**6), "млрд": Decimal(10**9),
    "million": Decimal(10**6), "k": Decimal(1000),
}  # fmt: skip
CURRENCIES = frozenset({"руб", "рублей", "rub"})


def amount(typed: str) -> Decimal:
    return read_amount(typed, MULTIPLIERS, CURRENCIES)


def refused(read: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(BadInput) as caught:
        read()
    return caught.value.field, caught.value.reason


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("3000000", "3000000"),
        ("3 000 000", "3000000"),
        ("3\u00a0000\u00a0000 ₽", "3000000"),
        ("3.000.000", "3000000"),
        ("3,000,000", "3000000"),
        ("3 млн", "3000000"),
        ("3млн.", "3000000"),
        ("1,5 млн", "1500000"),
        ("1.5 million", "1500000"),
        ("2 миллиона рублей", "2000000"),
        ("15 000 руб.", "15000"),
        ("15 тыс. руб", "15000"),
        ("500k", "500000"),
        ("1.000,50", "1000.50"),
        ("1,000.50", "1000.50"),
        ("12,5", "12.50"),
        ("1 МЛРД", "1000000000"),
        ("0.01", "0.01"),
        ("1'000'000", "1000000"),
        ("0,500 млн", "500000"),
        ("1,500 млн", "1500000000"),
        ("300.", "300"),
    ],
)
def test_amounts_as_people_type_them(typed: str, expected: str) -> None:
    assert amount(typed) == Decimal(expected)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "invalid"),
        ("много", "invalid"),
        ("3 попугая", "invalid"),
        ("3 млн 5", "invalid"),
        ("-5", "invalid"),
        ("1.2.3,4,5", "invalid"),
        ("12.05.2024", "invalid"),
        ("1.234,567,8", "invalid"),
        ("0", "out_of_range"),
        ("0,001", "out_of_range"),
        ("2000 млрд", "out_of_range"),
    ],
)
def test_amounts_that_are_none(typed: str, reason: str) -> None:
    assert refused(lambda: amount(typed)) == ("amount", reason)


@given(st.text(max_size=60))
def test_any_text_is_an_amount_in_range_or_refused(typed: str) -> None:
    try:
        value = amount(typed)
    except BadInput:
        return
    assert 0 < value <= MAX_AMOUNT
    assert value == value.quantize(Decimal("0.01"))


@given(st.text(alphabet="0123456789.,' \u00a0", max_size=40))
def test_any_digits_and_points_are_a_number_or_refused(typed: str) -> None:
    try:
        number = read_number(typed)
    except BadInput:
        return
    assert number.is_finite()


@given(st.decimals(min_value="0.01", max_value=MAX_AMOUNT, places=2))
def test_an_amount_survives_being_written_out(value: Decimal) -> None:
    assert amount(f"{value:,.2f}") == value
    assert amount(f"{value:,.2f}".translate(str.maketrans(",.", "\u00a0,"))) == value


@pytest.mark.parametrize("typed", ["7707083893", "77 07 083893", "500100732259", "7707-083-893"])
def test_inn_with_right_check_digits(typed: str) -> None:
    assert read_inn(typed) == typed.replace(" ", "").replace("-", "")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "required"),
        ("7707083894", "checksum"),
        ("500100732258", "checksum"),
        ("500100732269", "checksum"),
        ("123", "length"),
        ("77070838930", "length"),
        ("77O7083893", "length"),
        ("٧٧٠٧٠٨٣٨٩٣", "length"),
    ],
)
def test_inn_with_a_slip(typed: str, reason: str) -> None:
    assert refused(lambda: read_inn(typed)) == ("inn", reason)


@given(st.integers(min_value=0, max_value=9_999_999_999), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_never_passes(number: int, place: int, shift: int) -> None:
    """The weights are prime to 11, so a single slip always shows, save where 10 is written as 0."""
    digits = f"{number:010d}"
    try:
        read_inn(digits)
    except BadInput:
        return
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    total = sum(w * int(n) for w, n in zip((2, 4, 10, 3, 5, 9, 4, 6, 8), wrong, strict=False))
    if total % 11 != 10 and digits[9] != "0":
        assert refused(lambda: read_inn(wrong)) == ("inn", "checksum")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Anna@Example.com", "anna@example.com"),
        (" a.b+c@mail.example.ru ", "a.b+c@mail.example.ru"),
        ("почта@пример.рф", "почта@пример.рф"),
    ],
)
def test_emails(typed: str, expected: str) -> None:
    assert read_email(typed) == expected


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "required"),
        ("anna", "invalid"),
        ("anna@", "invalid"),
        ("anna@example", "invalid"),
        ("a b@example.com", "invalid"),
        ("anna@exam..ple.com", "invalid"),
        ("a..b@example.com", "invalid"),
        ("<anna@example.com>", "invalid"),
        ("a@" + "b" * 250 + ".com", "invalid"),
    ],
)
def test_what_is_no_email(typed: str, reason: str) -> None:
    assert refused(lambda: read_email(typed)) == ("email", reason)


@given(st.text(max_size=80))
def test_a_found_email_can_be_read(text: str) -> None:
    found = find_email(text)
    if found and ".." not in found.group():
        assert read_email(found.group()) == found.group().strip().lower()


def test_text_is_one_line_without_spare_spaces() -> None:
    assert read_text("name", "  Иван \n  Петров\t", 100) == "Иван Петров"
    assert read_text("company", "  ", 100, required=False) == ""


def test_text_says_what_is_wrong() -> None:
    assert refused(lambda: read_text("name", " \n ", 100)) == ("name", "required")
    with pytest.raises(BadInput) as caught:
        read_text("name", "я" * 101, 100)
    assert caught.value.params == {"field": "name", "reason": "too_long", "limit": 100, "length": 101}


def test_notes_keep_their_lines_up_to_the_limit() -> None:
    assert read_note(" a\nb ") == "a\nb"
    assert len(read_note("я" * NOTE_LIMIT)) == NOTE_LIMIT
    assert refused(lambda: read_note("я" * (NOTE_LIMIT + 1))) == ("note", "too_long")
