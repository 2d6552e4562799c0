"""Hours of the week in words."""

from babel.dates import get_day_names

from domain.own_settings import Span
from locales import current_language


def span_word(span: Span | None, without: str) -> str:
    """From when to when, with the days unless it is all of them; `without` where there are no such hours."""
    if span is None:
        return without
    hours = f"{span.start:%H:%M}–{span.end:%H:%M}"
    return hours if len(span.days) == 7 else f"{hours}, {', '.join(day_word(day) for day in span.days)}"


def day_word(day: int) -> str:
    """A day of the week, shortened; 0 is Monday."""
    return str(get_day_names("short", "stand-alone", current_language())[day])
