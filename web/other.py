"""JSON of any system at an address of its own."""

import json

from aiohttp import web

from domain.errors import WebhookRefused
from services.hooks_in.secrets import REFUSED
from web.bodies import FORM_TYPES, JSON_TYPES, decode, printable, read, read_fields
from web.crm_webhooks import probe
from web.errors import NOT_AN_OBJECT, UNSUPPORTED, Refusal
from web.make import WRONG_SECRET, shown_secret
from web.services import SERVICES

IDS = ("Idempotency-Key", "Webhook-Id")
"""Headers in which senders put the id of a delivery."""


async def take(request: web.Request) -> web.Response:
    """POST /hooks/in/{key}: JSON or a form; the answer says accepted, duplicate, or sample while the hook
    is not live."""
    other = request.app[SERVICES].services.json_hooks
    event_id = next((printable(request.headers[name]) for name in IDS if name in request.headers), "")
    body = await _body(request)
    try:
        status = await other.take(request.match_info["key"], body, event_id, shown_secret(request))
    except WebhookRefused as error:
        if error.params.get("reason") != REFUSED:
            raise
        raise Refusal(WRONG_SECRET) from None
    return web.json_response({"status": status})


async def _body(request: web.Request) -> bytes:
    if request.content_type in FORM_TYPES:
        return json.dumps(dict(await read_fields(request)), ensure_ascii=False).encode()
    if request.content_type not in JSON_TYPES:
        raise Refusal(UNSUPPORTED)
    body = await read(request)
    if not isinstance(decode(body), dict | list):
        raise Refusal(NOT_AN_OBJECT)
    return body


def add_routes(router: web.UrlDispatcher, key: str) -> None:
    router.add_post(f"/hooks/in/{key}", take)
    router.add_get(f"/hooks/in/{key}", probe)
