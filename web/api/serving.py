"""One request of the API: who calls, what is asked, the use case, the answer."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import cache
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from domain.api_keys import Caller
from domain.errors import BadInput, SecondFactorWrong, TooManyRequests
from domain.one_time_codes import asked_by
from domain.origin import acting_from
from locales import use_language
from web.addresses import address_of
from web.api.endpoint import DELETED, Call, Endpoint, FileAnswer, GivenFile, etag_of
from web.api.file_bodies import file_response, fingerprint, read_file
from web.bodies import JSON_TYPES, decode, printable, read
from web.errors import CHANGED, NO_SCOPE, UNSUPPORTED, Refusal, language_of
from web.services import SERVICES, ApiDoor

KEY_LIMIT, TOKEN_LIMIT = 255, 2048
FIELD_LIMIT = 64
_NAMED = re.compile(r"[A-Za-z_][A-Za-z0-9_.\[\]-]*")
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

    async def handle(request: web.Request) -> web.StreamResponse:
        door = request.app[SERVICES].api
        assert door is not None
        address = address_of(request, door)
        caller = await door.gate.enter(_key(request), address)
        if not caller.has(endpoint.scope):
            raise Refusal(NO_SCOPE)
        body = await _body(request, endpoint)
        held = body.body if isinstance(body, GivenFile) else nullcontext()
        with held, use_language(language_of(request)), acting_from(f"api {caller.key.shown} {address}"):
            call = Call(
                door.services, door.words, caller, _places(request, endpoint),
                _query(request, endpoint), given_model(endpoint.body, body) if endpoint.body else None,
                body if isinstance(body, GivenFile) else None,
            )  # fmt: skip
            try:
                with asked_by(str(caller.key.id)):
                    await _confirm(request, door, caller)
                    return await _answered(request, door, endpoint, call, body)
            except BadInput as error:
                raise _renamed(endpoint, error) from error

    return handle


async def _confirm(request: web.Request, door: ApiDoor, caller: Caller) -> None:
    """Try the code of a second factor, where one is shown. Raises SecondFactorWrong, TooManyRequests."""
    typed = printable(request.headers.get("Second-Factor", ""))[:KEY_LIMIT]
    if typed:
        done = await door.services.second_factor.check(caller.member, typed)
        if done.wait:
            raise TooManyRequests("second_factor", done.wait.total_seconds())
        if not done.right:
            raise SecondFactorWrong


async def _answered(
    request: web.Request, door: ApiDoor, endpoint: Endpoint, call: Call, body: object,
) -> web.StreamResponse:  # fmt: skip
    if not endpoint.writes:
        return _told(request, endpoint, await endpoint.run(call))
    if endpoint.outside:
        return _told(request, endpoint, await endpoint.run(call))
    if endpoint.before is not None:
        call = await endpoint.before(call)
    async with door.services.api_writes.together(call.caller):
        request_key = printable(request.headers.get("Idempotency-Key", ""))[:KEY_LIMIT]
        if request_key:
            kept = await door.services.api_writes.begin(call.caller, request_key, _fingerprint(request, body))
            if kept is not None:
                headers = {**kept.headers, "Idempotent-Replayed": "true"}
                return web.Response(status=kept.status, headers=headers, body=kept.body)
        await _demand_match(request, door, endpoint, call)
        answer = await endpoint.run(call)
        if request_key:
            await _keep(door, call, request_key, _told(request, endpoint, _kept(endpoint, answer)))
        return _told(request, endpoint, answer)


async def _keep(door: ApiDoor, call: Call, request_key: str, response: web.StreamResponse) -> None:
    assert isinstance(response, web.Response)
    body = response.body if isinstance(response.body, bytes) else b""
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    await door.services.api_writes.keep(call.caller, request_key, response.status, headers, body)


def _kept(endpoint: Endpoint, answer: Any) -> Any:
    """The answer without what is told once."""
    return answer.model_copy(update={endpoint.once: ""}) if endpoint.once else answer


async def _demand_match(request: web.Request, door: ApiDoor, endpoint: Endpoint, call: Call) -> None:
    """If-Match: the record is held and compared before anything is done to it (RFC 9110, 13.1.1)."""
    wanted = request.if_match
    if wanted is None or endpoint.guard is None:
        return
    await door.services.api_writes.hold(call.caller, endpoint.guard.kind, call.id)
    now = (await endpoint.guard.read(call)).etag()
    if not any(not one.is_weak and one.value in ("*", now.strip('"')) for one in wanted):
        raise Refusal(CHANGED)


@cache
def adapter_of(kind: Any) -> TypeAdapter[Any]:
    """Built when an endpoint is asked for first: all of them are seconds of a start, and megabytes."""
    return TypeAdapter(kind)


def _told(request: web.Request, endpoint: Endpoint, answer: Any) -> web.StreamResponse:
    headers = dict(COMMON)
    if isinstance(answer, FileAnswer):
        return file_response(answer, headers)
    if endpoint.answer is None:
        return web.Response(status=DELETED, headers=headers)
    tag = etag_of(answer)
    if tag:
        headers["ETag"] = tag
        known = request.if_none_match
        if not endpoint.writes and known and any(one.value in ("*", tag.strip('"')) for one in known):
            return web.Response(status=304, headers=headers)
    if endpoint.place:
        headers["Location"] = endpoint.place.format(id=answer.id)
    body = adapter_of(endpoint.answer).dump_json(answer)
    return web.Response(
        status=endpoint.status, body=body, content_type="application/json", charset="utf-8", headers=headers
    )


def _key(request: web.Request) -> str:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    shown = key.strip() if kind.lower() == "bearer" else ""
    return printable(shown or request.headers.get("X-API-Key", ""))[:TOKEN_LIMIT]


def _places(request: web.Request, endpoint: Endpoint) -> dict[str, UUID]:
    return {name: UUID(request.match_info[name]) for name in endpoint.places}


async def _body(request: web.Request, endpoint: Endpoint) -> object:
    if endpoint.takes_file:
        return await read_file(request)
    if endpoint.body is None:
        return None
    return await json_body(request)


async def json_body(request: web.Request) -> object:
    """The body; an empty object where there is none. Raises Refusal."""
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
            unknown = dict.fromkeys((_field([one]) for one in given), "unknown")
            raise BadInput("query", "unknown", fields=unknown)
        return None
    return given_model(endpoint.query, given, strings=True)


def _lists(model: type[BaseModel] | None) -> frozenset[str]:
    known = model.model_fields if model is not None else {}
    return frozenset(name for name, one in known.items() if "list[" in str(one.annotation))


def given_model(model: type[BaseModel], value: object, *, strings: bool = False) -> BaseModel:
    """Raises BadInput with every field that is wrong."""
    try:
        if strings:
            return model.model_validate(value)
        return model.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        found = {
            _field(one["loc"]): REASONS.get(one["type"], "invalid")
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        }
        raise BadInput("body", "invalid", fields=found) from None


def _field(place: Sequence[object]) -> str:
    """A field's name as the answer says it. What is no name of a field may be anything, also somebody's."""
    name = ".".join(str(part) for part in place) or "body"
    return name if len(name) <= FIELD_LIMIT and name.isascii() and _NAMED.fullmatch(name) else "?"


def _renamed(endpoint: Endpoint, error: BadInput) -> BadInput:
    """The error in the words of the API."""
    fields = error.params.get("fields")
    if isinstance(fields, dict) or error.field not in endpoint.fields:
        return error
    return BadInput(endpoint.fields[error.field], error.reason)


def _fingerprint(request: web.Request, body: object) -> str:
    what = fingerprint(body) if isinstance(body, GivenFile) else body
    said = json.dumps([request.method, request.path_qs, what], sort_keys=True)
    return hashlib.sha256(said.encode(errors="replace")).hexdigest()
