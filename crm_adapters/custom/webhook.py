"""What a connector's system may send: something has changed. Pure.

A JSON object with the id of a purchase, or any other, which is a hint to look for all that has changed. With
a secret the header X-Signature bears sha256=<hex HMAC-SHA256 of the body>, or X-Token the secret itself.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

from domain.crm import CrmEvent, CrmEventKind
from domain.errors import BadInput, WebhookRefused

EVENTS = ("purchases",)
BY_HAND = "by-hand"


def verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    """Raises WebhookRefused where there is a secret and the delivery does not bear it."""
    if not secret:
        return
    signature = headers.get("x-signature", "").removeprefix("sha256=").strip().lower()
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    by_token = hmac.compare_digest(headers.get("x-token", "").encode(), secret.encode())
    if not by_token and not hmac.compare_digest(signature.encode(), expected.encode()):
        raise WebhookRefused


def parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    """One hint. Raises BadInput("body", "invalid")."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadInput("body", "invalid")
    number = found.get("id")
    known = isinstance(number, str | int) and not isinstance(number, bool)
    return [CrmEvent(CrmEventKind.TRANSACTION_CHANGED, str(number)[:200] if known else "")]
