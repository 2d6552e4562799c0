"""Time zones as people name them: by a city, in any of our languages."""

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import get_timezone_location

from domain.errors import BadInput
from locales import LANGUAGES, current_language
from services.people.profiles import read_time_zone

COMMON = (
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Omsk",
    "Asia/Krasnoyarsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Magadan",
    "Asia/Kamchatka",
    "Asia/Almaty",
    "Europe/Minsk",
    "Asia/Tashkent",
)


def read_zone(typed: str) -> str:
    """An IANA zone by its name or its city. Raises BadInput("time_zone", "invalid")."""
    try:
        return read_time_zone(typed)
    except BadInput:
        zone = _cities().get(typed.strip().casefold())
        if zone is None:
            raise
        return zone


@cache
def _cities() -> dict[str, str]:
    """City in lower case -> zone, in all our languages."""
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return {
        get_timezone_location(zone, locale=language, return_city=True).casefold(): zone
        for language in LANGUAGES
        for zone in [*zones, *COMMON]
    }


def zone_city(zone: str) -> str:
    """The zone's city in the current language."""
    return get_timezone_location(zone, locale=current_language(), return_city=True)


def zone_label(zone: str, now: datetime) -> str:
    """City and offset at `now` (aware), such as "Moscow, UTC+3"."""
    offset = now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    sign = "+" if minutes >= 0 else "−"
    hours, rest = divmod(abs(minutes), 60)
    return f"{zone_city(zone)}, UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
