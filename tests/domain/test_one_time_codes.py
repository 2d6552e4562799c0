"""One-time codes: the vectors of RFC 6238; a code works once; clocks drift; wrong codes wait ever longer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import one_time_codes as codes

SECRET = b"12345678901234567890"
"""The secret of RFC 6238, appendix B, for HMAC-SHA-1."""

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_the_standard(seconds: int, code: str) -> None:
    assert codes.code_of(SECRET, seconds // codes.STEP, 8) == code
    at = datetime.fromtimestamp(seconds, UTC)
    assert codes.step_of(SECRET, code[-6:], at, 0) == seconds // codes.STEP


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(steps: int, taken: bool) -> None:
    step = codes.step_at(NOW) + steps
    found = codes.step_of(SECRET, codes.code_of(SECRET, step), NOW, 0)
    assert found == (step if taken else None)


def test_a_code_and_those_before_it_work_once() -> None:
    step = codes.step_at(NOW)
    for earlier in (step - 1, step):
        assert codes.step_of(SECRET, codes.code_of(SECRET, earlier), NOW, step) is None
    assert codes.step_of(SECRET, codes.code_of(SECRET, step + 1), NOW, step) == step + 1


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    found = codes.step_of(SECRET, typed, NOW, 0)
    assert found is None or codes.code_of(SECRET, found) == codes.plain(typed)


def test_gaps_in_a_code_do_not_matter() -> None:
    code = codes.code_of(SECRET, codes.step_at(NOW))
    assert codes.step_of(SECRET, f" {code[:3]} {code[3:]}\n", NOW, 0) is not None


def test_the_link_is_what_apps_read_and_fits_a_button() -> None:
    link = codes.link(SECRET, "Voronka", "Ольга: Петрова")
    assert link.startswith("otpauth://totp/Voronka:%D0%9E")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Voronka" in link
    assert len(link) <= 256


def test_recovery_codes_open_once_each_however_they_are_typed() -> None:
    made = codes.new_recovery_codes()
    assert len(set(made)) == codes.RECOVERY_CODES
    kept = [codes.recovery_digest(one) for one in made]
    assert not set(made) & set(kept)
    left = codes.without(kept, made[3].upper().replace("-", " "))
    assert left is not None
    assert len(left) == codes.RECOVERY_CODES - 1
    assert codes.without(left, made[3]) is None
    assert codes.without(kept, "123456") is None


def test_waits_grow_and_end_somewhere() -> None:
    waits = [codes.wait_after(wrong) for wrong in range(1, 40)]
    assert waits[: codes.FREE_TRIES - 1] == [timedelta()] * (codes.FREE_TRIES - 1)
    assert waits[codes.FREE_TRIES - 1] == codes.FIRST_WAIT
    assert waits == sorted(waits)
    assert waits[-1] == codes.LONGEST_WAIT
