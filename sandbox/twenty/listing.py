"""Lists: filter, order, cursors, and the records that a record names."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from sandbox.twenty.answers import bad
from sandbox.twenty.filters import test_of
from sandbox.twenty.schema import MANY_TO_ONE, Object
from sandbox.twenty.state import Record, State

MOST = 60
_ORDER = re.compile(r"(?P<field>[\w.]+)(\[(?P<way>\w+)\])?")
_WAYS = ("AscNullsFirst", "AscNullsLast", "DescNullsFirst", "DescNullsLast")


def page(state: State, about: Object, query: Mapping[str, str]) -> dict[str, Any]:
    """One page of records with `pageInfo` and `totalCount`. Refusal 400."""
    wanted = query.get("filter", "")
    if not state.ways.json_is_searched and ".additional" in wanted:
        raise bad("operator like not available for JSON")
    test = test_of(about, wanted)
    shows_deleted = "deletedAt" in wanted
    found = [
        record
        for record in state.table(about.plural).values()
        if (shows_deleted or not record["deletedAt"]) and test(record)
    ]
    found = _ordered(about, found, query.get("order_by", ""))
    total, limit = len(found), _limit(query.get("limit"))
    found, more = _cut(found, limit, query)
    deep = depth(query)
    return {
        "data": {about.plural: [shown(state, about, record, deep) for record in found]},
        "pageInfo": {
            "hasNextPage": more,
            "startCursor": _cursor(found[0]) if found else None,
            "endCursor": _cursor(found[-1]) if found else None,
        },
        "totalCount": total,
    }


def _limit(given: str | None) -> int:
    if given is None:
        return MOST
    if not given.isdigit():
        raise bad(f"limit '{given}' is invalid. Should be an integer")
    return min(int(given), MOST)


def depth(query: Mapping[str, str]) -> int:
    """0 or 1; 1 unless told otherwise."""
    given = query.get("depth", "1")
    if given not in ("0", "1"):
        raise bad(f"'depth={given}' parameter invalid. Allowed values are 0, 1")
    return int(given)


def _ordered(about: Object, found: list[Record], order: str) -> list[Record]:
    for part in reversed([one for one in order.split(",") if one]):
        match = _ORDER.fullmatch(part)
        way = (match["way"] or "AscNullsFirst") if match else ""
        if match is None or way not in _WAYS or match["field"].partition(".")[0] not in about.by_column():
            raise bad(f"'order_by' invalid for '{part}'")
        name, last = match["field"], way.endswith("Last")
        empty = [record for record in found if record.get(name) is None]
        full = [record for record in found if record.get(name) is not None]
        full.sort(key=lambda record: record[name], reverse=way.startswith("Desc"))
        found = [*full, *empty] if last else [*empty, *full]
    return found


def _cut(found: list[Record], limit: int, query: Mapping[str, str]) -> tuple[list[Record], bool]:
    after, before = query.get("starting_after"), query.get("ending_before")
    if before:
        start = _place(found, before)
        return found[max(0, start - limit) : start], start - limit > 0
    begin = _place(found, after) + 1 if after else 0
    return found[begin : begin + limit], len(found) > begin + limit


def _place(found: list[Record], cursor: str) -> int:
    try:
        wanted = json.loads(base64.b64decode(cursor, validate=True))["id"]
    except (ValueError, KeyError, TypeError):
        raise bad(f"Invalid cursor: {cursor[:40]}") from None
    for place, record in enumerate(found):
        if record["id"] == wanted:
            return place
    raise bad(f"Invalid cursor: {cursor[:40]}")


def _cursor(record: Record) -> str:
    return base64.b64encode(json.dumps({"id": record["id"]}).encode()).decode()


def shown(state: State, about: Object, record: Record, deep: int) -> Record:
    """A record as the API shows it; with depth 1 the records it names stand in it."""
    made: Record = {}
    for name, field in about.by_column().items():
        value = record.get(name)
        made[name] = dict(value) if isinstance(value, dict) else value
        if field.type == "CURRENCY" and state.ways.micros_as_text and value:
            micros = value["amountMicros"]
            made[name]["amountMicros"] = None if micros is None else str(micros)
        if deep and field.relation == MANY_TO_ONE:
            target = state.named(field.target)
            other = state.find(target.plural, str(value)) if value else None
            made[field.name] = shown(state, target, other, 0) if other else None
    return made
