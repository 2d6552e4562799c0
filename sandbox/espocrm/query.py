"""Query strings the way PHP reads them: `where[0][value][]=a` becomes nested lists and dicts."""

import json
import re
from collections.abc import Iterable
from typing import Any

_PART = re.compile(r"\[([^\]]*)\]")


def parse(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Nested parameters; keys that are all digits make lists."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        name, bracket, _ = key.partition("[")
        path = [name, *(_PART.findall(key) if bracket else [])]
        _put(root, path, value)
    return {key: _lists(value) for key, value in root.items()}


def _put(node: dict[str, Any], path: list[str], value: str) -> None:
    for depth, part in enumerate(path):
        key = str(len(node)) if part == "" else part
        if depth == len(path) - 1:
            node[key] = value
            return
        inner = node.setdefault(key, {})
        if not isinstance(inner, dict):
            node[key] = inner = {}
        node = inner


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(item) for key, item in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def search_params(query: dict[str, Any]) -> dict[str, Any]:
    """Search parameters, from the single JSON parameter `searchParams` when it is there."""
    whole = query.get("searchParams")
    if not isinstance(whole, str):
        return query
    try:
        parsed = json.loads(whole)
    except ValueError:
        return query
    return {**query, **parsed} if isinstance(parsed, dict) else query


def names(params: dict[str, Any], *keys: str) -> list[str] | None:
    """A list of names under one of the keys, given with commas or as a list; None when not given."""
    for key in keys:
        value = params.get(key)
        if isinstance(value, str) and value:
            return [part.strip() for part in value.split(",")]
        if isinstance(value, list):
            return [str(part) for part in value]
    return None


def whole_number(value: Any, default: int) -> int:
    """A number the way PHP casts it: text is 0."""
    if value is None:
        return default
    match = re.match(r"\s*(-?\d+)", str(value))
    return int(match.group(1)) if match else 0
