"""The base's own HTTP service: what a programmer of the customer has written by our contract.

`GET api/transactions?since=` in two shapes: a bare list, or `{"items": [...], "next": cursor}` by pages.
"""

import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from sandbox.exchange import Answer, Refusal
from sandbox.onec.answers import page
from sandbox.onec.odata import BOMB
from sandbox.onec.state import Record, State

LONGEST_PAGE = 200


def ping(state: State) -> Answer:
    return _told(state, {"ok": True, "version": "1"})


def listed(state: State, query: Mapping[str, str]) -> Answer:
    """What has changed since a moment of the base's wall clock, oldest change first."""
    if state.faults.is_on("xml_bomb"):
        return Answer(raw=BOMB, content_type="application/xml")
    since = query.get("since", "")[:19]
    if not since:
        raise Refusal(Answer(raw="Не указан параметр since".encode(), status=500, content_type="text/plain"))
    rows = sorted(state.service.values(), key=lambda row: (row["_changed"], str(row["id"])))
    found = rows if state.faults.is_on("back_in_time") else [row for row in rows if row["_changed"] >= since]
    if not state.service_pages:
        return _told(state, [_shown(row) for row in found])
    start = 0 if state.faults.is_on("repeats") else int(query.get("cursor") or 0)
    limit = min(int(query.get("limit") or LONGEST_PAGE), LONGEST_PAGE)
    part, following = found[start : start + limit], start + limit
    more = following < len(found) or state.faults.is_on("endless")
    if state.faults.is_on("repeats"):
        return _told(state, {"items": [_shown(row) for row in part], "next": "1"})
    if state.faults.is_on("endless") and not part:
        part = found[-1:]
    items = [_shown(row) for row in part]
    return _told(state, {"items": items, "next": str(following) if more else None})


def one(state: State, number: str) -> Answer:
    row = state.service.get(number)
    if row is None:
        raise Refusal(Answer({"error": "not found"}, 404))
    return _told(state, _shown(row))


def missing() -> Refusal:
    return Refusal(page(404, "Не найдено"))


def _shown(row: Record) -> Record:
    return {name: value for name, value in row.items() if not name.startswith("_")}


def _told(state: State, body: Any) -> Answer:
    """JSON with the mark at its start that 1C likes to write, or XML in the encoding that was chosen."""
    if not state.service_xml:
        return Answer(raw=b"\xef\xbb\xbf" + json.dumps(body, ensure_ascii=False).encode())
    if isinstance(body, list):
        body = {"items": body}
    head = f'<?xml version="1.0" encoding="{state.service_xml}"?>'
    text = head + f"<response>{_xml(body)}</response>"
    return Answer(raw=text.encode(state.service_xml), content_type="application/xml")


def _xml(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(one)}</{name}>" for name, one in value.items() if one is not None)
    if isinstance(value, list):
        return "".join(f"<item>{_xml(one)}</item>" for one in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))
