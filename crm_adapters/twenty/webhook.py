"""Twenty's webhooks: is it them, and what do they say. Pure.

`X-Twenty-Webhook-Signature` is the hex HMAC-SHA256 of "<timestamp>:" and the raw body, the timestamp being
milliseconds in a header of its own. Real bodies name the event `eventName` and the record `record`; the
public documentation shows `event` and `data`: both are read.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from domain.crm import CrmEvent, CrmEventKind
from domain.errors import BadInput, WebhookRefused

EVENTS = ("opportunity.updated", "opportunity.created", "opportunity.deleted")
KINDS: Mapping[str, CrmEventKind] = {
    "opportunity.updated": CrmEventKind.LEAD_CHANGED,
    "opportunity.created": CrmEventKind.LEAD_CREATED,
    "opportunity.restored": CrmEventKind.LEAD_CHANGED,
    "opportunity.deleted": CrmEventKind.LEAD_DELETED,
    "opportunity.destroyed": CrmEventKind.LEAD_DELETED,
}
SIGNATURE, TIMESTAMP = "x-twenty-webhook-signature", "x-twenty-webhook-timestamp"


def verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    """Check the signature over the raw body, and that it is this webhook's where the body says whose it is.
    Raises WebhookRefused, also for a call that is not signed."""
    message = headers.get(TIMESTAMP, "").encode() + b":" + body
    expected = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    shown = headers.get(SIGNATURE, "").lower()
    if not (secret and external_id and hmac.compare_digest(shown.encode(), expected.encode())):
        raise WebhookRefused
    try:
        told = _told(body).get("webhookId")
    except BadInput:
        raise WebhookRefused from None
    if told is not None and str(told) != external_id:
        raise WebhookRefused


def parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    """One event; the body's own name for it goes first. Raises BadInput("body", "invalid")."""
    told = _told(body)
    name = str(told.get("eventName") or told.get("event") or event)
    record = told.get("record") if isinstance(told.get("record"), dict) else told.get("data")
    record_id = record.get("id") if isinstance(record, dict) else None
    if not isinstance(record, dict) or not isinstance(record_id, str) or not record_id:
        raise BadInput("body", "invalid")
    moment = told.get("eventDate") or told.get("timestamp")
    changed = told.get("updatedFields")
    names = changed if isinstance(changed, list) else [one for one in record if one != "id"]
    values = {str(one): record.get(str(one)) for one in names}
    event_id = f"{name}:{record_id}:{moment}" if moment else ""
    return [CrmEvent(KINDS.get(name, CrmEventKind.UNKNOWN), record_id, values, event_id)]


@lru_cache(maxsize=1)
def _told(body: bytes) -> Mapping[str, Any]:
    """What is verified is read next."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput("body", "invalid") from None
    if not isinstance(found, dict):
        raise BadInput("body", "invalid")
    return found
