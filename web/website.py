"""The website's application form. Which pages may call it is the form's own setting; the key is its only
right otherwise."""

from contextlib import ExitStack

from aiohttp import web

from web.bodies import printable, read_fields
from web.origins import PREFLIGHT, admit_origin, note_origins
from web.services import SERVICES
from web.uploads import read_multipart


async def submit(request: web.Request) -> web.Response:
    """POST /hooks/website/{key}. The submission's own id comes as Idempotency-Key or as `event_id`.

    The answer is the same for a new lead, for one that was known, and for a machine that fell into the
    honeypot: a stranger learns nothing of it.
    """
    form, key = request.app[SERVICES].services.website_form, request.match_info["key"]
    settings = await form.settings_of(key)
    admit_origin(request, settings.origins)
    if request.content_type == "multipart/form-data":
        given, sent = await read_multipart(request)
    else:
        given, sent = await read_fields(request), ()
    fields = dict(given)
    event_id = printable(request.headers.get("Idempotency-Key", "")) or fields.pop("event_id", "")
    with ExitStack() as bodies:
        for one in sent:
            bodies.enter_context(one.body)
        await form.submit(key, fields, event_id, sent)
    return web.json_response({"status": "accepted"})


async def preflight(request: web.Request) -> web.Response:
    """OPTIONS: what a browser asks before it sends JSON."""
    settings = await request.app[SERVICES].services.website_form.settings_of(request.match_info["key"])
    note_origins(request, settings.origins)
    return web.Response(status=204, headers=PREFLIGHT)
