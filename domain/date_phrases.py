"""The phrases in a text that name a day, an hour or a span of time. What words mean is given: see Phrases."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.date_pieces import Bare, Clock, Day, Part, Phrases, Piece, Span, Token, in_part, tokens_of

_MINUTES = {"minute": 1, "hour": 60}
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}
EXACT_BELOW = 100


@dataclass(slots=True)
class Found:
    """What a text says of a moment; `rest` is the text without it."""

    pieces: list[Piece] = field(default_factory=list)
    rest: str = ""


def find_phrases(text: str, phrases: Phrases) -> Found:
    """Everything in the text that names a moment, in its order."""
    reader = _Reader(tokens_of(text), phrases)
    found, places, at = Found(), list[tuple[Piece, range]](), 0
    while at < len(reader.tokens):
        start = at
        while phrases.at("filler", reader.tokens, at) or phrases.at("at", reader.tokens, at):
            if reader.read(at) is not None:
                break
            at += 1
        read = reader.read(at) if at < len(reader.tokens) else None
        if read is None:
            at = start + 1
            continue
        piece, length = read
        places.append((piece, range(start, at + length)))
        at += length
    kept = _without_strays(places)
    found.pieces += [piece for piece, _place in kept]
    taken = {index for _piece, place in kept for index in place}
    found.rest = _joined(text, reader.tokens, taken)
    return found


def _without_strays(places: list[tuple[Piece, range]]) -> list[tuple[Piece, range]]:
    """Numbers that name nothing are part of the rest: beside an hour a number alone, beside a day in words a
    number with a sign in it ("tomorrow at 15 about 1.5 million")."""
    pieces = [piece for piece, _place in places]
    timed = any(isinstance(one, Clock) or (isinstance(one, Span) and one.minutes) for one in pieces)
    dated = any(isinstance(one, Day) and one.kind in ("offset", "weekday") for one in pieces)

    def strays(piece: Piece) -> bool:
        numeric = isinstance(piece, Day) and piece.kind == "date" and piece.numeric
        return (timed and isinstance(piece, Bare)) or (timed and dated and numeric)

    return [one for one in places if not strays(one[0])]


def _joined(text: str, tokens: list[Token], taken: set[int]) -> str:
    """The text without the taken tokens, its spaces put right."""
    for index in sorted(taken, reverse=True):
        text = text[: tokens[index].start] + " " + text[tokens[index].end :]
    return " ".join(text.split()).strip(" ,;.:-")


class _Reader:
    """Reads one piece at a place."""

    def __init__(self, tokens: list[Token], phrases: Phrases) -> None:
        self.tokens, self.phrases = tokens, phrases
        self.readers: tuple[Callable[[int], tuple[Piece, int] | None], ...] = (
            self.span, self.numbered, self.next_day, self.half, self.named_hour, self.to_hour,
            self.month_first, self.number, self.word,
        )  # fmt: skip

    def read(self, at: int) -> tuple[Piece, int] | None:
        return next((read for one in self.readers if (read := one(at)) is not None), None)

    def value(self, kind: str, at: int) -> tuple[str, int] | None:
        return self.phrases.at(kind, self.tokens, at)

    def digits(self, at: int) -> int | None:
        word = self.tokens[at].word if at < len(self.tokens) else ""
        return int(word) if word.isdecimal() and len(word) <= 4 else None

    def amount(self, at: int) -> tuple[float, int] | None:
        """A number in digits or words."""
        word = self.tokens[at].word if at < len(self.tokens) else ""
        if re.fullmatch(r"\d{1,4}|\d{1,2}[.,]\d{1,2}", word):
            return float(word.replace(",", ".")), 1
        named = self.value("number", at)
        return (float(named[0]), named[1]) if named else None

    def span(self, at: int) -> tuple[Piece, int] | None:
        """ "in 2 hours 30 minutes", "in half an hour", "in a week"."""
        begins = self.value("in", at)
        if begins is None:
            return None
        at, start, total = at + begins[1], at, Span()
        while (one := self._span_part(at, first=total == Span())) is not None:
            total = Span(total.minutes + one[0].minutes, total.days + one[0].days,
                         total.months + one[0].months)  # fmt: skip
            at += one[1]
        return (total, at - start) if total != Span() else None

    def _span_part(self, at: int, *, first: bool) -> tuple[Span, int] | None:
        ready = self.value("span", at)
        if ready is not None:
            return Span(int(ready[0])), ready[1]
        amount, length = self.amount(at) or ((1.0, 0) if first else (0.0, 0))
        unit = self.value("unit", at + length)
        if not amount or unit is None:
            return None
        length += unit[1]
        if unit[0] in _MINUTES:
            return Span(round(amount * _MINUTES[unit[0]])), length
        if unit[0] in _DAYS:
            return Span(days=round(amount * _DAYS[unit[0]])), length
        return Span(months=round(amount * _MONTHS[unit[0]])), length

    def numbered(self, at: int) -> tuple[Piece, int] | None:
        """Digits with signs between them: dates and hours."""
        word = self.tokens[at].word
        if re.fullmatch(r"\d{4}-\d+-\d+", word):
            year, month, day = map(int, word.split("-"))
            return Day("full", (day, month, year)), 1
        if re.fullmatch(r"\d+([./])\d+\1\d+", word):
            day, month, year = map(int, re.split("[./]", word))
            return Day("full", (day, month, year + 2000 if year < EXACT_BELOW else year)), 1
        if re.fullmatch(r"\d{1,2}:\d{2}", word):
            return self._hour(at, *word.split(":"))
        if re.fullmatch(r"\d{1,2}[./-]\d{1,2}", word):
            return self._date_or_hour(at, word)
        return None

    def _date_or_hour(self, at: int, word: str) -> tuple[Piece, int] | None:
        first, second = re.split("[./-]", word)
        is_hour = len(second) == 2 and int(first) < 24 and int(second) < 60
        if is_hour and (int(second) > 12 or second == "00" or (at and self.value("at", at - 1))):
            return self._hour(at, first, second)
        if "-" in word:
            return None
        return Day("either" if "/" in word else "date", (int(first), int(second)), True), 1

    def next_day(self, at: int) -> tuple[Piece, int] | None:
        week = self.value("next_week", at)
        if week is not None:
            return Day("week", (1,)), week[1]
        follows = self.value("next", at)
        if follows is None:
            return None
        day = self.value("weekday", at + follows[1])
        return (Day("next_weekday", (int(day[0]),)), follows[1] + day[1]) if day else None

    def half(self, at: int) -> tuple[Piece, int] | None:
        """Half, or a quarter, of an hour that is counted to, apart or in one word."""
        of, hours = self.phrases.of.get("half_of", {}), self.phrases.of.get("hour_of", {})
        part, hour = self.value("half_of", at), self.value("hour_of", at + 1)
        if part and hour:
            return self._with_part(Clock((int(hour[0]) - 1) or 12, int(part[0])), at, 2)
        word = self.tokens[at].word
        for (begin,), minutes in of.items():
            ends = hours.get((word.removeprefix(begin).lstrip("-"),)) if word.startswith(begin) else None
            if ends:
                return self._with_part(Clock((int(ends) - 1) or 12, int(minutes)), at, 1)
        return None

    def named_hour(self, at: int) -> tuple[Piece, int] | None:
        named = self.value("clock", at)
        return (Clock(int(named[0]), 0, True), named[1]) if named else None

    def to_hour(self, at: int) -> tuple[Piece, int] | None:
        """ "half past two", "quarter to five"."""
        for kind, sign in (("past", 1), ("to", -1)):
            minutes = self.value(kind, at)
            hour = self.amount(at + minutes[1]) if minutes else None
            if minutes and hour and 1 <= hour[0] <= 23:
                whole = int(hour[0]) * 60 + sign * int(minutes[0])
                clock = Clock(whole // 60 or 12, whole % 60, hour[0] > 12)
                return self._with_part(clock, at, minutes[1] + hour[1])
        return None

    def month_first(self, at: int) -> tuple[Piece, int] | None:
        month, day = self.value("month", at), self.digits(at + 1)
        if month is None or day is None or not 1 <= day <= 31:
            return None
        suffix = self.value("suffix", at + 2)
        return self._with_year(Day("date", (day, int(month[0]))), at, 2 + (suffix[1] if suffix else 0))

    def number(self, at: int) -> tuple[Piece, int] | None:
        """A number by what stands beside it: a day of a month, an hour, or alone."""
        number = self.digits(at)
        length = 1
        if number is None:
            named = self.value("number", at)
            if named is None or "." in named[0] or not (at and self.value("at", at - 1)):
                return None
            number, length = int(named[0]), named[1]
        dash = length if at + 1 < len(self.tokens) and self.tokens[at + 1].word == "-" else 0
        suffix = self.value("suffix", at + length + dash)
        after = length + (dash + suffix[1] if suffix else 0)
        month = self.value("month", at + after)
        if month is not None:
            return self._with_year(Day("date", (number, int(month[0]))), at, after + month[1])
        if suffix is not None:
            return Day("number", (number,)), after
        return self._hour_alone(at, number, length)

    def _hour_alone(self, at: int, number: int, length: int) -> tuple[Piece, int] | None:
        unit = self.value("unit", at + length)
        if unit is not None and unit[0] == "hour":
            return self._with_part(Clock(number), at, length + unit[1]) if number <= 24 else None
        if self.value("part", at + length) is not None and number <= 24:
            return self._with_part(Clock(number), at, length)
        if unit is not None or number > 31:
            return None
        if at and self.value("at", at - 1) is not None and number <= 24:
            padded = self.tokens[at].word.startswith("0")
            return Clock(number, 0, padded), length
        return Bare(number), length

    def word(self, at: int) -> tuple[Piece, int] | None:
        if (evening := self.value("tonight", at)) is not None:
            return Part("tonight"), evening[1]
        for kind in ("offset", "weekday"):
            named = self.value("day" if kind == "offset" else kind, at)
            if named is not None:
                return Day(kind, (int(named[0]),)), named[1]
        part = self.value("part", at)
        return (Part(part[0]), part[1]) if part and part[0] not in ("am", "pm") else None

    def _hour(self, at: int, hour: str, minute: str) -> tuple[Piece, int] | None:
        return self._with_part(Clock(int(hour), int(minute), hour.startswith("0")), at, 1)

    def _with_part(self, clock: Clock, at: int, length: int) -> tuple[Piece, int]:
        """The hour as the part of the day that follows makes it: "3 pm" is 15."""
        part = self.value("part", at + length)
        if part is None:
            return clock, length
        return Clock(in_part(clock.hour, part[0]), clock.minute, True), length + part[1]

    def _with_year(self, day: Day, at: int, length: int) -> tuple[Piece, int]:
        year = self.digits(at + length)
        if year is None or not 2000 <= year <= 2200:
            return day, length
        return Day("full", (*day.values, year)), length + 1


def find_verb(text: str, phrases: Phrases) -> tuple[str, str] | None:
    """(kind of activity, the text after its verb) of a line that begins with what is to be done."""
    tokens = tokens_of(text)
    found = phrases.at("verb", tokens, 0)
    return (found[0], text[tokens[found[1] - 1].end :].strip(" ,:;.-")) if found else None
