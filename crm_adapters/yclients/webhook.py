"""What a webhook of YCLIENTS tells: which visit or payment to look at. Pure.

It is sent once, in no order, with a part of the data, and bears no signature: our secret address is the
proof, and whatever it tells is read back.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from crm_adapters.yclients.reading import MONEY
from domain.crm import CrmEvent, CrmEventKind
from domain.errors import BadInput, WebhookRefused

EVENTS = ("record", "finances_operation", "goods_operations_sale")
BY_HAND = "by-hand"


def verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    """The key of the address, which the caller has checked, is the proof. Where the branch's number was kept
    as the secret, a body that names another branch is refused."""
    if not secret:
        return
    try:
        branch = _body(body).get("company_id")
    except BadInput:
        raise WebhookRefused from None
    if branch is not None and not hmac.compare_digest(str(branch).encode(), secret.encode()):
        raise WebhookRefused


def parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    """One event, a hint to walk where it does not say what to read. Raises BadInput("body", "invalid")."""
    told = _body(body)
    inner = told.get("data")
    data = inner if isinstance(inner, dict) else told
    name = str(told.get("resource") or str(told.get("event") or "").partition(".")[0] or event)
    number = _number(told.get("resource_id")) or _number(data.get("id"))
    changed = {"resource": name, "status": str(told.get("status") or "")}
    if name == "record" and number:
        return [CrmEvent(CrmEventKind.TRANSACTION_CHANGED, number, changed)]
    if name == "finances_operation" and number:
        visit = _number(data.get("record_id"))
        return [CrmEvent(CrmEventKind.TRANSACTION_CHANGED, visit or MONEY + number, changed)]
    if name.startswith("goods_operations_"):
        return [CrmEvent(CrmEventKind.TRANSACTION_CHANGED, _number(data.get("record_id")), changed)]
    return [CrmEvent(CrmEventKind.UNKNOWN, number, changed)]


def _number(value: object) -> str:
    text = str(value or "")
    return text if text.isascii() and text.isdigit() and len(text) < 20 and int(text) else ""


def _body(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadInput("body", "invalid")
    return found
