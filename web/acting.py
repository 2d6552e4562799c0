"""Where a request came from, for the record of actions."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from domain.origin import acting_from
from web.api.serving import address_of
from web.services import SERVICES

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What the request does comes from its door and the caller's address. The API says more: which key."""
    door = request.app[SERVICES].api
    address = address_of(request, door) if door is not None else request.remote or ""
    resource = request.match_info.route.resource
    place = resource.canonical.split("{")[0].strip("/") if resource is not None else ""
    with acting_from(f"{place} {address}"):
        return await handler(request)
