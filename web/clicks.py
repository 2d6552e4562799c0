"""Messenger links: a visitor is led on with the code carried; pages may tell of clicks by themselves."""

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from services.hooks_in.form_fields import SESSION_ROOM, SESSIONS
from web.bodies import FORM_TYPES, JSON_TYPES, decode, printable, read, read_fields, texts_of
from web.crm_webhooks import probe
from web.origins import PREFLIGHT, admit_origin, note_origins
from web.services import SERVICES

if TYPE_CHECKING:
    from services.hooks_in.clicks import Clicks

COOKIE = "voronka_session"
COOKIE_LIVES = 30 * 86_400
LONGEST = 500
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
PREVIEWS = (
    "telegrambot", "whatsapp", "facebookexternalhit", "facebot", "twitterbot", "vkshare", "slackbot",
    "discordbot", "skypeuripreview", "viber", "linkedinbot", "googlebot", "yandexbot", "bingbot", "applebot",
)  # fmt: skip
"""Programs that look at a link which somebody sends on: nobody has pressed it."""


def _clicks(request: web.Request) -> "Clicks":
    return request.app[SERVICES].services.clicks


async def follow(request: web.Request) -> web.Response:
    """GET /r/{code}/{channel}: 302 to the messenger. The visitor's session comes from the query, or from a
    cookie of ours; HEAD, previews and pages fetched ahead do not count as clicks."""
    query = {name: printable(text)[:LONGEST] for name, text in request.query.items()}
    known = request.cookies.get(COOKIE, "")[:SESSION_ROOM]
    told = next((query[name] for name in SESSIONS if query.get(name)), "")
    session = told or printable(known) or secrets.token_urlsafe(16)
    place = await _clicks(request).follow(
        request.match_info["code"], request.match_info["channel"], {**query, SESSIONS[0]: session},
        counts=_counts(request),
    )  # fmt: skip
    response = web.Response(status=302, headers={**HEADERS, "Location": place})
    if not told:
        response.set_cookie(
            COOKIE, session, max_age=COOKIE_LIVES, httponly=True, samesite="Lax", path="/r/",
            secure=request.headers.get("X-Forwarded-Proto", request.scheme) == "https",
        )  # fmt: skip
    return response


def _counts(request: web.Request) -> bool:
    agent = request.headers.get("User-Agent", "").lower()
    ahead = request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")).lower()
    return request.method == "GET" and "prefetch" not in ahead and not any(one in agent for one in PREVIEWS)


async def take(request: web.Request) -> web.Response:
    """POST /hooks/clicks/{key}: {"channel", "referral_code", "session_id", "page", "utm_..."} as JSON, as a
    form, or as the text/plain of navigator.sendBeacon."""
    clicks, key = _clicks(request), request.match_info["key"]
    admit_origin(request, await clicks.origins_of(key))
    fields = dict(await _fields(request))
    event_id = printable(request.headers.get("Idempotency-Key", "")) or fields.pop("event_id", "")
    new = await clicks.take(key, fields, event_id)
    return web.json_response({"status": "accepted" if new else "duplicate"})


async def _fields(request: web.Request) -> Mapping[str, str]:
    if request.content_type in JSON_TYPES | FORM_TYPES:
        return await read_fields(request)
    if request.content_type == "text/plain":
        return texts_of(decode(await read(request)))
    return await read_fields(request)


async def preflight(request: web.Request) -> web.Response:
    note_origins(request, await _clicks(request).origins_of(request.match_info["key"]))
    return web.Response(status=204, headers=PREFLIGHT)


def add_routes(router: web.UrlDispatcher, key: str) -> None:
    router.add_get("/r/{code:[^/{}]{1,64}}/{channel:[a-z]{1,16}}", follow)
    router.add_post(f"/hooks/clicks/{key}", take)
    router.add_get(f"/hooks/clicks/{key}", probe)
    router.add_options(f"/hooks/clicks/{key}", preflight)
