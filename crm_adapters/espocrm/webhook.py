"""EspoCRM's webhooks: is it them, and what do they say. Pure.

A body is a JSON list of 1 to 20 records and names neither the event nor a delivery id nor a time, so
each event has a URL of its own, and a replay cannot be told from a second delivery.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from domain.crm import CrmEvent, CrmEventKind
from domain.errors import BadInput, WebhookRefused

EVENTS = {
    "Lead.update": CrmEventKind.LEAD_CHANGED,
    "Lead.create": CrmEventKind.LEAD_CREATED,
    "Lead.delete": CrmEventKind.LEAD_DELETED,
}


def verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    """Check the signature over the raw body, and that it is this webhook's. Raises WebhookRefused.

    `Signature` (since 9.0) is base64(id ":" hex HMAC-SHA256); `X-Signature` (until 11) holds the raw
    digest. The newer one decides where both came.
    """
    mac = hmac.new(secret.encode(), body, hashlib.sha256)
    newer = headers.get("signature")
    shown = newer if newer is not None else headers.get("x-signature", "")
    digest = mac.hexdigest().encode() if newer is not None else mac.digest()
    try:
        given = base64.b64decode(shown.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise WebhookRefused from None
    expected = external_id.encode() + b":" + digest
    if not (secret and external_id and hmac.compare_digest(given, expected)):
        raise WebhookRefused


def parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    """The records of one delivery, in order. Raises BadInput("body", "invalid")."""
    try:
        items = json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput("body", "invalid") from None
    if not isinstance(items, list):
        raise BadInput("body", "invalid")
    kind = EVENTS.get(event, CrmEventKind.UNKNOWN)
    if event.startswith("Lead.fieldUpdate."):
        kind = CrmEventKind.LEAD_CHANGED
    return [_event(kind, item) for item in items]


def _event(kind: CrmEventKind, item: Any) -> CrmEvent:
    record_id = item.get("id") if isinstance(item, dict) else None
    if not isinstance(record_id, str) or not record_id:
        raise BadInput("body", "invalid")
    return CrmEvent(kind, record_id, {key: value for key, value in item.items() if key != "id"})
