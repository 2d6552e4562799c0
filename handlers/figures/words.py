"""Spans of time and shares in words."""

from datetime import timedelta

from babel.dates import format_timedelta

from locales import current_language


def span(value: timedelta | None) -> str:
    """About how long; a dash where nothing was measured."""
    if value is None:
        return "—"
    return str(format_timedelta(value, threshold=1.5, locale=current_language()))


def percent(value: int | None) -> str:
    return "—" if value is None else f"{value} %"
