"""A moment out of free text: a table of phrases in both languages, time zones, and what must never happen."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.date_pieces import Phrases
from domain.errors import BadInput
from domain.free_dates import Reading, read_moment, read_plan
from domain.local_time import local_moment
from locales.date_words import date_words

WORDS = Phrases(date_words())
MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=MOSCOW)
"""A Wednesday."""


def read(text: str, now: datetime = NOW, zone: ZoneInfo = MOSCOW) -> Reading:
    return read_moment(text, now, zone, WORDS)


def shown(moments: tuple[datetime, ...], zone: ZoneInfo = MOSCOW) -> list[str]:
    return [moment.astimezone(zone).strftime("%d.%m.%y %H:%M") for moment in moments]


CLEAR = {
    "завтра в 15": "05.03.26 15:00",
    "завтра 15": "05.03.26 15:00",
    "завтра к 15": "05.03.26 15:00",
    "завтра в 15:30": "05.03.26 15:30",
    "завтра в 15.30": "05.03.26 15:30",
    "завтра в 15-30": "05.03.26 15:30",
    "Завтра, в 9 утра": "05.03.26 09:00",
    "завтра в 7 вечера": "05.03.26 19:00",
    "завтра вечером в 7": "05.03.26 19:00",
    "завтра в три часа дня": "05.03.26 15:00",
    "завтра в 15 часов": "05.03.26 15:00",
    "завтра к 18 часам": "05.03.26 18:00",
    "завтра утром": "05.03.26 09:00",
    "завтра днём": "05.03.26 14:00",
    "завтра в обед": "05.03.26 13:00",
    "завтра после обеда": "05.03.26 14:00",
    "завтра вечером": "05.03.26 18:00",
    "завтра в полдень": "05.03.26 12:00",
    "завтра в полночь": "06.03.26 00:00",
    "завтра в 12 дня": "05.03.26 12:00",
    "послезавтра утром": "06.03.26 09:00",
    "после завтра в 11": "06.03.26 11:00",
    "сегодня в 18": "04.03.26 18:00",
    "сегодня в 3": "04.03.26 15:00",
    "вечером": "04.03.26 18:00",
    "утром": "05.03.26 09:00",
    "в 9": "05.03.26 09:00",
    "в 16:20": "04.03.26 16:20",
    "15.30": "04.03.26 15:30",
    "в пт 10:30": "06.03.26 10:30",
    "в пятницу в 10": "06.03.26 10:00",
    "пн 9": "09.03.26 09:00",
    "во вторник утром": "10.03.26 09:00",
    "в следующий понедельник в 11": "09.03.26 11:00",
    "на следующей неделе в 12": "09.03.26 12:00",
    "через 2 часа": "04.03.26 14:00",
    "через два часа": "04.03.26 14:00",
    "через пару часов": "04.03.26 14:00",
    "через час": "04.03.26 13:00",
    "через час 15 минут": "04.03.26 13:15",
    "через полчаса": "04.03.26 12:30",
    "через полтора часа": "04.03.26 13:30",
    "через 1,5 часа": "04.03.26 13:30",
    "через 15 мин": "04.03.26 12:15",
    "через неделю в 10": "11.03.26 10:00",
    "через 3 дня в 14:30": "07.03.26 14:30",
    "через месяц в 10": "04.04.26 10:00",
    "25.12 в 9": "25.12.26 09:00",
    "25.12.2026 в 9:15": "25.12.26 09:15",
    "25.12.26 09:15": "25.12.26 09:15",
    "25 декабря в 9 утра": "25.12.26 09:00",
    "25-го в 15": "25.03.26 15:00",
    "15 числа в 11": "15.03.26 11:00",
    "01.02 в 10": "01.02.27 10:00",
    "без четверти пять вечера": "04.03.26 16:45",
    "половина третьего дня": "04.03.26 14:30",
    "завтра в 10 позвонить Ивану": "05.03.26 10:00",
    "in 2 hours": "04.03.26 14:00",
    "in an hour": "04.03.26 13:00",
    "in half an hour": "04.03.26 12:30",
    "in an hour and a half": "04.03.26 13:30",
    "in 45 minutes": "04.03.26 12:45",
    "in 1 hour 30 minutes": "04.03.26 13:30",
    "in 3 days at 10": "07.03.26 10:00",
    "in two weeks at 9am": "18.03.26 09:00",
    "tomorrow 3pm": "05.03.26 15:00",
    "tomorrow at 3:15 pm": "05.03.26 15:15",
    "tomorrow at 15": "05.03.26 15:00",
    "tomorrow at noon": "05.03.26 12:00",
    "tomorrow morning": "05.03.26 09:00",
    "tomorrow in the afternoon": "05.03.26 14:00",
    "tomorrow at ten o'clock": "05.03.26 10:00",
    "day after tomorrow at 11": "06.03.26 11:00",
    "tonight": "04.03.26 20:00",
    "tonight at 9": "04.03.26 21:00",
    "this evening": "04.03.26 18:00",
    "at 5pm": "04.03.26 17:00",
    "12am": "05.03.26 00:00",
    "fri 10:30": "06.03.26 10:30",
    "on Friday at 14:00": "06.03.26 14:00",
    "next monday at 11": "09.03.26 11:00",
    "next week at 12": "09.03.26 12:00",
    "dec 25 at 5pm": "25.12.26 17:00",
    "December 25th 2026 9am": "25.12.26 09:00",
    "25 dec 09:30": "25.12.26 09:30",
    "2026-12-25 09:00": "25.12.26 09:00",
    "25/12 10:00": "25.12.26 10:00",
    "quarter to five pm": "04.03.26 16:45",
    "half past 14": "04.03.26 14:30",
}
UNCLEAR = {
    "полтретьего": ["04.03.26 14:30", "05.03.26 02:30"],
    "в половине третьего": ["04.03.26 14:30", "05.03.26 02:30"],
    "завтра в 3": ["05.03.26 03:00", "05.03.26 15:00"],
    "half past two": ["04.03.26 14:30", "05.03.26 02:30"],
    "15": ["04.03.26 15:00", "15.03.26 10:00"],
    "next friday 11:00": ["06.03.26 11:00", "13.03.26 11:00"],
    "в следующую пятницу в 11": ["06.03.26 11:00", "13.03.26 11:00"],
    "в среду в 15": ["04.03.26 15:00", "11.03.26 15:00"],
    "5/6 10:00": ["05.06.26 10:00", "06.05.26 10:00"],
}
DAYS = {
    "next monday": ["09.03.26"],
    "через неделю": ["11.03.26"],
    "in a week": ["11.03.26"],
    "завтра": ["05.03.26"],
    "8 марта": ["08.03.26"],
    "15 числа": ["15.03.26"],
    "в среду": ["04.03.26", "11.03.26"],
    "на следующей неделе": ["09.03.26"],
    "31-го": ["31.03.26"],
    "29.02": ["29.02.28"],
}
REFUSED = {
    "": "unreadable",
    "абракадабра": "unreadable",
    "позвонить Ивану": "unreadable",
    "завтра в 10:75": "unreadable",
    "tomorrow at 25": "unreadable",
    "завтра послезавтра": "unreadable",
    "завтра в 10 в 12": "unreadable",
    "через 2 часа в пятницу": "unreadable",
    "31.02 в 10": "no_such_day",
    "45.12 в 10": "no_such_day",
    "через 100 лет": "too_far",
    "через 9999 месяцев": "too_far",
    "25.12.2099 в 9": "too_far",
    "вчера в 15": "past",
    "yesterday": "past",
    "сегодня в 9": "past",
    "01.02.2020 в 10": "past",
}


@pytest.mark.parametrize(("text", "moment"), CLEAR.items())
def test_what_is_clear(text: str, moment: str) -> None:
    assert shown(read(text).moments) == [moment]


@pytest.mark.parametrize(("text", "moments"), UNCLEAR.items())
def test_what_a_person_has_to_choose_from(text: str, moments: list[str]) -> None:
    assert sorted(shown(read(text).moments)) == sorted(moments)


@pytest.mark.parametrize(("text", "days"), DAYS.items())
def test_days_without_an_hour(text: str, days: list[str]) -> None:
    reading = read(text)
    assert ([day.strftime("%d.%m.%y") for day in reading.days], reading.moments) == (days, ())


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_what_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text)
    assert (refused.value.field, refused.value.reason) == ("when", reason)


def test_the_table_is_as_long_as_promised() -> None:
    assert len(CLEAR) + len(UNCLEAR) + len(DAYS) >= 80


def test_a_past_moment_comes_with_the_next_one_that_it_could_be() -> None:
    for text, nearest in {"вчера в 15": "04.03.26 15:00", "сегодня в 9": "05.03.26 09:00"}.items():
        with pytest.raises(BadInput) as refused:
            read(text)
        assert shown((refused.value.params["nearest"],)) == [nearest]


def test_the_rest_is_what_it_is_about() -> None:
    assert read("завтра в 15 обсудить ставку 3%").rest == "обсудить ставку 3%"
    assert read("завтра в 15 про 1.5 млн и 20 квартир").rest == "про 1.5 млн и 20 квартир"
    assert read("discuss the rate on Friday at 10:30").rest == "discuss the rate"
    assert read("завтра в 15").rest == ""


def test_a_line_that_begins_with_what_is_to_be_done() -> None:
    kind, reading = read_plan("Позвонить завтра в 15 про ставку", NOW, MOSCOW, WORDS) or ("", Reading())
    assert (kind, shown(reading.moments), reading.rest) == ("call", ["05.03.26 15:00"], "про ставку")
    kind, reading = read_plan("meeting with Ivan on fri 11:00", NOW, MOSCOW, WORDS) or ("", Reading())
    assert (kind, shown(reading.moments), reading.rest) == ("meeting", ["06.03.26 11:00"], "Ivan")
    for text in ("Иван завтра в 15", "позвонить Ивану", "call me", "", "завтра"):
        assert read_plan(text, NOW, MOSCOW, WORDS) is None


def test_the_clocks_of_the_member_count_and_not_ours() -> None:
    for name, hours in {"Asia/Kolkata": 5.5, "Asia/Kathmandu": 5.75, "Australia/Adelaide": 10.5}.items():
        zone = ZoneInfo(name)
        [moment] = read("tomorrow at 15", NOW, zone).moments
        day = NOW.astimezone(zone).date() + timedelta(days=1)
        assert moment == datetime(day.year, day.month, day.day, 15, tzinfo=UTC) - timedelta(hours=hours)


def test_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    evening = datetime(2026, 3, 28, 20, 0, tzinfo=berlin)
    # from 2:00 to 3:00 on 29 March; back from 3:00 to 2:00 on 25 October
    assert shown(read("tomorrow at 02:30", evening, berlin).moments, berlin) == ["29.03.26 03:30"]
    assert shown(read("tomorrow at 15", evening, berlin).moments, berlin) == ["29.03.26 15:00"]
    assert read("in 12 hours", evening, berlin).moments == (evening.astimezone(UTC) + timedelta(hours=12),)
    autumn = datetime(2026, 10, 24, 20, 0, tzinfo=berlin)
    [twice] = read("tomorrow at 02:30", autumn, berlin).moments
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    assert (
        local_moment(date(2026, 10, 4), 2, 10, lord_howe).astimezone(lord_howe).strftime("%H:%M") == "02:40"
    )


ZONES = st.sampled_from(
    ("Europe/Moscow", "Asia/Kolkata", "America/St_Johns", "Europe/Berlin", "Pacific/Chatham", "UTC")
).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))


def read_or_refused(text: str, now: datetime, zone: ZoneInfo) -> Reading | BadInput:
    try:
        return read(text, now, zone)
    except BadInput as refused:
        return refused


@settings(deadline=None)
@given(st.text(max_size=80), MOMENTS, ZONES)
def test_any_text_is_read_or_refused_and_never_ends_in_the_past(
    text: str, now: datetime, zone: ZoneInfo
) -> None:
    reading = read_or_refused(text, now, zone)
    if isinstance(reading, BadInput):
        nearest = reading.params.get("nearest")
        assert reading.field == "when"
        assert nearest is None or (isinstance(nearest, datetime) and nearest > now)
        return
    assert reading.moments or reading.days
    assert all(moment > now - timedelta(seconds=1) for moment in reading.moments)
    assert list(reading.moments) == sorted(reading.moments)
    assert all(day >= now.astimezone(zone).date() for day in reading.days)


KNOWN = sorted({" ".join(phrase) for table in date_words().values() for phrase in table})


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([*KNOWN, "15", "3", "9:30", "25.12", "1/2", "2027-01-05", ",", "-"]), max_size=7
    ),
    MOMENTS,
    ZONES,
)
def test_any_heap_of_known_words_is_read_or_refused(words: list[str], now: datetime, zone: ZoneInfo) -> None:
    test_any_text_is_read_or_refused_and_never_ends_in_the_past.hypothesis.inner_test(
        " ".join(words), now, zone
    )


@settings(deadline=None)
@given(st.integers(0, 59), st.integers(8, 23), st.integers(1, 60), MOMENTS, ZONES)
def test_what_is_said_is_what_the_clock_shows(
    minute: int, hour: int, days: int, now: datetime, zone: ZoneInfo
) -> None:
    day = now.astimezone(zone).date() + timedelta(days=days)
    for text in (f"{day:%d.%m.%Y} в {hour}:{minute:02}", f"{day:%Y-%m-%d} {hour}:{minute:02}"):
        [moment] = read(text, now, zone).moments
        assert moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") == f"{day} {hour:02}:{minute:02}"


@settings(deadline=None)
@given(st.integers(1, 600), MOMENTS, ZONES)
def test_a_span_is_that_long_whatever_the_clocks_do(minutes: int, now: datetime, zone: ZoneInfo) -> None:
    for text in (f"через {minutes} минут", f"in {minutes} minutes"):
        [moment] = read(text, now, zone).moments
        assert abs(moment - now - timedelta(minutes=minutes)) < timedelta(seconds=1)
