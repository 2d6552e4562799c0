"""A column of phones is read as each of its numbers would be read by itself."""

from collections.abc import Callable

import pytest

from domain.errors import BadInput
from domain.phone_columns import PhoneColumn
from domain.phones import read_phone
from tests.domain.mixed_phones import mixed_phones


def verdict(read: Callable[[str], str], typed: str) -> str:
    try:
        return read(typed)
    except BadInput as error:
        return f"{error.field}.{error.reason}"


@pytest.mark.parametrize("region", ["RU", "KZ", "DE"])
def test_mixed_numbers_get_the_verdict_of_the_book(region: str) -> None:
    column = PhoneColumn(region)
    numbers = [*mixed_phones(6_000), *mixed_phones(500)]
    found = [verdict(column.read, one) for one in numbers]
    assert found == [verdict(lambda typed: read_phone(typed, region), one) for one in numbers]
    assert {one[0] for one in found} == {"+", "p"}


def test_a_plain_number_is_read_without_the_book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.phone_columns.read_phone", None)
    assert PhoneColumn("RU").read("8 (916) 123-45-67") == "+79161234567"
    assert PhoneColumn("KZ").read("+7 701 123 45 67") == "+77011234567"
