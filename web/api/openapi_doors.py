"""The doors for forms, Make.com and other systems, as the OpenAPI document tells them: none takes a key of
the API (docs/webhooks.md)."""

from collections.abc import Mapping
from typing import Any

from domain.hooks_in import CHANNELS
from services.hooks_in.form_fields import LIMITS
from services.hooks_in.make_fields import PATHS

TAG = "hooks in"
SECRET = "webhookSecret"  # noqa: S105  (a scheme's name)
SCHEMES = {
    SECRET: {
        "type": "apiKey",
        "in": "header",
        "name": "X-Webhook-Secret",
        "description": "A secret made in the chat by /forms.",
    }
}
TEXT: dict[str, Any] = {"type": "string"}
FORM_TEXTS = {"type": ["string", "number", "boolean", "null", "array"]}
KEY = {
    "name": "key",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
    "description": "The end of the address that /forms shows in the chat.",
}
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "The id of the delivery: the same one again changes nothing.",
}
LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "The language of errors: ru or en.",
}
JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"


def doors() -> dict[str, Any]:
    """Paths and their operations."""
    return {
        "/hooks/website/{key}": {"post": _door(
            "submit_form", "An application from a website's form", _form(), (JSON, FORM, MULTIPART),
            _status("accepted"), ("400", "403", "404", "408", "413", "415", "422", "429", "503"), (KEY, ONCE),
        )},
        "/hooks/clicks/{key}": {"post": _door(
            "tell_click", "A click on a messenger link that a page tells of", _click(), (JSON, FORM),
            _status("accepted", "duplicate"), ("400", "403", "404", "408", "413", "415", "422", "429", "503"),
            (KEY, ONCE),
        )},
        "/hooks/in/{key}": {"post": _door(
            "take_json", "JSON of any system; its fields are mapped in the chat",
            {"type": ["object", "array"]}, (JSON,), _status("accepted", "duplicate", "sample"),
            ("400", "401", "404", "408", "413", "415", "422", "429", "503"), (KEY, ONCE),
            security=[{}, {SECRET: []}],
        )},
        "/api/leads/webhook": {"post": _door(
            "take_make", "A lead with its contact and meeting from Make.com", _make(), (JSON,), _made(),
            ("400", "401", "408", "409", "413", "415", "422", "429", "503"), security=[{SECRET: []}],
            status="201",
        )},
        "/api/leads/webhook/health": {"get": _door(
            "make_health", "Whether leads from Make.com can be taken, and whether a shown secret is good",
            None, (), _told({"status": TEXT, "secret": TEXT}, ("status",)), ("401", "429"),
            security=[{}, {SECRET: []}], more={"503": _not_ready()},
        )},
    }  # fmt: skip


def _door(
    name: str, summary: str, body: Mapping[str, Any] | None, kinds: tuple[str, ...], answer: Any,
    refusals: tuple[str, ...], parameters: tuple[Any, ...] = (), *, security: list[Any] | None = None,
    status: str = "200", more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    said: dict[str, Any] = {
        "operationId": name,
        "tags": [TAG],
        "summary": summary,
        "security": security or [],
        "parameters": [LANGUAGE, *parameters],
        "responses": {
            status: {"description": summary, "content": {JSON: {"schema": answer}}},
            **{one: {"$ref": f"#/components/responses/{one}"} for one in refusals},
            **(more or {}),
        },
    }
    if body is not None:
        said["requestBody"] = {"required": True, "content": {kind: {"schema": body} for kind in kinds}}
    return said


def _told(properties: Mapping[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": dict(properties)}


def _status(*values: str) -> dict[str, Any]:
    return _told({"status": {"type": "string", "enum": list(values)}}, ("status",))


def _form() -> dict[str, Any]:
    known = {name: {**FORM_TEXTS, "maxLength": most} for name, most in LIMITS.items()}
    ids = {"event_id": TEXT, "session_id": TEXT}
    return {"type": "object", "properties": {**known, **ids}, "description": "Other fields are kept as well."}


def _click() -> dict[str, Any]:
    channel = {"type": "string", "enum": list(CHANNELS)}
    known = dict.fromkeys(("referral_code", "session_id", "page", "event_id"), TEXT)
    return {"type": "object", "required": ["channel"], "properties": {"channel": channel, **known}}


def _make() -> dict[str, Any]:
    names = [places[0] for places in PATHS.values()]
    properties: dict[str, Any] = dict.fromkeys(names, TEXT)
    properties["phones"] = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
    properties["meeting_duration_minutes"] = {"type": ["integer", "string"]}
    properties["custom_fields"] = {"type": "object"}
    return {"type": "object", "properties": properties}


def _made() -> dict[str, Any]:
    id_, maybe = {"type": "string", "format": "uuid"}, {"type": ["string", "null"], "format": "uuid"}
    known = {
        "success": {"type": "boolean"}, "lead_id": id_, "number": {"type": "integer"}, "stage_id": id_,
        "contact_id": maybe, "activity_id": maybe,
    }  # fmt: skip
    return _told(known, tuple(known))


def _not_ready() -> dict[str, Any]:
    schema = _told({"status": TEXT}, ("status",))
    return {"description": "Not now.", "content": {JSON: {"schema": schema}}}
