"""A connector that people make: what they choose, as data in an integration's mapping. Pure.

format = "json"                  or "xml"
records = "$.items[*]"           where the purchases are in an answer
[request]
since = "since"                  the parameter that asks for changes since a moment; none: all are told
since_as = "local"               local, utc, date or unix
until = ""                       the parameter of the end, if there is one
[request.params]                 parameters that are always told
[paging]
kind = "cursor"                  none, page, offset, next_link or cursor
param = "cursor"                 the parameter of page, offset or cursor
first = 1                        the number of the first page
size_param = "limit"             the parameter of the size, size = 100
next = "$.next"                  where the next link or cursor is
[fields]                         expressions, see expressions.py; only date and amount are needed
[lines]                          each = "$.items[*]", title, quantity, amount, price, item, group
[words]                          refund and cancelled: the words that mean it
one = "/{id}"                    the path of one purchase below the address, if there is one
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_adapters.custom.expressions import Expression, expression
from domain.errors import BadInput

FORMATS = ("json", "xml")
PAGINGS = ("none", "page", "offset", "next_link", "cursor")
SINCE_AS = ("local", "utc", "date", "unix")
FIELDS = ("id", "date", "amount", "phone", "customer", "currency", "description", "kind", "cancelled",
          "refers_to", "changed_at", "revision")  # fmt: skip
LINE = ("title", "quantity", "amount", "price", "item", "group")
MOST_SIZE, MOST_PARAMS, LONGEST = 1000, 20, 200

DEFAULT_MAPPING: Mapping[str, Any] = {
    "format": "json",
    "records": "$.items[*]",
    "one": "",
    "point": "",
    "request": {"since": "since", "since_as": "local", "until": "", "params": {}},
    "paging": {"kind": "none", "param": "", "first": 1, "size_param": "", "size": 100, "next": ""},
    "fields": {"id": "id", "date": "date", "amount": "amount", "phone": "customer_phone",
               "currency": "currency", "cancelled": "deleted", "description": "description"},
    "lines": {},
    "words": {"refund": ["refund", "return"], "cancelled": ["true", "1", "yes", "cancelled", "deleted"]},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paging:
    """How an answer leads to the next one."""

    kind: str = "none"
    param: str = ""
    first: int = 1
    size_param: str = ""
    size: int = 100
    next: Expression | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """A connector's choices, checked. `holder` leads to the list of records, be it empty. `point` "." says
    that a lone dot is always a decimal one."""

    xml: bool
    records: Expression
    holder: Expression
    fields: Mapping[str, Expression]
    paging: Paging
    since: str = ""
    since_as: str = "local"
    until: str = ""
    params: tuple[tuple[str, str], ...] = ()
    each: Expression | None = None
    line: Mapping[str, Expression] = field(default_factory=dict)
    refund: frozenset[str] = frozenset()
    cancelled: frozenset[str] = frozenset()
    one: str = ""
    point: str = ""


def config_of(mapping: Mapping[str, Any]) -> Config:
    """Raises BadInput("mapping", "invalid") with the place (`at`) of the first thing that cannot be."""
    xml = _choice(mapping, "format", FORMATS, "format") == "xml"
    request, words = _table(mapping, "request"), _table(mapping, "words")
    given = _table(mapping, "fields")
    fields = {name: _expression(text, f"fields.{name}", xml) for name, text in given.items() if text}
    for name in set(fields) - set(FIELDS) or {"date", "amount"} - set(fields):
        raise _bad(f"fields.{name}")
    lines = _table(mapping, "lines")
    line = {name: _expression(text, f"lines.{name}", xml) for name, text in lines.items() if text}
    for name in set(line) - {*LINE, "each"}:
        raise _bad(f"lines.{name}")
    each = line.pop("each", None)
    params = _table(request, "params")
    if len(params) > MOST_PARAMS:
        raise _bad("request.params")
    records = _expression(mapping.get("records"), "records", xml)
    return Config(
        xml,
        records,
        _expression(_holder(records.text, xml), "records", xml),
        fields,
        _paging(_table(mapping, "paging"), xml),
        _text(request, "since", "request.since"),
        _choice(request, "since_as", SINCE_AS, "request.since_as"),
        _text(request, "until", "request.until"),
        tuple((str(name)[:LONGEST], str(value)[:LONGEST]) for name, value in params.items()),
        each,
        line,
        _words(words, "refund"),
        _words(words, "cancelled"),
        _text(mapping, "one", "one"),
        "." if mapping.get("point") == "." else "",
    )


def _paging(given: Mapping[str, Any], xml: bool) -> Paging:
    kind = _choice(given, "kind", PAGINGS, "paging.kind")
    needs_next = kind in ("next_link", "cursor")
    following = _expression(given.get("next"), "paging.next", xml) if needs_next else None
    param, size = _text(given, "param", "paging.param"), given.get("size", 100)
    if kind in ("page", "offset", "cursor") and not param:
        raise _bad("paging.param")
    first = given.get("first", 1)
    if not isinstance(size, int) or not 0 < size <= MOST_SIZE:
        raise _bad("paging.size")
    if not isinstance(first, int) or first not in (0, 1):
        raise _bad("paging.first")
    return Paging(kind, param, first, _text(given, "size_param", "paging.size_param"), size, following)


def _holder(records: str, xml: bool) -> str:
    """The path of the list, out of the path of its records."""
    if xml and not records.startswith("$"):
        return records.rpartition("/")[0].rstrip("/") or "."
    return records.removesuffix("[*]").removesuffix(".*") or "$"


def _bad(at: str) -> BadInput:
    return BadInput("mapping", "invalid", at=at)


def _table(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name) or {}
    if not isinstance(found, Mapping):
        raise _bad(name)
    return found


def _text(given: Mapping[str, Any], name: str, at: str) -> str:
    found = given.get(name) or ""
    if not isinstance(found, str) or len(found) > LONGEST or not found.isprintable():
        raise _bad(at)
    return found


def _choice(given: Mapping[str, Any], name: str, known: tuple[str, ...], at: str) -> str:
    found = given.get(name) or known[0]
    if found not in known:
        raise _bad(at)
    return str(found)


def _expression(text: Any, at: str, xml: bool) -> Expression:
    try:
        return expression(text, xml=xml)
    except ValueError:
        raise _bad(at) from None


def _words(given: Mapping[str, Any], name: str) -> frozenset[str]:
    found = given.get(name) or ()
    if not isinstance(found, list | tuple):
        raise _bad(f"words.{name}")
    return frozenset(str(word).strip().casefold()[:LONGEST] for word in found[:50])
