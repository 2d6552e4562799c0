"""What a webhook of iiko tells: which orders to look at. Pure.

A list of events comes with our own token in the Authorization header, bare or behind "Bearer". There is no
signature over the body, so whatever it tells is read back.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from crm_adapters.iiko.reading import OrderId
from domain.crm import CrmEvent, CrmEventKind
from domain.errors import BadInput, WebhookRefused

EVENTS = ("orders",)

_TABLES: Mapping[str, bool] = {"DeliveryOrderUpdate": False, "TableOrderUpdate": True}
_BEARER = "bearer "


def verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    """Compare our token in constant time. Raises WebhookRefused, also where none was agreed on."""
    shown = headers.get("authorization", "").strip()
    if shown[: len(_BEARER)].casefold() == _BEARER:
        shown = shown[len(_BEARER) :].strip()
    if not secret or not hmac.compare_digest(shown.encode(), secret.encode()):
        raise WebhookRefused


def parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    """One event for each order told of; UNKNOWN for stop lists, shifts and the like. Raises
    BadInput("body", "invalid")."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    events = told if isinstance(told, list) else [told]
    if not all(isinstance(one, dict) and isinstance(one.get("eventType"), str) for one in events):
        raise BadInput("body", "invalid")
    return [_event(one) for one in events]


def _event(told: Mapping[str, Any]) -> CrmEvent:
    kind, info = str(told.get("eventType") or ""), told.get("eventInfo")
    info = info if isinstance(info, dict) else {}
    organization = _word(info.get("organizationId")) or _word(told.get("organizationId"))
    number = _word(info.get("id"))
    if kind not in _TABLES or not organization or not number:
        return CrmEvent(CrmEventKind.UNKNOWN, number, {"eventType": kind})
    external_id = str(OrderId(organization, number, _TABLES[kind]))
    return CrmEvent(CrmEventKind.TRANSACTION_CHANGED, external_id, {"eventType": kind}, _id_of(told, info))


def _id_of(told: Mapping[str, Any], info: Mapping[str, Any]) -> str:
    """The same event told twice is known by the order and the moment of its change."""
    moment = info.get("timestamp")
    return f"{told.get('eventType')}:{info['id']}:{moment}" if isinstance(moment, int) else ""


def _word(value: object) -> str:
    return value if isinstance(value, str) and 0 < len(value) <= 64 and ":" not in value else ""
