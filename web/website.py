"""The website's application form. Browsers may call it from any page: the key is its only right."""

from aiohttp import web

from web.bodies import printable, read_fields
from web.services import SERVICES

CORS = {"Access-Control-Allow-Origin": "*", "Vary": "Accept-Language"}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Accept-Language, Idempotency-Key",
    "Access-Control-Max-Age": "86400",
}


async def submit(request: web.Request) -> web.Response:
    """POST /hooks/website/{key}. The submission's own id comes as Idempotency-Key or as `event_id`.

    The answer is the same for a new lead and for one that was known: a stranger learns nothing of it.
    """
    fields = dict(await read_fields(request))
    event_id = printable(request.headers.get("Idempotency-Key", "")) or fields.pop("event_id", "")
    await request.app[SERVICES].website_form.submit(request.match_info["key"], fields, event_id)
    return web.json_response({"status": "accepted"})


async def preflight(request: web.Request) -> web.Response:
    """OPTIONS: what a browser asks before it sends JSON."""
    return web.Response(status=204, headers=PREFLIGHT)


async def allow_pages(request: web.Request, response: web.StreamResponse) -> None:
    """Let the page read every answer, those of errors included."""
    if request.path.startswith("/hooks/website/"):
        response.headers.update(CORS)
