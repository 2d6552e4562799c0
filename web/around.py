"""What surrounds the answering of every request, in one pass: its id in the log and in the answer, where what
it does comes from, what strangers may send, and errors in words."""

from functools import cache

from aiohttp import web
from structlog.contextvars import bind_contextvars, reset_contextvars

from domain.origin import acting_from
from web.addresses import address_of
from web.errors import Handler, told
from web.origins import is_preflight, preflight
from web.request_ids import HEADER, REQUEST_ID, id_of
from web.services import SERVICES

GUARDED = ("/hooks/website/", "/hooks/clicks/", "/hooks/in/", "/r/", "/api/leads/webhook")
"""Where strangers may send: these doors have limits."""


@web.middleware
async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request, or say what is wrong."""
    request_id = request[REQUEST_ID] = id_of(request)
    before = bind_contextvars(request=request_id)
    try:
        with acting_from(_origin(request)):
            response = await _answer(request, handler)
    except Exception as error:
        response = told(request, error)
    finally:
        reset_contextvars(**before)
    if not response.prepared:
        response.headers[HEADER] = request_id
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    if is_preflight(request):
        return preflight(request)
    if request.path.startswith(GUARDED):
        from web.doors import let_through

        return await let_through(request, handler)
    return await handler(request)


def _origin(request: web.Request) -> str:
    """The door and the caller's address, for the record of actions. The API says more: which key."""
    door = request.app[SERVICES].api
    address = address_of(request, door) if door is not None else request.remote or ""
    resource = request.match_info.route.resource
    return f"{_place(resource.canonical) if resource is not None else ''} {address}"


@cache
def _place(route: str) -> str:
    return route.split("{")[0].strip("/")
