"""Which pages may call a hook from a browser (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from collections.abc import Sequence

from aiohttp import web

from locales import N_
from web.errors import Answer, Refusal

PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Accept-Language, Idempotency-Key",
    "Access-Control-Max-Age": "86400",
}
OTHER_PAGE = Answer(403, "origin_not_allowed", N_("Pages of this site may not send here."))
PREFIXES = ("/hooks/website/", "/hooks/clicks/")
ANY = "*"
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


async def allow_pages(request: web.Request, response: web.StreamResponse) -> None:
    """Let the pages that may call a hook read every answer, those of errors included."""
    if not request.path.startswith(PREFIXES):
        return
    origins = request.get(_ALLOWED, ())
    shown = request.headers.get("Origin", "").lower()
    response.headers["Vary"] = "Accept-Language, Origin" if origins else "Accept-Language"
    if not origins or shown in origins:
        response.headers["Access-Control-Allow-Origin"] = shown if origins else ANY
