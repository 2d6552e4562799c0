"""CRMs call here. An answer of 200 means that the delivery is committed."""

from aiohttp import web

from web.bodies import printable, read_webhook
from web.services import SERVICES


async def receive(request: web.Request) -> web.Response:
    """POST /webhooks/{provider}/{key}."""
    body = await read_webhook(request)
    headers = {name.lower(): printable(value) for name, value in request.headers.items()}
    receipt = await request.app[SERVICES].inbox.receive(
        request.match_info["provider"], request.match_info["key"], headers, body
    )
    return web.json_response({"status": "duplicate" if receipt.duplicate else "accepted"})


async def probe(request: web.Request) -> web.Response:
    """HEAD and GET: vendors look whether somebody is there before they register an address."""
    return web.Response()
