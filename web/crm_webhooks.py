"""CRMs call here. An answer of 200 means that the delivery is committed."""

from aiohttp import web

from web.bodies import printable, read_webhook
from web.services import SERVICES

ACCEPTED, DUPLICATE = b'{"status": "accepted"}', b'{"status": "duplicate"}'


async def receive(request: web.Request) -> web.Response:
    """POST /webhooks/{provider}/{key}."""
    body = await read_webhook(request)
    headers = {name.lower(): printable(value) for name, value in request.headers.items()}
    receipt = await request.app[SERVICES].services.intake.receive(
        request.match_info["provider"], request.match_info["key"], headers, body
    )
    return web.Response(body=DUPLICATE if receipt.duplicate else ACCEPTED, content_type="application/json")


async def probe(request: web.Request) -> web.Response:
    """HEAD and GET: vendors look whether somebody is there before they register an address."""
    return web.Response()
