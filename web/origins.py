"""Which pages may call a hook or the API from a browser
(CORS, https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from collections.abc import Sequence

from aiohttp import web

from locales import N_
from web.errors import Answer, Refusal
from web.services import SERVICES

PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Accept-Language, Idempotency-Key",
    "Access-Control-Max-Age": "86400",
}
OTHER_PAGE = Answer(403, "origin_not_allowed", N_("Pages of this site may not send here."))
PREFIXES = ("/hooks/website/", "/hooks/clicks/")
API = ("/api/", "/oauth/token", "/oauth/revoke")
ANY = "*"
TO_API = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": (
        "Authorization, X-API-Key, Content-Type, Accept-Language, Idempotency-Key, If-Match, If-None-Match, "
        "Second-Factor"
    ),
    "Access-Control-Max-Age": "7200",
}
READABLE = (
    "ETag, Location, Content-Disposition, Retry-After, RateLimit, RateLimit-Policy, Idempotent-Replayed, "
    "WWW-Authenticate"
)
"""Headers of answers that pages may read besides the few which they always may."""

_ALLOWED = web.RequestKey("origins", tuple)


def note_origins(request: web.Request, origins: Sequence[str]) -> bool:
    """Remember who may read the answer: any page, where nothing is set. False for a page that may not."""
    shown = request.headers.get("Origin", "")
    request[_ALLOWED] = tuple(origins)
    return not origins or not shown or shown.lower() in origins


def admit_origin(request: web.Request, origins: Sequence[str]) -> None:
    """Raises Refusal for a page that may not send. Servers show no origin: to them the key is enough."""
    if not note_origins(request, origins):
        raise Refusal(OTHER_PAGE)


def is_preflight(request: web.Request) -> bool:
    """OPTIONS of the API: what a browser asks before it shows a key."""
    return request.method == "OPTIONS" and request.path.startswith(API)


def preflight(request: web.Request) -> web.Response:
    """Which pages may call. Nobody has to show a key here. Raises Refusal."""
    if not _may_call(request):
        raise Refusal(OTHER_PAGE)
    return web.Response(status=204, headers=TO_API)


def _may_call(request: web.Request) -> bool:
    """Whether it is a page of CORS_ORIGINS. The key comes from the page itself, never from a cookie, so that
    another page can do nothing in somebody's name."""
    door = request.app[SERVICES].api
    shown = request.headers.get("Origin", "").lower()
    return door is not None and bool(shown) and (ANY in door.origins or shown in door.origins)


def _allow_api(request: web.Request, response: web.StreamResponse) -> None:
    door = request.app[SERVICES].api
    if door is None or not door.origins:
        return
    vary = response.headers.get("Vary", "")
    response.headers["Vary"] = f"{vary}, Origin" if vary else "Origin"
    if _may_call(request):
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        response.headers["Access-Control-Expose-Headers"] = READABLE


async def allow_pages(request: web.Request, response: web.StreamResponse) -> None:
    """Let the pages that may call a hook or the API read every answer, those of errors included."""
    if request.path.startswith(API):
        _allow_api(request, response)
    if not request.path.startswith(PREFIXES):
        return
    origins = request.get(_ALLOWED, ())
    shown = request.headers.get("Origin", "").lower()
    response.headers["Vary"] = "Accept-Language, Origin" if origins else "Accept-Language"
    if not origins or shown in origins:
        response.headers["Access-Control-Allow-Origin"] = shown if origins else ANY
