"""How a setting's text becomes its value. A reader takes the text of a variable, or the value itself where
code gives it, and raises ValueError for what the setting cannot be."""

import math
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import SplitResult, urlsplit

Reader = Callable[[Any], Any]

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
FLAGS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
_WAIT = re.compile(r"(\d{1,6})([smhd])")


def text(value: object) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise ValueError
    return value


def checked(*checks: Callable[[str], str]) -> Reader:
    """A text that passes; an empty one is not set, and always does."""

    def read(value: object) -> str:
        found = text(value)
        for check in checks if found else ():
            found = check(found)
        return found

    return read


def matching(pattern: str) -> Reader:
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError
        return value

    return checked(check)


def short(most: int) -> Reader:
    def check(value: str) -> str:
        if len(value) > most:
            raise ValueError
        return value

    return checked(check)


def one_of(known: Callable[[], Iterable[str]] | Iterable[str]) -> Reader:
    """One of those, which are looked up when the setting is read."""

    def read(value: object) -> str:
        if value not in frozenset(known() if callable(known) else known):
            raise ValueError
        return text(value)

    return read


def address(*schemes: str) -> Reader:
    def check(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not (parts.netloc or parts.path) or _bad_port(parts):
            raise ValueError
        return value

    return checked(check)


def _bad_port(parts: SplitResult) -> bool:
    # reading the port raises ValueError when it is no number
    return parts.port == 0


def web_address(value: object) -> str:
    """Without a slash at its end."""
    found = text(value)
    if found and not (re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", found) and urlsplit(found).hostname):
        raise ValueError
    return found.rstrip("/")


def flag(value: object) -> bool:
    found = FLAGS.get(str(value).strip().lower())
    if found is None:
        raise ValueError
    return found


def number(least: int, most: int) -> Reader:
    """A whole number within these."""

    def read(value: Any) -> int:
        found = int(value)
        if not least <= found <= most:
            raise ValueError
        return found

    return read


def seconds(most: float) -> Reader:
    """More than nothing, and at most so many."""

    def read(value: Any) -> float:
        found = float(value)
        if not (math.isfinite(found) and 0 < found <= most):
            raise ValueError
        return found

    return read


def items(item: Reader = str) -> Callable[[Any], tuple[Any, ...]]:
    """Values separated by commas or spaces."""

    def read(value: Any) -> tuple[Any, ...]:
        given = re.split(r"[,\s]+", value) if isinstance(value, str) else value
        return tuple(item(one) for one in given if one != "")

    return read


def checked_items(check: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Reader:
    return lambda value: check(items()(value))


def wait(value: object) -> timedelta:
    """A whole number and its unit."""
    if isinstance(value, timedelta):
        return value
    found = _WAIT.fullmatch(text(value).strip())
    if found is None:
        raise ValueError
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def waits(value: object) -> tuple[timedelta, ...]:
    """At least one."""
    found = items(wait)(value)
    if not found:
        raise ValueError
    return found


def long_wait(value: object) -> timedelta:
    """At least a second."""
    found = wait(value)
    if found < timedelta(seconds=1):
        raise ValueError
    return found
