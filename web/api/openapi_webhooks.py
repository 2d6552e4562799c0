"""The bodies of webhooks that we send, as the OpenAPI document tells them (OpenAPI 3.1, Webhooks)."""

from collections.abc import Mapping
from typing import Any, Protocol

from domain.hooks_out import EVENTS, TEST
from web.api.models.base import Shown
from web.api.models.events import (
    ActivityHappened,
    ContactsChanged,
    CustomerHappened,
    LeadAssigned,
    LeadChanged,
    LeadHappened,
    LeadMerged,
    LeadMoved,
    Tested,
)

DATA: Mapping[str, tuple[type[Shown], str]] = {
    "lead.created": (LeadHappened, "A lead came in"),
    "lead.changed": (LeadChanged, "Fields of a lead were changed"),
    "lead.stage_changed": (LeadMoved, "A lead stands on another stage"),
    "lead.assigned": (LeadAssigned, "Somebody became responsible for a lead, or nobody is"),
    "lead.merged": (LeadMerged, "Another lead became part of this one"),
    "lead.deleted": (LeadHappened, "A lead was deleted"),
    "contact.changed": (ContactsChanged, "A person behind a lead was added, changed or removed"),
    "activity.created": (ActivityHappened, "A call or a note was written down, or something planned"),
    "activity.completed": (ActivityHappened, "An activity has ended"),
    "customer.created": (CustomerHappened, "A lead became a customer"),
    TEST: (Tested, "A test message was asked for"),
}
"""What `data` holds, by the event's type."""

HEADERS = {
    "webhook-id": "The message's id, the same at each attempt: keep those that you have handled.",
    "webhook-timestamp": "The moment of this attempt, in seconds.",
    "webhook-signature": "`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; several with a space.",
}
ANSWERS = {
    "2XX": {"description": "Taken. Any 2xx within 15 seconds is success."},
    "410": {"description": "Never send here again: the webhook is switched off."},
}


class KnowsSchemas(Protocol):
    def of(self, kind: Any, mode: Any) -> dict[str, Any]: ...


def webhooks(schemas: KnowsSchemas) -> dict[str, Any]:
    """The section `webhooks`, by the events' types."""
    return {kind: {"post": _message(kind, schemas)} for kind in (*EVENTS, TEST)}


def _message(kind: str, schemas: KnowsSchemas) -> dict[str, Any]:
    model, summary = DATA[kind]
    body = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"type": "string", "const": kind},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
            "data": schemas.of(model, "serialization"),
        },
    }
    return {
        "operationId": f"on_{kind.replace('.', '_')}",
        "tags": ["webhooks"],
        "summary": summary,
        "security": [],
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"},
             "description": text}
            for name, text in HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": ANSWERS,
    }  # fmt: skip
