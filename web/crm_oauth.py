"""The browser comes back here from a CRM's consent page. What came of it is told in the chat."""

from aiohttp import web

from domain.errors import NotFound
from locales import N_, translator
from web.bodies import printable
from web.errors import language_of
from web.services import SERVICES

LONGEST = 4000
DONE = N_("Done. Please go back to Telegram: the bot tells you how it went.")
NOT_CONNECTED = N_("It did not work. Please go back to Telegram: the bot tells you why.")
USED_UP = N_("This link has been used or is too old. Please begin once more in Telegram: /crm")
PAGE = (
    '<!doctype html><html lang="{language}"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Voronka</title>'
    '<p style="font: 1.2rem system-ui; margin: 3rem auto; max-width: 28rem">{text}</p></html>'
)
# the address of this page holds the code: it must not travel on
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


async def finish(request: web.Request) -> web.Response:
    """GET /oauth/{provider}?state=...&code=..."""
    query = {name: printable(value)[:LONGEST] for name, value in request.query.items()}
    try:
        connected = await request.app[SERVICES].services.crm_logins.finish(
            request.match_info["provider"], query
        )
    except NotFound:
        return _page(request, USED_UP, 404)
    return _page(request, DONE if connected else NOT_CONNECTED, 200)


def _page(request: web.Request, text: str, status: int) -> web.Response:
    language = language_of(request)
    body = PAGE.format(language=language, text=translator(language).gettext(text))
    return web.Response(text=body, status=status, content_type="text/html", headers=HEADERS)
