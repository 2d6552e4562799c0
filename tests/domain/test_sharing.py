"""Turns by weight, hours, answer times and quiet hours, as plain rules."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest

from domain.answer_times import OPEN_TO_ALL, AnswerTime, answer_time, due_at, next_step
from domain.own_settings import WORKDAYS, Span
from domain.sharing import Rule, Share, first_that_holds, next_turn, within
from domain.urgency import quiet_until

MOSCOW = "Europe/Moscow"
DAY = "2026-03-02"
OFFICE = Span(time(9), time(18), WORKDAYS)
NIGHT = Span(time(22), time(8))


def at(text: str) -> datetime:
    """A moment of March 2026, in UTC; the 2nd is a Monday."""
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=UTC)


@pytest.mark.parametrize("weights", [(3, 1, 1), (1, 1), (5, 2, 3), (20, 1)])
def test_a_round_gives_everybody_exactly_their_weight(weights: tuple[int, ...]) -> None:
    shares = [Share(uuid4(), weight) for weight in weights]
    turns: dict[str, object] = {}
    got: Counter[UUID] = Counter()
    for _round in range(4):
        for place in range(1, sum(weights) + 1):
            chosen, turn, turns = next_turn(shares, turns, DAY)
            assert turn == place
            got[chosen.member_id] += 1
        assert [got[one.member_id] for one in shares] == [weight * (_round + 1) for weight in weights]


def test_turns_are_smooth_not_in_blocks() -> None:
    heavy, light = Share(uuid4(), 3), Share(uuid4(), 1)
    turns: dict[str, object] = {}
    order = []
    for _turn in range(8):
        chosen, _place, turns = next_turn([heavy, light], turns, DAY)
        order.append("H" if chosen is heavy else "l")
    assert "".join(order) == "HHlHHHlH"


def test_the_count_of_the_day_begins_anew_with_the_day() -> None:
    share = Share(uuid4())
    _chosen, _turn, turns = next_turn([share], {}, DAY)
    _chosen, _turn, turns = next_turn([share], turns, DAY)
    assert turns["given"] == {str(share.member_id): 2}
    _chosen, _turn, turns = next_turn([share], turns, "2026-03-03")
    assert turns["given"] == {str(share.member_id): 1}


def test_the_first_rule_that_holds_is_the_one() -> None:
    rules = [
        Rule(uuid4(), "off", enabled=False),
        Rule(uuid4(), "night", hours=Span(time(20), time(8))),
        Rule(uuid4(), "site", conditions={"source": ("website",), "region": ("Москва", "Орёл")}),
        Rule(uuid4(), "all"),
    ]

    def first(**lead: str) -> str:
        found = first_that_holds(rules, lead, at("02T09:00"), MOSCOW)
        return found.name if found is not None else ""

    assert first(source="website", region="москва") == "site"
    assert first(source="website", region="орел") == "site"
    assert first(source="website") == "all"
    assert first() == "all"
    found = first_that_holds(rules, {}, at("02T18:00"), MOSCOW)
    assert found is not None
    assert found.name == "night"


def test_hours_past_midnight_belong_to_the_day_they_begin_on() -> None:
    friday = Span(time(22), time(6), (4,))
    assert within(friday, at("06T20:00"), MOSCOW)
    assert within(friday, at("07T02:00"), MOSCOW)
    assert not within(friday, at("06T02:00"), MOSCOW)
    assert not within(friday, at("07T20:00"), MOSCOW)


@pytest.mark.parametrize(
    ("start", "minutes", "ends"),
    [
        ("02T06:00", 30, "02T06:30"),  # Monday 9:00 in Moscow
        ("02T14:50", 30, "03T06:20"),  # ten minutes are left of the day
        ("02T03:00", 30, "02T06:30"),  # before work
        ("06T14:50", 30, "09T06:20"),  # over the weekend
        ("07T10:00", 30, "09T06:30"),  # on the weekend
        ("02T06:00", 600, "03T07:00"),  # more than a day's work
        ("02T14:30", 30, "02T15:00"),  # to the very end
    ],
)
def test_an_answer_time_counts_working_hours_alone(start: str, minutes: int, ends: str) -> None:
    assert due_at(at(start), AnswerTime(minutes, OFFICE), MOSCOW) == at(ends)


def test_without_hours_the_clock_runs_day_and_night() -> None:
    assert due_at(at("06T22:00"), AnswerTime(90), MOSCOW) == at("06T23:30")


@pytest.mark.parametrize("kept", [None, 5, {}, {"minutes": "15"}, {"minutes": 0}, {"minutes": -5}])
def test_settings_that_make_no_sense_are_no_clock(kept: object) -> None:
    assert answer_time({"answer": kept}) is None
    assert answer_time({}) is None


def test_a_time_is_kept_and_read_back() -> None:
    for one in (AnswerTime(15), AnswerTime(20, OFFICE)):
        assert answer_time({"answer": one.as_json()}) == one


def test_steps_that_tell_nobody_are_passed() -> None:
    assert [next_step(done, assigned=True, head=True) for done in (0, 1, 2)] == [1, 2, OPEN_TO_ALL]
    assert next_step(0, assigned=False, head=True) == 2
    assert next_step(0, assigned=False, head=False) == OPEN_TO_ALL
    assert next_step(1, assigned=True, head=False) == OPEN_TO_ALL


@pytest.mark.parametrize(
    ("settings", "now", "until"),
    [
        ({}, "02T22:00", None),
        ({"quiet": NIGHT.as_json()}, "02T12:00", None),
        ({"quiet": NIGHT.as_json()}, "02T20:00", "03T05:00"),
        ({"quiet": NIGHT.as_json()}, "03T02:00", "03T05:00"),
        ({"hours": OFFICE.as_json()}, "02T12:00", None),
        ({"hours": OFFICE.as_json()}, "06T16:00", "09T06:00"),
        ({"hours": OFFICE.as_json(), "quiet": NIGHT.as_json()}, "02T20:00", "03T06:00"),
        ({"hours": OFFICE.as_json(), "quiet": {"from": "08:00", "to": "10:00"}}, "02T05:30", "02T07:00"),
    ],
)
def test_pushes_wait_for_the_end_of_quiet_hours(
    settings: dict[str, object], now: str, until: str | None
) -> None:
    assert quiet_until(settings, MOSCOW, at(now)) == (at(until) if until else None)


def test_hours_that_are_never_loud_do_not_hold_for_ever() -> None:
    settings = {"hours": OFFICE.as_json(), "quiet": {"from": "08:00", "to": "20:00"}}
    found = quiet_until(settings, MOSCOW, at("02T20:00"))
    assert found is not None
    assert found - at("02T20:00") <= timedelta(days=1)
    assert quiet_until(settings, MOSCOW, at("02T08:00")) is None
