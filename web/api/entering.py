"""Endpoints that nobody needs a key for: what is shown there is what lets somebody in."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from aiohttp import web

from domain.errors import KeyRefused
from locales import use_language
from services.api.limits import ENTRY, GUESSES
from services.entry.oauth import OAuthRefused
from web.addresses import address_of
from web.api.endpoint import Endpoint, Knock
from web.api.serving import Handler, adapter_of, given_model, json_body
from web.bodies import printable, read
from web.errors import language_of
from web.services import SERVICES, ApiDoor

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS, LONGEST_FIELD = 50, 4096
SECRET = {"Cache-Control": "no-store", "Pragma": "no-cache", "Vary": "Accept-Language, Authorization"}
DESCRIBED: Mapping[str, str] = {
    "invalid_request": "The request is not a form with grant_type or token, or shows the client twice.",
    "invalid_client": "The id is not of a key, or the key is not of this id, or it opens nothing any more.",
    "unsupported_grant_type": "Only client_credentials is given.",
    "invalid_scope": "The key has not all of these scopes.",
    "unsupported_token_type": "A token of a key ends with its key, or within minutes.",
}
"""In English: RFC 6749 allows no other letters than ASCII here."""


def serve_open(endpoint: Endpoint) -> Handler:
    """The aiohttp handler of an endpoint without a key."""

    async def handle(request: web.Request) -> web.StreamResponse:
        door = request.app[SERVICES].api
        assert door is not None
        address = address_of(request, door)
        await door.gate.knock(ENTRY, address)
        with use_language(language_of(request)):
            try:
                answer = await endpoint.run(await _knock(request, endpoint, door, address))
            except OAuthRefused as refused:
                if refused.reason == "invalid_client":
                    await door.gate.missed(ENTRY, address)
                return _refused(refused)
            except KeyRefused as refused:
                if refused.reason in GUESSES:
                    await door.gate.missed(ENTRY, address)
                raise
        return web.Response(
            status=endpoint.status, body=adapter_of(endpoint.answer).dump_json(answer),
            content_type="application/json", charset="utf-8", headers=SECRET,
        )  # fmt: skip

    return handle


async def _knock(request: web.Request, endpoint: Endpoint, door: ApiDoor, address: str) -> Knock:
    assert endpoint.body is not None
    given = await _form(request) if endpoint.form else await json_body(request)
    return Knock(
        door.services, address, _client(request) if endpoint.form else None,
        given_model(endpoint.body, given, strings=endpoint.form),
    )  # fmt: skip


async def _form(request: web.Request) -> dict[str, str]:
    """Fields of an urlencoded form, each at most once (RFC 6749, 3.2). Raises OAuthRefused."""
    if request.content_type != FORM:
        raise OAuthRefused("invalid_request")
    body = await read(request)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise OAuthRefused("invalid_request") from None
    if len(dict(pairs)) != len(pairs) or any(len(value) > LONGEST_FIELD for _name, value in pairs):
        raise OAuthRefused("invalid_request")
    return {name: printable(value) for name, value in pairs}


def _client(request: web.Request) -> tuple[str, str] | None:
    """Id and secret as Basic shows them, each encoded like a form (RFC 6749, 2.3.1)."""
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(shown.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise OAuthRefused("invalid_client") from None
    if not colon:
        raise OAuthRefused("invalid_client")
    return printable(unquote_plus(name)), printable(unquote_plus(secret))


def _refused(error: OAuthRefused) -> web.Response:
    said: dict[str, Any] = {"error": error.reason, "error_description": DESCRIBED[error.reason]}
    is_client = error.reason == "invalid_client"
    headers = {**SECRET, **({"WWW-Authenticate": 'Basic realm="voronka"'} if is_client else {})}
    return web.json_response(said, status=401 if is_client else 400, headers=headers)
