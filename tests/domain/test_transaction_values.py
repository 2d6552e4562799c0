"""Amounts, moments and ids as sources write them: what is understood, and what is refused and why."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.leads import Money
from domain.transaction_values import (
    hashed_id,
    hashed_ids,
    keyed_id,
    read_amount,
    read_currency,
    read_moment,
    read_quantity,
)

MOSCOW = "Europe/Moscow"
AMOUNTS = st.decimals(min_value=-(10**11), max_value=10**11, places=2)
MOMENTS = st.datetimes(datetime(1991, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))


def refused(read: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(BadInput) as caught:
        read()
    return caught.value.field, caught.value.reason


@pytest.mark.parametrize(
    ("given_", "amount"),
    [
        ("1.000,50", "1000.50"), ("1,000.50", "1000.50"), ("1 000,50 ₽", "1000.50"), ("1800.00", "1800"),
        ("1\u00a0000,5", "1000.5"), ("1\u202f000 руб.", "1000"), ("₽ 99,90", "99.9"), ("RUB 5", "5"),
        ("12 rur", "12"), ("0", "0"), ("-0.00", "0"), ("1.000", "1000"), ("0,005", "0.01"), (7, "7"),
        (0.1, "0.1"), (1e3, "1000"), (Decimal("2.345"), "2.35"), ("10,50 р.", "10.5"), ("1'000.50", "1000.5"),
    ],
)  # fmt: skip
def test_an_amount(given_: object, amount: str) -> None:
    assert read_amount(given_, "RUB") == Money(Decimal(amount), "RUB")


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        (None, "required"), ("", "required"), ("  ", "required"), ("5 тыс", "invalid"), ("abc", "invalid"),
        (True, "invalid"), ([], "invalid"), ({}, "invalid"), (float("nan"), "invalid"), ("1..2", "invalid"),
        (float("inf"), "invalid"), (Decimal("sNaN"), "invalid"), ("NaN", "invalid"), ("1e5", "invalid"),
        ("$5", "currency"), ("5 EUR", "currency"), (10**400, "out_of_range"), (1e300, "out_of_range"),
        ("9" * 20, "out_of_range"), ("9" * 100, "invalid"), (-5, "negative"), ("-5", "negative"),
        ("\u22125", "negative"), ("1,00,000", "invalid"), ("5 5-", "invalid"),
    ],
)  # fmt: skip
def test_what_is_no_amount(given_: object, reason: str) -> None:
    assert refused(lambda: read_amount(given_, "RUB")) == ("amount", reason)


def test_less_than_nothing_only_where_it_may_be() -> None:
    assert read_amount("\u22121 000,50", "rub", negative=True) == Money(Decimal("-1000.50"), "RUB")


def test_a_machine_s_number_has_no_thousands() -> None:
    assert read_amount("150.000", "RUB", point=".").amount == 150
    assert read_amount("1.5e3", "RUB", point=".").amount == 1500
    assert refused(lambda: read_amount("1,5", "RUB", point=".")) == ("amount", "invalid")
    assert refused(lambda: read_amount("1 000", "RUB", point=".")) == ("amount", "invalid")


@pytest.mark.parametrize(
    ("told", "quantity"),
    [(2, "2"), (-1, "1"), ("2,5", "2.5"), (0.3335, "0.334"), ("100", "100"), (None, "1"), ("x", "1"),
     (True, "1"),
     (float("nan"), "1"), (float("inf"), "1"), (1e30, "1"), (0, "0")],
)  # fmt: skip
def test_a_quantity_is_never_in_the_way(told: object, quantity: str) -> None:
    assert str(read_quantity(told)) == quantity


def test_a_currency() -> None:
    assert [read_currency(code) for code in ("rub", "RUR", "₽", " Kzt ")] == ["RUB", "RUB", "RUB", "KZT"]
    assert refused(lambda: read_currency("roubles")) == ("currency", "invalid")


@given(AMOUNTS, st.sampled_from([",", " ", "\u00a0", ""]), st.sampled_from(["", " ₽", "руб."]))
def test_every_notation_is_the_same_sum(amount: Decimal, thousands: str, after: str) -> None:
    plain = f"{amount:,.2f}".replace(",", thousands)
    for text in (plain, plain.translate(str.maketrans(",.", ".,"))):
        assert read_amount(text + after, "RUB", negative=True).amount == amount


@given(st.one_of(st.text(max_size=80), st.floats(), st.integers(), st.decimals()))
def test_wild_amounts_end_in_a_sum_or_in_bad_input(value: object) -> None:
    for point in ("", "."):
        with suppress(BadInput):
            assert 0 <= read_amount(value, "RUB", point=point).amount <= 10**12


@pytest.mark.parametrize(
    ("told", "utc"),
    [
        ("2026-03-04T15:00:00+03:00", "2026-03-04T12:00"), ("2026-03-04T15:00:00+0300", "2026-03-04T12:00"),
        ("2026-03-04T15:00:00+03", "2026-03-04T12:00"), ("2026-03-04T15:00:00Z", "2026-03-04T15:00"),
        ("2026-03-04 15:00:00", "2026-03-04T12:00"), ("2026-03-04 15:00", "2026-03-04T12:00"),
        ("2026-03-04 15:00:00.123", "2026-03-04T12:00:00.123"), ("2026-03-04", "2026-03-03T21:00"),
        ("2026-03-04T15:00:00.1234567Z", "2026-03-04T15:00:00.123456"), ("04.03.2026", "2026-03-03T21:00"),
        ("04.03.2026 15:00", "2026-03-04T12:00"), ("4.3.2026 9:05:01", "2026-03-04T06:05:01"),
        ("20260304150000", "2026-03-04T12:00"), ("20260304", "2026-03-03T21:00"),
        (1772625600, "2026-03-04T12:00"), ("1772625600", "2026-03-04T12:00"),
        (1772625600121, "2026-03-04T12:00:00.121"), ("1772625600121", "2026-03-04T12:00:00.121"),
        (1772625600.5, "2026-03-04T12:00:00.5"), (datetime(2026, 3, 4, 15), "2026-03-04T12:00"),
        (datetime(2026, 3, 4, 15, tzinfo=UTC), "2026-03-04T15:00"),
        ("2026-03-04T15:00:00-05:30", "2026-03-04T20:30"),
    ],
)  # fmt: skip
def test_a_moment(told: object, utc: str) -> None:
    moment = read_moment(told, MOSCOW)
    assert moment == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (None, "required"), ("", "required"), ("yesterday", "invalid"), ("2026-02-30", "invalid"),
        ("2026-03-04T25:00:00", "invalid"), ("2026-W10-3", "invalid"), (True, "invalid"), ([], "invalid"),
        (float("nan"), "invalid"), (float("inf"), "invalid"), (10**30, "invalid"), ("31.04.2026", "invalid"),
        ("0001-01-01T00:00:00", "out_of_range"), (0, "out_of_range"), ("9999-12-31 23:59:59", "out_of_range"),
        ("2026-03-04T15:00:00+99:00", "invalid"), ("\u0662026-03-04", "invalid"),
        (datetime.max, "out_of_range"), (datetime.min.replace(tzinfo=UTC), "out_of_range"),
    ],
)  # fmt: skip
def test_what_is_no_moment(told: object, reason: str) -> None:
    assert refused(lambda: read_moment(told, MOSCOW, "changed_at")) == ("changed_at", reason)


def test_an_hour_that_comes_twice_and_one_that_never_comes() -> None:
    """Berlin, 2026: the clock skips from 02:00 to 03:00 on 29 March and shows 02:00-03:00 twice on
    25 October."""
    assert read_moment("2026-10-25 02:30:00", "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    skipped = read_moment("2026-03-29 02:30:00", "Europe/Berlin")
    assert skipped.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") == "03:30"
    told_twice = datetime(2026, 10, 25, 2, 30, fold=1)
    assert read_moment(told_twice, "Europe/Berlin").hour == 0


def test_an_unknown_zone() -> None:
    for name in ("", "Europe/Nowhere", "../etc/passwd"):
        assert refused(lambda name=name: read_moment("2026-03-04", name)) == ("zone", "invalid")


@given(MOMENTS, st.sampled_from(["Europe/Moscow", "Europe/Berlin", "Asia/Almaty", "America/St_Johns"]))
def test_a_moment_with_its_offset_is_the_same_in_every_zone(moment: datetime, zone: str) -> None:
    local = moment.astimezone(ZoneInfo(zone))
    if local.utcoffset().total_seconds() % 60 == 0:  # type: ignore[union-attr]
        assert read_moment(local.isoformat(), MOSCOW) == moment
        assert read_moment(local.strftime("%Y-%m-%d %H:%M:%S.%f%z"), MOSCOW) == moment


@given(st.one_of(st.text(max_size=80), st.floats(), st.integers(), st.none(), st.booleans()))
def test_wild_moments_end_in_a_moment_or_in_bad_input(value: object) -> None:
    with suppress(BadInput):
        assert 1989 < read_moment(value, MOSCOW).year < 2202


ROW = (datetime(2026, 3, 4, 12, tzinfo=UTC), "+79990001122", Money(Decimal("1000.5")))


def test_equal_purchases_stay_two_and_a_second_telling_changes_nothing() -> None:
    first, second, other = hashed_ids("b", [ROW, ROW, (ROW[0], "", ROW[2])])
    assert len({first, second, other}) == 3
    assert hashed_ids("b", [ROW, (ROW[0], "", ROW[2]), ROW]) == [first, other, second]
    assert first == hashed_id("b", ROW[0].astimezone(ZoneInfo(MOSCOW)), ROW[1], Money(Decimal("1000.50")))


ROWS = st.tuples(
    st.text(max_size=8), MOMENTS, st.text("+0123456789,|", max_size=6), AMOUNTS, st.integers(0, 20)
)


@given(ROWS, ROWS)
def test_only_equal_rows_have_equal_ids(one: tuple[object, ...], two: tuple[object, ...]) -> None:
    def of(row: tuple[object, ...]) -> str:
        business, moment, phone, amount, ordinal = row
        return hashed_id(business, moment, phone, Money(amount), ordinal)  # type: ignore[arg-type]

    assert (of(one) == of(two)) == (one == two)


def test_a_keyed_id_needs_its_key() -> None:
    assert keyed_id("k", "1", "23") != keyed_id("k", "12", "3") != keyed_id("other", "12", "3")
    assert "123" not in keyed_id("k", "123")
    assert keyed_id("k", "123") == keyed_id("k", "123")
    assert refused(lambda: keyed_id("", "1")) == ("secret", "required")
