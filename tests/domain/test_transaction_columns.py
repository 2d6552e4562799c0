"""A column of sums or moments is read as each of its cells would be read by itself."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.transaction_columns import AmountColumn, MomentColumn
from domain.transaction_values import read_amount, read_moment

ZONES = ("Europe/Moscow", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "America/St_Johns")
SUMS = st.one_of(
    st.from_regex(r"-?\d{1,4}(?:[ \u00a0.,']\d{1,3}){0,3}(?:[.,]\d{0,3})?", fullmatch=True),
    st.text("0123456789 .,-+$e\u00a0\u0660", max_size=14),
)
WRITTEN = st.sampled_from(["%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"])
BROKEN = st.from_regex(r"[0-3]\d[.-][01]\d[.-][012]\d{3}[ T][0-2]\d:[0-6]\d(?::\d\d)?", fullmatch=True)


def verdict(read: Callable[[], object]) -> object:
    try:
        return read()
    except BadInput as error:
        return error.field, error.reason


@given(st.lists(SUMS, max_size=20))
def test_sums(typed: list[str]) -> None:
    column = AmountColumn("rub")
    for one in typed:
        by_itself = verdict(partial(read_amount, one, "RUB", negative=True))
        assert verdict(partial(column.read, one)) == by_itself


@given(
    st.sampled_from(ZONES),
    st.lists(st.one_of(BROKEN, st.tuples(st.datetimes(datetime(1985, 1, 1)), WRITTEN).map(
        lambda told: told[0].strftime(told[1]))), max_size=20),
)  # fmt: skip
def test_moments(zone: str, typed: list[str]) -> None:
    column, place = MomentColumn(ZoneInfo(zone)), ZoneInfo(zone)
    for one in typed:
        assert verdict(partial(column.read, one)) == verdict(partial(read_moment, one, place))


def test_hours_that_come_twice_or_never() -> None:
    for zone in ZONES:
        column, place = MomentColumn(ZoneInfo(zone)), ZoneInfo(zone)
        for month, day in ((month, day) for month in range(1, 13) for day in range(1, 29)):
            for year, hour in ((2018, 0), (2018, 2), (2018, 23), (2010, 3)):
                typed = f"{day:02}.{month:02}.{year} {hour:02}:30"
                assert column.read(typed) == read_moment(typed, place), (zone, typed)


def test_what_is_plain_is_read_without_the_slow_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.transaction_columns.read_amount", None)
    monkeypatch.setattr("domain.transaction_columns.read_moment", None)
    assert AmountColumn("RUB").read("12 345,5").amount == Decimal("12345.50")
    assert MomentColumn(ZoneInfo("Europe/Moscow")).read("05.03.2026 09:15").hour == 6
