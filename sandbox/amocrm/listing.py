"""Lists: pages without totals, search over all fields, filters that are a paid add-on."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.amocrm import entities, fields
from sandbox.amocrm.answers import NOTHING, Reply, problem
from sandbox.amocrm.state import Record, State

Query = list[tuple[str, str]]
LONGEST_PAGE = 250
SHORTEST_QUERY = 3
_FILTER = re.compile(r"filter\[(?P<name>\w+)\](?P<rest>.*)")


def one(query: Query, name: str, default: str = "") -> str:
    """The last value of a parameter."""
    return next((value for key, value in reversed(query) if key == name), default)


def many(query: Query, name: str) -> list[str]:
    """All values of a filter, written with or without brackets at the end."""
    return [value for key, value in query if re.fullmatch(re.escape(name) + r"(\[\d*\])?", key)]


def included(query: Query) -> frozenset[str]:
    return frozenset(filter(None, one(query, "with").split(",")))


def page(
    state: State, path: str, name: str, found: Sequence[Any], query: Query, longest: int = LONGEST_PAGE
) -> Reply:
    """One page of `found` as HAL; 204 when it is empty. Raises Refusal 400 for a size beyond `longest`."""
    number, limit = one(query, "page", "1"), one(query, "limit", str(min(50, longest)))
    if not (number.isdigit() and limit.isdigit() and int(number) and 0 < int(limit) <= longest):
        raise problem(400, "Invalid page or limit")
    start = (int(number) - 1) * int(limit)
    part = list(found[start : start + int(limit)])
    if not part:
        return NOTHING
    address = f"{state.base_url}/api/v4/{path}"
    links = {"self": {"href": f"{address}?page={number}&limit={limit}"}}
    if start + len(part) < len(found):
        links["next"] = {"href": f"{address}?page={int(number) + 1}&limit={limit}"}
    return Reply(200, {"_page": int(number), "_links": links, "_embedded": {name: part}})


def records(state: State, entity: str, query: Query) -> Reply:
    """GET leads, contacts, companies."""
    found = state.live(entity)
    words = one(query, "query").strip()
    if words:
        found = [record for record in found if matches(state, entity, record, words)]
    if any(key.startswith("filter[") for key, _ in query):
        if not state.account["is_api_filter_enabled"]:
            raise problem(402, "Filtering is not available on this account")
        if not state.faults.is_on("filters_ignored"):
            found = [record for record in found if passes(record, query)]
    found.sort(key=_order(query), reverse=_descending(query))
    shown = [entities.shown(state, entity, record, included(query)) for record in found]
    return page(state, entity, entity, shown, query)


def matches(state: State, entity: str, record: Record, words: str) -> bool:
    """Fuzzy over all fields: part of any text, or of the digits of any value."""
    if len(words) < SHORTEST_QUERY:
        return False
    texts = [record["name"] or "", *fields.texts(record["values"])]
    if any(words.casefold() in text.casefold() for text in texts):
        return True
    digits = re.sub(r"\D", "", words)
    plain = not re.search(r"[^\d\s()+-]", words)
    return plain and len(digits) > SHORTEST_QUERY and any(digits in re.sub(r"\D", "", text) for text in texts)


def passes(record: Record, query: Query) -> bool:
    """The filters of the add-on: ids, ranges of moments, statuses, custom values."""
    for key, value in query:
        found = _FILTER.fullmatch(key)
        if found is None:
            continue
        name, rest = found["name"], found["rest"]
        if name == "custom_fields_values":
            field_id = int(re.findall(r"\d+", rest)[0])
            kept = [str(item["value"]) for item in record["values"].get(field_id, [])]
            if value not in kept:
                return False
        elif rest in ("[from]", "[to]"):
            if (record[name] < int(value)) if rest == "[from]" else (record[name] > int(value)):
                return False
        elif name != "statuses" and str(record.get(name)) not in many(query, f"filter[{name}]"):
            return False
    return True


def _order(query: Query) -> Callable[[Record], Any]:
    for key, _ in query:
        found = re.fullmatch(r"order\[(created_at|updated_at|id)\]", key)
        if found:
            return lambda record: (record[found[1]], record["id"])
    return lambda record: record["id"]


def _descending(query: Query) -> bool:
    return any(key.startswith("order[") and value == "desc" for key, value in query)
