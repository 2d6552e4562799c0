"""Telegram calls here in webhook mode; 200 means that the update is in the journal."""

import hmac

from aiohttp import web

from domain.errors import BadInput
from web.bodies import decode, read
from web.errors import BROKEN_JSON, FORGED, Refusal
from web.services import SERVICES

SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  (a header's name)


async def receive(request: web.Request) -> web.Response:
    """POST /telegram/webhook."""
    known = request.app[SERVICES]
    shown = request.headers.get(SECRET, "").encode(errors="surrogateescape")
    if not known.telegram_secret or not hmac.compare_digest(shown, known.telegram_secret.encode()):
        raise Refusal(FORGED)
    body = await read(request)
    update = decode(body)
    try:
        await known.services.journal.accept(update, body)
    except BadInput:
        raise Refusal(BROKEN_JSON) from None
    return web.Response()
