"""Reading request bodies within limits, before anybody believes them."""

import asyncio
import json
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage

from web.errors import (
    BROKEN_FORM,
    BROKEN_JSON,
    NOT_AN_OBJECT,
    TOO_DEEP,
    TOO_LARGE,
    TOO_SLOW,
    UNSUPPORTED,
    Refusal,
)

LARGEST = 1024 * 1024
DEEPEST = 64
PATIENCE = 15.0
"""Seconds a body may take to arrive."""

MOST_FIELDS = 200
T = TypeVar("T")

JSON_TYPES = frozenset({"application/json", "text/json"})
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


async def read(request: web.Request) -> bytes:
    """The raw body. Raises Refusal when it is larger than LARGEST or too slow."""
    return await _arrived(request, request.read())


async def _arrived(request: web.Request, reading: Coroutine[Any, Any, T]) -> T:
    """The result of reading a body, within its limits."""
    try:
        if request.content_length is not None and request.content_length > LARGEST:
            raise Refusal(TOO_LARGE)
        if request.content.is_eof():
            return await reading  # it came with the headers, as small ones do: nothing is waited for
        async with asyncio.timeout(PATIENCE):
            return await reading
    except web.HTTPRequestEntityTooLarge:
        raise Refusal(TOO_LARGE) from None
    except (TimeoutError, ConnectionResetError, web.RequestPayloadError):
        raise Refusal(TOO_SLOW) from None
    finally:
        reading.close()


def decode(body: bytes) -> Any:
    """JSON of at most DEEPEST levels. Raises Refusal."""
    try:
        value = json.loads(body)
    except RecursionError:
        raise Refusal(TOO_DEEP) from None
    except ValueError:
        raise Refusal(BROKEN_JSON) from None
    if body.count(b"{") + body.count(b"[") > DEEPEST and _is_deeper(value, DEEPEST):
        raise Refusal(TOO_DEEP)
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested more than `levels` deep."""
    layer = [value]
    for _ in range(levels + 1):
        layer = [one for one in layer if isinstance(one, dict | list)]
        if not layer:
            return False
        layer = [item for one in layer for item in (one.values() if isinstance(one, dict) else one)]
    return True


async def read_webhook(request: web.Request) -> bytes:
    """The raw body of a delivery, its JSON checked; a form-encoded one is left to the provider."""
    is_json = request.content_type in JSON_TYPES
    if not is_json and request.content_type not in FORM_TYPES:
        raise Refusal(UNSUPPORTED)
    body = await read(request)
    if is_json:
        decode(body)
    return body


async def read_fields(request: web.Request) -> Mapping[str, str]:
    """Text fields of a form sent as JSON, urlencoded or multipart; files are left out. Raises Refusal."""
    if request.content_type in JSON_TYPES:
        return texts_of(decode(await read(request)))
    if request.content_type not in FORM_TYPES:
        raise Refusal(UNSUPPORTED)
    try:
        posted = await _arrived(request, request.post())
    except (ValueError, LookupError, AssertionError, BadHttpMessage):
        raise Refusal(BROKEN_FORM) from None
    fields: dict[str, str] = {}
    for name, value in posted.items():
        if isinstance(value, str):
            text = printable(value)
            fields[name] = f"{fields[name]}, {text}" if name in fields else text
    return _limited(fields)


def texts_of(value: Any) -> Mapping[str, str]:
    """A JSON object's fields as text: numbers are written out, lists joined, null left out."""
    if not isinstance(value, dict):
        raise Refusal(NOT_AN_OBJECT)
    return _limited({printable(name): _text(one) for name, one in value.items() if one is not None})


def _text(value: Any) -> str:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, dict) or value is None:
        raise Refusal(NOT_AN_OBJECT)
    return json.dumps(value)


def printable(text: str) -> str:
    """The text without lone surrogates, which JSON and headers may bring and no database takes."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def _limited(fields: Mapping[str, str]) -> Mapping[str, str]:
    if len(fields) > MOST_FIELDS:
        raise Refusal(TOO_LARGE)
    return fields
