"""What a clinic's notifications say: which visit to look at. Pure.

A form with bracket keys (`event=...&data[id]=90017&...`), or JSON of the same. Nothing is signed: the key in
our address is the proof, and the visit is read back. Of the body only the id, the status and the moments are
kept: the rest is about a patient.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from crm_adapters.renovatio.reading import VISIT, kept
from domain.crm import CrmEvent, CrmEventKind
from domain.errors import BadInput

EVENTS = ("visits",)
_MOST_FIELDS = 200
_INSIDE = re.compile(r"data\[(\w{1,40})\]")


def verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    """There is nothing to compare: whoever knows our address may hint."""


def parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    """The visit that a body names. Raises BadInput("body", "invalid")."""
    data = _json(body) if body.lstrip()[:1] == b"{" else _form(body)
    number = str(data.get("id") or "").strip()
    if not number:
        return [CrmEvent(CrmEventKind.UNKNOWN, "")]
    if not number.isalnum() or len(number) > 40:
        raise BadInput("body", "invalid")
    return [CrmEvent(CrmEventKind.TRANSACTION_CHANGED, f"{VISIT}{number}", kept(data))]


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput("body", "invalid") from None
    data = found.get("data")
    if not isinstance(data, dict):
        raise BadInput("body", "invalid")
    return data


def _form(body: bytes) -> Mapping[str, Any]:
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise BadInput("body", "invalid") from None
    found = {match[1]: value for name, value in pairs if (match := _INSIDE.fullmatch(name))}
    if not found:
        raise BadInput("body", "invalid")
    return found
