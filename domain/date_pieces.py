"""What a text may say of a moment: words and numbers, and the pieces that they make."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}:\d{2}(?!\d)|\d{1,2}[./,-]\d{1,2}(?!\d)"
    r"|\d+|[^\W\d_]+(?:['.-][^\W\d_]+)*\.?|[^\s\w]"
)


@dataclass(frozen=True, slots=True)
class Phrases:
    """Kind -> the words of a phrase -> value. Kinds are the tables of locales/date_words.toml."""

    of: Mapping[str, Mapping[tuple[str, ...], str]]

    def at(self, kind: str, tokens: "list[Token]", start: int) -> tuple[str, int] | None:
        """The value of the longest phrase of a kind that stands at `start`, and how many tokens it takes."""
        known = self.of.get(kind, {})
        for length in (5, 4, 3, 2, 1):
            words = tuple(one.word for one in tokens[start : start + length])
            if len(words) == length and words in known:
                return known[words], length
        return None


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a number in small letters, and where it stands."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day: `kind` is offset, weekday, next_weekday, week, number, date (day, month) or full (with a year);
    either is a date whose order of day and month is not known."""

    kind: str
    values: tuple[int, ...]
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour (24: the end of the day) and a minute; `sure` where it cannot be the other half of the day."""

    hour: int
    minute: int = 0
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """From now on."""

    minutes: int = 0
    days: int = 0
    months: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Bare:
    """A number alone: an hour, or the number of a day."""

    number: int


Piece = Day | Clock | Span | Part | Bare


def tokens_of(text: str) -> list[Token]:
    folded = text.lower().replace("\u0451", "\u0435")
    return [Token(one.group().rstrip("."), one.start(), one.end()) for one in _TOKEN.finditer(folded)]


def in_part(hour: int, part: str) -> int:
    """The hour of 24 that an hour of a part of the day is: 3 of the afternoon is 15, 12 of the night 0."""
    if hour > 12:
        return hour
    if part in ("pm", "noon", "afternoon", "evening", "tonight"):
        return hour % 12 + 12 if hour < 12 else 12 if part != "evening" else 24
    if part == "night":
        return hour + 12 if 8 <= hour < 12 else 24 if hour == 12 else hour
    return hour % 12 if part == "am" or hour == 12 else hour
