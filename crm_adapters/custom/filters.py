"""What a template may do to a value. Pure, and bounded: whatever comes in, what goes out is short."""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from jinja2.runtime import Undefined

LONGEST_TEXT = 2000
MOST_ITEMS = 1000
MOST = Decimal(10) ** 18
PLACES = 6


def cut(value: Any) -> Any:
    """A text no longer than a value may be, a list no longer than a record's lines; others as they are."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    return value[:MOST_ITEMS] if isinstance(value, list) else value


def number_of(value: Any) -> Decimal:
    """Raises TypeError for what is no number, ValueError for one beyond all sums of money."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError("no number")
    if isinstance(value, int) and value.bit_length() > 64:
        raise ValueError("too big")
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite() or abs(number) > MOST:
        raise ValueError("too big")
    return number


def shown(value: Any) -> str:
    """A value as a text: true and false in small letters, no exponents; an object or a list is nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        text = f"{value.quantize(Decimal(1).scaleb(-PLACES)):f}" if value else "0"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value) if isinstance(value, str | int | float) else ""


def _read(value: Any) -> Decimal:
    """A number, or a text that is one: with a comma or a point, and blanks between."""
    if not isinstance(value, str):
        return number_of(value)
    plain = re.sub(r"\s", "", value[:60]).replace(",", ".")
    if not re.fullmatch(r"[+-]?\d{1,20}(\.\d{1,20})?", plain, re.ASCII):
        raise ValueError("no number")
    return number_of(Decimal(plain))


def _whole(value: Any) -> int:
    return int(_read(value))


def _round(value: Any, places: Any = 0) -> Decimal:
    digits = min(max(int(number_of(places)), 0), PLACES)
    try:
        return _read(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    except InvalidOperation:
        raise ValueError("too big") from None


def _items(value: Any) -> list[Any]:
    if isinstance(value, str):
        return list(value[:MOST_ITEMS])
    return list(value[:MOST_ITEMS]) if isinstance(value, list | tuple) else []


def _of(value: Any, attribute: Any) -> list[Any]:
    """The named member of each object of a list."""
    return [cut(one[attribute]) for one in _items(value) if isinstance(one, Mapping) and attribute in one]


def _text(change: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda value: str(cut(change(str(cut(shown(value))))))


def _first(value: Any) -> Any:
    return next(iter(_items(value)), "")


def _last(value: Any) -> Any:
    return next(reversed(_items(value)), "")


def _default(value: Any, instead: Any = "", even_empty: Any = False) -> Any:
    lacks = isinstance(value, Undefined) or value is None or (even_empty is True and not value)
    return instead if lacks else value


def _join(value: Any, between: Any = "", attribute: Any = None) -> str:
    found = _of(value, attribute) if attribute is not None else _items(value)
    return str(cut(shown(between).join(shown(one) for one in found)))


def _split(value: Any, at: Any = None) -> list[str]:
    return shown(value).split(shown(at) if at else None, MOST_ITEMS)[:MOST_ITEMS]


def _replace(value: Any, old: Any, new: Any) -> str:
    return str(cut(str(cut(shown(value))).replace(shown(old), str(cut(shown(new))))))


def _sum(value: Any, attribute: Any = None) -> Decimal:
    found = _of(value, attribute) if attribute is not None else _items(value)
    return number_of(sum((_read(one) for one in found), Decimal(0)))


FILTERS: Mapping[str, Callable[..., Any]] = {
    "abs": lambda value: abs(_read(value)),
    "capitalize": _text(str.capitalize),
    "date": _text(lambda text: text[:10]),
    "default": _default,
    "digits": _text(lambda text: re.sub(r"\D", "", text)),
    "first": _first,
    "float": _read,
    "int": _whole,
    "join": _join,
    "last": _last,
    "length": lambda value: len(_items(value)),
    "lower": _text(str.lower),
    "map": lambda value, attribute: _of(value, attribute),
    "replace": _replace,
    "round": _round,
    "split": _split,
    "string": _text(str),
    "sum": _sum,
    "trim": _text(str.strip),
    "upper": _text(str.upper),
}
