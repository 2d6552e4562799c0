"""A call's raw parameters and files out of a query string, a form, a multipart body or JSON."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import BodyPartReader, MultipartReader, web

from .errors import ApiError, Json, bad_request
from .files import MAX_UPLOAD, Upload

CHUNK = 1 << 16


async def _read_part(part: BodyPartReader) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        data += chunk
        if len(data) > MAX_UPLOAD:
            raise ApiError(413, "Request Entity Too Large")
    return bytes(data)


async def read_multipart(reader: Any) -> tuple[Json, dict[str, Upload]]:
    """Fields and files of a multipart body (an aiohttp MultipartReader or its response wrapper)."""
    params: Json = {}
    uploads: dict[str, Upload] = {}
    while (part := await reader.next()) is not None:
        if isinstance(part, MultipartReader) or not part.name:
            continue
        data = await _read_part(part)
        if part.filename:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads[part.name] = Upload(part.filename, kind.partition(";")[0], data)
        else:
            params[part.name] = data.decode()
    return params, uploads


async def read_call(request: web.Request) -> tuple[Json, dict[str, Upload]]:
    """Everything a request carries. Raises ApiError 400 for a body that is no object or no JSON."""
    params: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type.startswith("multipart/"):
        fields, uploads = await read_multipart(await request.multipart())
        params |= fields
    elif request.content_type == "application/json" and (body := await request.read()):
        try:
            parsed = json.loads(body)
        except ValueError as error:
            raise bad_request("can't parse JSON object") from error
        if not isinstance(parsed, dict):
            raise bad_request("object expected")
        params |= parsed
    elif request.content_type == "application/x-www-form-urlencoded":
        params |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return params, uploads
