"""One request of the API: who calls, what is asked, the use case, the answer."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from domain.errors import BadInput
from locales import use_language
from web.api.endpoint import DELETED, Call, Endpoint, FileAnswer, etag_of
from web.bodies import JSON_TYPES, decode, printable, read
from web.errors import CHANGED, NO_SCOPE, UNSUPPORTED, Refusal, language_of
from web.services import SERVICES, ApiDoor

KEY_LIMIT = 255
COMMON = {"Cache-Control": "private, no-cache", "Vary": "Accept-Language, Authorization"}
REASONS = {
    "missing": "required",
    "string_too_long": "too_long",
    "too_long": "too_many",
    "extra_forbidden": "unknown",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
}
"""Our words for what pydantic finds; anything else is invalid."""

Handler = Callable[[web.Request], Any]


def serve(endpoint: Endpoint) -> Handler:
    """The aiohttp handler of an endpoint."""
    adapter = TypeAdapter(endpoint.answer) if endpoint.answer is not None else None

    async def handle(request: web.Request) -> web.StreamResponse:
        door = request.app[SERVICES].api
        assert door is not None
        caller = await door.gate.enter(_key(request), address_of(request, door))
        if not caller.has(endpoint.scope):
            raise Refusal(NO_SCOPE)
        body = await _body(request, endpoint)
        with use_language(language_of(request)):
            call = Call(
                door.services, door.words, caller, _places(request, endpoint),
                _query(request, endpoint), _read(endpoint.body, body) if endpoint.body else None,
            )  # fmt: skip
            try:
                return await _answered(request, door, endpoint, call, adapter, body)
            except BadInput as error:
                raise _renamed(endpoint, error) from error

    return handle


async def _answered(
    request: web.Request, door: ApiDoor, endpoint: Endpoint, call: Call,
    adapter: TypeAdapter[Any] | None, body: object,
) -> web.StreamResponse:  # fmt: skip
    if not endpoint.writes:
        return _told(request, endpoint, adapter, await endpoint.run(call))
    if endpoint.outside:
        return _told(request, endpoint, adapter, await endpoint.run(call))
    async with door.services.api_writes.together():
        request_key = printable(request.headers.get("Idempotency-Key", ""))[:KEY_LIMIT]
        if request_key:
            kept = await door.services.api_writes.begin(call.caller, request_key, _fingerprint(request, body))
            if kept is not None:
                headers = {**kept.headers, "Idempotent-Replayed": "true"}
                return web.Response(status=kept.status, headers=headers, body=kept.body)
        await _demand_match(request, door, endpoint, call)
        response = _told(request, endpoint, adapter, await endpoint.run(call))
        if request_key:
            assert isinstance(response, web.Response)
            kept_body = response.body if isinstance(response.body, bytes) else b""
            headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
            await door.services.api_writes.keep(call.caller, request_key, response.status, headers, kept_body)
        return response


async def _demand_match(request: web.Request, door: ApiDoor, endpoint: Endpoint, call: Call) -> None:
    """If-Match: the record is held and compared before anything is done to it (RFC 9110, 13.1.1)."""
    wanted = request.if_match
    if wanted is None or endpoint.guard is None:
        return
    await door.services.api_writes.hold(call.caller, endpoint.guard.kind, call.id)
    now = (await endpoint.guard.read(call)).etag()
    if not any(not one.is_weak and one.value in ("*", now.strip('"')) for one in wanted):
        raise Refusal(CHANGED)


def _told(
    request: web.Request, endpoint: Endpoint, adapter: TypeAdapter[Any] | None, answer: Any
) -> web.StreamResponse:
    headers = dict(COMMON)
    if isinstance(answer, FileAnswer):
        return _file(answer, headers)
    if adapter is None:
        return web.Response(status=DELETED, headers=headers)
    tag = etag_of(answer)
    if tag:
        headers["ETag"] = tag
        known = request.if_none_match
        if not endpoint.writes and known and any(one.value in ("*", tag.strip('"')) for one in known):
            return web.Response(status=304, headers=headers)
    if endpoint.place:
        headers["Location"] = endpoint.place.format(id=answer.id)
    body = adapter.dump_json(answer)
    return web.Response(
        status=endpoint.status, body=body, content_type="application/json", charset="utf-8", headers=headers
    )


def _file(answer: FileAnswer, headers: Mapping[str, str]) -> web.StreamResponse:
    """Opened before it is unlinked: nothing is left on the disk, however the sending ends."""
    descriptor = open(answer.path, "rb")  # noqa: SIM115  (aiohttp closes it)
    os.unlink(answer.path)
    disposition = f'attachment; filename="{answer.name}"'
    return web.Response(
        body=descriptor,
        headers={**headers, "Content-Type": answer.media_type, "Content-Disposition": disposition},
    )


def _key(request: web.Request) -> str:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    shown = key.strip() if kind.lower() == "bearer" else ""
    return printable(shown or request.headers.get("X-API-Key", ""))[:KEY_LIMIT]


def address_of(request: web.Request, door: ApiDoor) -> str:
    """Who called our outermost proxy; whoever called us where it is no proxy of ours."""
    address = request.remote or ""
    told = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    while told and _is_proxy(address, door):
        address = told.pop()
    return address


def _is_proxy(address: str, door: ApiDoor) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in door.proxies)


def _places(request: web.Request, endpoint: Endpoint) -> dict[str, UUID]:
    return {name: UUID(request.match_info[name]) for name in endpoint.places}


async def _body(request: web.Request, endpoint: Endpoint) -> object:
    if endpoint.body is None:
        return None
    if not request.can_read_body:
        return {}
    if request.content_type not in JSON_TYPES:
        raise Refusal(UNSUPPORTED)
    return decode(await read(request))


def _query(request: web.Request, endpoint: Endpoint) -> BaseModel | None:
    given: dict[str, Any] = {}
    lists = _lists(endpoint.query)
    for name in request.query:
        values = request.query.getall(name)
        given[printable(name)] = values if name in lists or len(values) > 1 else values[0]
    if endpoint.query is None:
        if given:
            raise BadInput("query", "unknown", fields=dict.fromkeys(given, "unknown"))
        return None
    return _read(endpoint.query, given, strings=True)


def _lists(model: type[BaseModel] | None) -> frozenset[str]:
    known = model.model_fields if model is not None else {}
    return frozenset(name for name, one in known.items() if "list[" in str(one.annotation))


def _read(model: type[BaseModel], value: object, *, strings: bool = False) -> BaseModel:
    """Raises BadInput with every field that is wrong."""
    try:
        if strings:
            return model.model_validate(value)
        return model.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        found = {
            ".".join(str(part) for part in one["loc"]) or "body": REASONS.get(one["type"], "invalid")
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        }
        raise BadInput("body", "invalid", fields=found) from None


def _renamed(endpoint: Endpoint, error: BadInput) -> BadInput:
    """The error in the words of the API."""
    fields = error.params.get("fields")
    if isinstance(fields, dict) or error.field not in endpoint.fields:
        return error
    return BadInput(endpoint.fields[error.field], error.reason)


def _fingerprint(request: web.Request, body: object) -> str:
    said = json.dumps([request.method, request.path_qs, body], sort_keys=True)
    return hashlib.sha256(said.encode(errors="replace")).hexdigest()
