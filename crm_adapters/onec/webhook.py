"""What a base sends by itself, where a programmer of the customer has made it so. Pure.

    POST <our address>   X-Signature: sha256=<hex HMAC-SHA256 of the body>   {"id": "..."} or {"items": [...]}

The platform can make the HMAC; where nobody has, the header X-Token bears the secret itself. Without a secret
the key in our address is the proof. Whatever comes is a hint: the purchase is read back.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

from crm_adapters.onec.reading import first, prefixed
from domain.crm import CrmEvent, CrmEventKind
from domain.errors import BadInput, WebhookRefused

EVENTS = ("purchases",)
BY_HAND = "by-hand"
MOST_ITEMS = 1000
_MARK = b"\xef\xbb\xbf"


def verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    """Compare signature or token with the secret, if there is one. Raises WebhookRefused."""
    if not secret:
        return
    signature = headers.get("x-signature", "").removeprefix("sha256=").strip().lower()
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    token = headers.get("x-token", "")
    if hmac.compare_digest(signature.encode(), expected.encode()):
        return
    if not token or not hmac.compare_digest(token.encode(), secret.encode()):
        raise WebhookRefused


def parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    """The purchases that a body names; one that names none is a hint to look for all that has changed.
    Raises BadInput("body", "invalid")."""
    try:
        found = json.loads(body.removeprefix(_MARK).decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadInput("body", "invalid") from None
    items = found.get("items", [found]) if isinstance(found, dict) else None
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise BadInput("body", "invalid")
    return [_event(one) for one in items[:MOST_ITEMS]] or [CrmEvent(CrmEventKind.TRANSACTION_CHANGED, "")]


def _event(item: Mapping[str, object]) -> CrmEvent:
    number = first(item, ("id", "Ref_Key"))
    known = isinstance(number, str | int) and not isinstance(number, bool)
    return CrmEvent(
        CrmEventKind.TRANSACTION_CHANGED, prefixed(str(number))[:100] if known else "", dict(item)
    )
