"""What a trigger of RetailCRM sends: which order to look at. Pure.

There is no API to register one and no signature: an admin pastes our address, whose key is the proof, and
chooses what is sent. So a body is a hint and the order is read back. A form and JSON are both read;
what counts is `id`; `event` and `secret` are told where the admin followed our suggestion.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from domain.crm import CrmEvent, CrmEventKind
from domain.errors import BadInput, WebhookRefused

EVENTS = ("order",)
BY_HAND = "by-hand"

KINDS: Mapping[str, CrmEventKind] = {
    "order": CrmEventKind.LEAD_CHANGED,
    "order_status": CrmEventKind.LEAD_CHANGED,
    "order_changed": CrmEventKind.LEAD_CHANGED,
    "order_created": CrmEventKind.LEAD_CREATED,
    "order_deleted": CrmEventKind.LEAD_DELETED,
    "order.edit": CrmEventKind.LEAD_CHANGED,
    "order.create": CrmEventKind.LEAD_CREATED,
    "order.delete": CrmEventKind.LEAD_DELETED,
}
_NAMES = ("event", "type")
_SECRET = "secret"  # noqa: S105 - the parameter's name
_MOST_FIELDS = 100


def verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    """Compare the body's parameter `secret` where one was agreed on; the key of the address, which the
    caller has checked, proves the rest. Raises WebhookRefused."""
    if not secret:
        return
    try:
        shown = str(_fields(body).get(_SECRET) or "")
    except BadInput:
        raise WebhookRefused from None
    if not hmac.compare_digest(shown.encode(), secret.encode()):
        raise WebhookRefused


def parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    """One event. `event` is the one of the address and says what a body without a word is about.

    The call that RetailCRM makes when an integration module is switched (`activity`) is UNKNOWN, with the
    module's clientId. Raises BadInput("body", "invalid").
    """
    fields = _fields(body)
    if "clientId" in fields and "activity" in fields:
        return [CrmEvent(CrmEventKind.UNKNOWN, str(fields["clientId"]), _told(fields))]
    number = fields.get("id")
    if isinstance(number, bool) or not str(number or "").isascii() or not str(number or "").isdigit():
        raise BadInput("body", "invalid")
    name = next((str(fields[key]) for key in _NAMES if fields.get(key)), event)
    return [CrmEvent(KINDS.get(name, CrmEventKind.UNKNOWN), str(number), _told(fields))]


def _told(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name not in ("id", _SECRET, *_NAMES)}


def _fields(body: bytes) -> Mapping[str, object]:
    """The parameters of a form or of a JSON object."""
    try:
        text = body.decode()
        if text.lstrip()[:1] in ("{", "["):
            found = json.loads(text)
            if isinstance(found, dict):
                return found
        else:
            pairs = parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
            return {name: values[-1] for name, values in pairs.items()}
    except (ValueError, RecursionError):
        pass
    raise BadInput("body", "invalid")
