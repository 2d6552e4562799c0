"""Filter, order and pages of lists."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sandbox.bitrix24.answers import Json, Refusal, Result
from sandbox.bitrix24.params import mapping, number

PAGE = 50
_PREFIX = re.compile(r"(?P<prefix>!=%|!%=|!@|!%|=%|%=|>=|<=|!=|>|<|@|%|=|!)?(?P<name>\w+)")

Names = Callable[[str], str | None]
"""The stored name of a field as it stands in a filter, None for one that cannot be filtered by."""


def select(
    records: Iterable[Json], params: Json, names: Names, first: str = "id", *, strict: bool = True
) -> tuple[list[Json], Result]:
    """The page of records, and a Result with `next` and `total` to put the shown ones into.

    `strict`: an unknown field is refused, as crm.item.list does; the older methods pass it over.
    """
    fits = condition(mapping(params.get("filter")), names, strict=strict)
    found = _ordered([r for r in records if fits(r)], mapping(params.get("order")) or {first: "ASC"}, names)
    start = number(params.get("start", 0)) or 0
    if start < 0:
        return found[:PAGE], Result(None)
    more = start + PAGE if len(found) > start + PAGE else None
    return found[start : start + PAGE], Result(None, more, len(found))


def condition(tree: Mapping[str, Any], names: Names, *, strict: bool = True) -> Callable[[Json], bool]:
    """A predicate of a filter, nested ones with `logic` included. Raises Refusal INVALID_ARG_VALUE."""
    parts: list[Callable[[Json], bool]] = []
    for key, value in tree.items():
        if key == "logic":
            continue
        if isinstance(value, Mapping) and key.isdigit():
            parts.append(condition(value, names, strict=strict))
            continue
        found = _PREFIX.fullmatch(key)
        name = names(found["name"]) if found else None
        if name is not None and found is not None:
            parts.append(_comparison(found["prefix"] or "=", name, value))
        elif strict:
            shown = found["name"] if found else key
            raise Refusal(
                400, "INVALID_ARG_VALUE", f"Invalid filter: field '{shown}' is not allowed in filter"
            )
    if str(tree.get("logic", "AND")).upper() == "OR":
        return lambda record: any(part(record) for part in parts)
    return lambda record: all(part(record) for part in parts)


def _comparison(prefix: str, name: str, wanted: Any) -> Callable[[Json], bool]:
    if prefix.startswith("!"):
        inner = _comparison(prefix[1:] or "=", name, wanted)
        return lambda record: not inner(record)
    if prefix == "@" or (prefix == "=" and isinstance(wanted, list | dict)):
        several = list(wanted.values()) if isinstance(wanted, dict) else wanted
        several = several if isinstance(several, list) else [several]
        # compared once each: lists of hundreds meet tables of thousands
        marks = frozenset(comparable(one) for one in several)
        texts = frozenset(_text(one) for one in several)
        return lambda record: _among(record.get(name), marks, texts)
    if "%" in prefix:
        return lambda record: str(wanted).strip("%").casefold() in _text(record.get(name))
    if prefix == "=":
        return lambda record: _equal(record.get(name), wanted)
    return lambda record: _compared(prefix, record.get(name), wanted)


def _compared(prefix: str, value: Any, wanted: Any) -> bool:
    if value is None:
        return False
    left, right = comparable(value), comparable(wanted)
    if type(left) is not type(right):
        left, right = str(value), str(wanted)
    return bool({">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[prefix])


def _equal(value: Any, wanted: Any) -> bool:
    if isinstance(value, list):
        return any(_equal(item, wanted) for item in value)
    return comparable(value) == comparable(wanted) or _text(value) == _text(wanted)


def _among(value: Any, marks: frozenset[Any], texts: frozenset[str]) -> bool:
    if isinstance(value, list):
        return any(_among(item, marks, texts) for item in value)
    return comparable(value) in marks or _text(value) in texts


def _text(value: Any) -> str:
    return "" if value in (None, False) else str(value).casefold()


def comparable(value: Any) -> Any:
    """A number or a moment where it is one, else the folded text."""
    text = str(value)
    if re.fullmatch(r"-?\d+(\.\d+)?", text) and len(text) < 18:
        return float(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _text(value)
    return moment.timestamp() if moment.tzinfo else _text(value)


def _ordered(records: list[Json], order: Json, names: Names) -> list[Json]:
    for key, direction in reversed(list(order.items())):
        name = names(key)
        if name is None:
            raise Refusal(400, "INVALID_ARG_VALUE", f"Invalid order: field '{key}' is not allowed in order")
        records = sorted(records, key=lambda r: _rank(r.get(name)), reverse=str(direction).upper() == "DESC")
    return records


def _rank(value: Any) -> tuple[int, float, str]:
    found = comparable(value)
    return (1, float(found), "") if isinstance(found, float) else (0, 0.0, str(found))
