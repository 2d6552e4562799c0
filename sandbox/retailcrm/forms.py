"""How RetailCRM is asked: PHP's nested query notation, and JSON texts inside form fields."""

import json
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from sandbox.retailcrm.answers import missing, refusal

LIMITS = (20, 50, 100)


def read_form(raw: bytes, content_type: str) -> list[tuple[str, str]]:
    """The fields of a form body; a body of another type, JSON included, is not read."""
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return []
    return parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`filter[ids][]=5&filter[name]=x` -> {"filter": {"ids": ["5"], "name": "x"}}."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        head, _, tail = name.partition("[")
        keys = [head, *tail.removesuffix("]").split("][")] if tail else [head]
        place: Any = found
        for key, following in pairwise(keys):
            place = place.setdefault(key, [] if following == "" else {})
        if isinstance(place, list):
            place.append(value)
        elif isinstance(place, dict):
            place[keys[-1]] = value
    return found


def json_field(form: Mapping[str, Any], name: str) -> Any:
    """The JSON text of a field, decoded. 400 when it is not there or not readable."""
    text = form.get(name)
    if not text:
        raise missing(name)
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        raise refusal(400, f"Invalid JSON in parameter '{name}'") from None


def json_object(form: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = json_field(form, name)
    if not isinstance(found, dict):
        raise refusal(400, f"Parameter '{name}' is wrong")
    return found


def json_list(form: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects, 50 at most."""
    found = json_field(form, name)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise refusal(400, f"Parameter '{name}' is wrong")
    if len(found) > 50:
        raise refusal(400, f"Parameter '{name}' must contain less or equal than 50 items")
    return found


def paged(found: list[Any], params: Mapping[str, Any]) -> tuple[list[Any], dict[str, int]]:
    """A page of a list, and what is told about it. 400 for any limit but 20, 50 or 100."""
    limit, page = _number(params, "limit", LIMITS[0]), _number(params, "page", 1)
    if limit not in LIMITS:
        raise refusal(400, "Errors in the input parameters", errors={"limit": "This value is not valid."})
    if page < 1:
        raise refusal(400, "Errors in the input parameters", errors={"page": "This value is not valid."})
    pages = max(1, -(-len(found) // limit))
    told = {"limit": limit, "totalCount": len(found), "currentPage": page, "totalPageCount": pages}
    return found[(page - 1) * limit : page * limit], told


def _number(params: Mapping[str, Any], name: str, default: int) -> int:
    text = params.get(name, str(default))
    return int(text) if isinstance(text, str) and text.isdigit() else 0
