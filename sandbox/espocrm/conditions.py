"""The `where` of a search: types of conditions and how a record is held against them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sandbox.espocrm import addresses, linking, periods, render
from sandbox.espocrm.acl import Actor, forbidden_attributes
from sandbox.espocrm.answers import refusal
from sandbox.espocrm.schema import Entity, attribute_fields
from sandbox.espocrm.state import Record, State

Test = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Search:
    """Who searches in what."""

    state: State
    actor: Actor
    entity: Entity


def check(search: Search, items: list[Any]) -> None:
    """400 for an unknown or a forbidden attribute and for an unknown type."""
    known = set(attribute_fields(search.entity)) | set(search.entity.fields) | {"id", "deleted"}
    known |= {"phoneNumberNumeric"} if "phoneNumber" in known else set()
    closed = forbidden_attributes(search.state, search.actor, search.entity.name, "read")
    for item in items:
        kind = item.get("type") if isinstance(item, dict) else None
        if kind in GROUPS:
            check(search, _inner(item))
            continue
        attribute = item.get("attribute") or item.get("field") if isinstance(item, dict) else None
        if attribute in closed:
            text = f"Forbidden attribute '{attribute}' in where."
            raise refusal(400, text if search.state.is_10 else f"{text} {text}")
        if attribute is not None and attribute not in known and attribute not in search.entity.children:
            raise refusal(400, f"Not existing attribute '{attribute}' in where.")
        if kind not in TESTS and kind not in LINK_TESTS and kind not in periods.PERIODS:
            raise refusal(400, f"Unknown where item type '{kind}'.")


def matches(search: Search, item: dict[str, Any], record: Record) -> bool:
    """Whether the record fits one condition."""
    kind = item["type"]
    if kind in GROUPS:
        return GROUPS[kind]([matches(search, inner, record) for inner in _inner(item)])
    attribute = str(item.get("attribute") or item.get("field"))
    if kind in LINK_TESTS:
        return LINK_TESTS[kind](_linked(search, attribute, record), _as_list(item.get("value")))
    found = _values(search, attribute, record)
    if kind in periods.PERIODS:
        bounds = periods.PERIODS[kind](periods.Asked.of(search.state.clock.calendar(), item))
        return any(periods.falls(value, bounds) for value in found)
    test, negated = TESTS[kind]
    return any(test(value, item.get("value")) for value in found) is not negated


def may_match(search: Search, items: list[dict[str, Any]]) -> set[str] | None:
    """Ids of the records that can fit all of the conditions; None where no index tells."""
    told = [ids for item in items if (ids := _told(search, item)) is not None]
    return set.intersection(*told) if told else None


def _told(search: Search, item: dict[str, Any]) -> set[str] | None:
    state, entity = search.state, search.entity.name
    if item["type"] == "and":
        return may_match(search, _inner(item))
    if item["type"] == "or":
        parts = [_told(search, inner) for inner in _inner(item)]
        known = [part for part in parts if part is not None]
        return set[str]().union(*known) if len(known) == len(parts) else None
    attribute, wanted = str(item.get("attribute") or item.get("field")), item.get("value")
    if item["type"] != "equals" or attribute == "name" or not isinstance(wanted, str):
        return None
    values = partial(addresses.searched, attribute)
    return state.indexes.ids(entity, attribute, wanted, values, state.all(entity))


def _inner(item: dict[str, Any]) -> list[Any]:
    value = item.get("value")
    return value if isinstance(value, list) else []


def _values(search: Search, attribute: str, record: Record) -> list[Any]:
    """The values to compare: all numbers and addresses of a record, not only the primary ones."""
    if attribute == "name":
        return [render.display_name(search.state, search.entity.name, record)]
    return addresses.searched(attribute, record)


def _linked(search: Search, link: str, record: Record) -> set[str]:
    if link in search.entity.children:
        return {item["id"] for item in linking.related(search.state, search.entity, record, link)[1]}
    several, single = record.get(f"{link}Ids") or [], record.get(f"{link}Id")
    return {*several, *([single] if single else [])}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else ([] if value is None else [value])


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _pair(value: Any, wanted: Any) -> tuple[Any, Any]:
    if isinstance(value, bool):
        return value, str(wanted).lower() in ("1", "true")
    if isinstance(value, (int, float)):
        try:
            return float(value), float(wanted)
        except (TypeError, ValueError):
            return value, wanted
    return _fold(value), _fold(str(wanted) if isinstance(wanted, (int, float)) else wanted)


def _equals(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return any(_equals(value, item) for item in wanted)
    one, other = _pair(value, wanted)
    return value is not None and one == other


def _compare(decide: Callable[[Any, Any], bool]) -> Test:
    def test(value: Any, wanted: Any) -> bool:
        one, other = _pair(value, wanted)
        return value is not None and type(one) is type(other) and decide(one, other)

    return test


def _like(value: Any, wanted: Any) -> bool:
    pattern = "".join(
        ".*" if char == "%" else "." if char == "_" else re.escape(char) for char in str(wanted or "")
    )
    return value is not None and re.fullmatch(pattern, str(value), re.I | re.S) is not None


def _text(decide: Callable[[str, str], bool]) -> Test:
    return lambda value, wanted: (
        value is not None and decide(str(value).casefold(), str(wanted or "").casefold())
    )


def _in(value: Any, wanted: Any) -> bool:
    return any(_equals(value, item) for item in _as_list(wanted))


def _array_any(value: Any, wanted: Any) -> bool:
    return bool(set(_as_list(value)) & set(_as_list(wanted)))


def _array_all(value: Any, wanted: Any) -> bool:
    return set(_as_list(wanted)) <= set(_as_list(value))


def _between(value: Any, wanted: Any) -> bool:
    bounds = _as_list(wanted)
    return (
        len(bounds) == 2
        and _compare(lambda a, b: a >= b)(value, bounds[0])
        and _compare(lambda a, b: a <= b)(value, bounds[1])
    )


GREATER, LESS = _compare(lambda a, b: a > b), _compare(lambda a, b: a < b)
AT_LEAST, AT_MOST = _compare(lambda a, b: a >= b), _compare(lambda a, b: a <= b)

# type -> the test, and whether it must hold for none of the values
TESTS: dict[str, tuple[Test, bool]] = {
    "equals": (_equals, False),
    "notEquals": (_equals, True),
    "greaterThan": (GREATER, False),
    "after": (GREATER, False),
    "lessThan": (LESS, False),
    "before": (LESS, False),
    "greaterThanOrEquals": (AT_LEAST, False),
    "lessThanOrEquals": (AT_MOST, False),
    "between": (_between, False),
    "isNull": (lambda value, _: value is None, False),
    "isNotNull": (lambda value, _: value is None, True),
    "isTrue": (lambda value, _: value is True, False),
    "isFalse": (lambda value, _: value is True, True),
    "in": (_in, False),
    "notIn": (_in, True),
    "contains": (_text(lambda value, wanted: wanted in value), False),
    "notContains": (_text(lambda value, wanted: wanted in value), True),
    "startsWith": (_text(str.startswith), False),
    "endsWith": (_text(str.endswith), False),
    "like": (_like, False),
    "notLike": (_like, True),
    "arrayAnyOf": (_array_any, False),
    "arrayNoneOf": (_array_any, True),
    "arrayAllOf": (_array_all, False),
    "arrayIsEmpty": (lambda value, _: bool(value), True),
    "arrayIsNotEmpty": (lambda value, _: bool(value), False),
}

LINK_TESTS: dict[str, Callable[[set[str], list[Any]], bool]] = {
    "linkedWith": lambda linked, wanted: bool(linked & set(wanted)),
    "notLinkedWith": lambda linked, wanted: not linked & set(wanted),
    "isLinked": lambda linked, _: bool(linked),
    "isNotLinked": lambda linked, _: not linked,
}

GROUPS: dict[str, Callable[[list[bool]], bool]] = {
    "and": all,
    "or": any,
    "not": lambda results: not all(results),
}
