"""The HTTP side: faults, the signature, PUT, GET, HEAD and DELETE of an object, the note of what came."""

import asyncio
import hashlib

from aiohttp import web
from yarl import URL

from sandbox.exchange import CUT, Answer, Refusal, keep, sent
from sandbox.faults import spoils_path
from sandbox.s3.signatures import Signed, Unsigned, check
from sandbox.s3.state import State, Stored

XML = "application/xml"
STATUS = {
    "AuthorizationHeaderMalformed": 400,
    "XAmzContentSHA256Mismatch": 400,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "MethodNotAllowed": 405,
    "InternalError": 500,
    "SlowDown": 503,
}
"""By S3's own codes; the others are 403."""


def refusal(code: str) -> Answer:
    told = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message/></Error>'
    return Answer(raw=told.encode(), status=STATUS.get(code, 403), content_type=XML)


DOWN = {"closed": CUT, "500": refusal("InternalError"), "503": Answer(raw=b"", status=503, content_type=XML)}


class Api:
    """Answers for one state."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request; a fault may cut the connection instead of answering."""
        raw = await request.read()
        path = request.path.strip("/")
        answer = await self._spoiled_before(request.method)
        if answer is None:
            try:
                answer = self._spoiled_after(request.method, path, self._answer(request, path, raw))
            except Refusal as error:
                answer = error.answer
        noted = b"" if request.method == "PUT" else raw
        keep(self._state.requests, request, path, noted, answer.status, self._state.stamp())
        if request.method == "GET" and answer.status == 200 and self._state.faults.take("cut_body"):
            return await _half(request, answer.raw or b"")
        return sent(request, answer)

    def _answer(self, request: web.Request, path: str, raw: bytes) -> Answer:
        came = URL(request.raw_path, encoded=True)
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Signed(request.method, came.raw_path, came.raw_query_string, headers, raw)
        try:
            keys = {} if self._state.faults.take("key_revoked") else self._state.keys
            check(asked, keys, self._state.region, self._state.clock.now())
        except Unsigned as error:
            raise Refusal(refusal(str(error))) from None
        bucket, _slash, key = path.partition("/")
        if bucket not in self._state.buckets:
            raise Refusal(refusal("NoSuchBucket"))
        act = {"PUT": self._put, "GET": self._get, "HEAD": self._get, "DELETE": self._delete}.get(
            request.method
        )
        if act is None or not key:
            raise Refusal(refusal("MethodNotAllowed"))
        return act(self._state.buckets[bucket], key, asked)

    def _put(self, objects: dict[str, Stored], key: str, asked: Signed) -> Answer:
        kind = asked.headers.get("content-type", "binary/octet-stream")
        objects[key] = Stored(asked.body, kind, self._state.stamp())
        return Answer(raw=b"", content_type=XML, headers={"ETag": _tag(asked.body)})

    def _get(self, objects: dict[str, Stored], key: str, asked: Signed) -> Answer:
        found = objects.get(key)
        if found is None:
            raise Refusal(refusal("NoSuchKey"))
        headers = {"ETag": _tag(found.content), "Last-Modified": found.at}
        return Answer(raw=found.content, content_type=found.content_type, headers=headers)

    def _delete(self, objects: dict[str, Stored], key: str, asked: Signed) -> Answer:
        objects.pop(key, None)
        return Answer(raw=b"", status=204, content_type=XML)

    async def _spoiled_before(self, method: str) -> Answer | None:
        faults = self._state.faults
        if slow := faults.take("slow"):
            await asyncio.sleep(float(slow.params["seconds"]))
        if down := faults.take("down"):
            return DOWN[down.params["mode"]]
        if faults.take("slow_down"):
            return refusal("SlowDown")
        if method in ("PUT", "DELETE") and faults.take("read_only"):
            return refusal("AccessDenied")
        return None

    def _spoiled_after(self, method: str, path: str, answer: Answer) -> Answer:
        if method not in ("PUT", "DELETE"):
            return answer
        fault = self._state.faults.take_after_commit(spoils_path(path))
        if fault is None:
            return answer
        return CUT if fault.kind == "drop_after_commit" else DOWN["500"]


def _tag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


async def _half(request: web.Request, content: bytes) -> web.StreamResponse:
    """The whole length is promised, half of it comes."""
    answer = web.StreamResponse(headers={"Content-Length": str(len(content))})
    await answer.prepare(request)
    await answer.write(content[: len(content) // 2])
    if request.transport is not None:
        request.transport.close()
    return answer
