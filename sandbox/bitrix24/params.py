"""Parameters of a request: JSON, a form or a query in PHP's notation, all as nested JSON."""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from sandbox.bitrix24.answers import Json, Refusal

_PART = re.compile(r"\[([^\]]*)\]")


def nested(pairs: Iterable[tuple[str, str]]) -> Json:
    """`a[b][0]=x` -> {"a": {"b": ["x"]}}; keys 0, 1, 2 ... make a list, `a[]` takes the next number."""
    tree: Json = {}
    for key, value in pairs:
        head, bracket, _ = key.partition("[")
        path = [head, *_PART.findall(key[len(head) :])] if bracket else [head]
        _put(tree, path, value)
    return {key: _listed(value) for key, value in tree.items()}


def _put(tree: Json, path: list[str], value: str) -> None:
    for part in path[:-1]:
        below = tree.setdefault(part or str(len(tree)), {})
        if not isinstance(below, dict):
            return
        tree = below
    tree[path[-1] or str(len(tree))] = value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    items = {key: _listed(item) for key, item in value.items()}
    return list(items.values()) if list(items) == [str(index) for index in range(len(items))] else items


def of_query(text: str) -> Json:
    """A query string."""
    return nested(parse_qsl(text, keep_blank_values=True))


def of_request(raw: bytes, content_type: str, query: str) -> Json:
    """Query and body together; the body prevails. A body that is no JSON is refused."""
    params = of_query(query)
    if not raw.strip():
        return params
    if "json" not in content_type:
        return params | of_query(raw.decode("utf-8", "replace"))
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refusal(400, "INVALID_REQUEST", "Invalid JSON") from None
    return params | body if isinstance(body, dict) else params


def flag(value: Any) -> bool:
    """Yes in any of the ways it is written."""
    return value in (True, 1, "1", "Y", "y", "true", "on")


def number(value: Any) -> int | None:
    """A whole number from a number or its text; None for anything else."""
    text = str(value).strip()
    return int(text) if re.fullmatch(r"-?\d{1,18}", text) and not isinstance(value, bool) else None


def mapping(value: Any) -> Json:
    """An object; PHP shows an empty one as a list."""
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return value if isinstance(value, dict) else {}
