"""Files that come and go by the API: a body as it is or in a form, and headers that no browser runs."""

import asyncio
import os
import re
from collections.abc import Mapping
from contextlib import ExitStack
from urllib.parse import quote

from aiohttp import web

from domain.errors import BadInput
from domain.file_body import CHUNK, FileBody
from domain.files import DOWNLOAD_LIMIT
from locales import N_
from web.api.endpoint import FileAnswer, GivenFile
from web.bodies import JSON_TYPES, printable
from web.errors import TOO_SLOW, UNSUPPORTED, Answer, Refusal
from web.uploads import SLOWEST, read_multipart

FORM, RAW = "multipart/form-data", "application/octet-stream"
LARGEST_FILE = DOWNLOAD_LIMIT
TOO_LARGE = Answer(413, "too_large", N_("The file is larger than 20 MB."))
FORM_ROOM = 64 * 1024
"""What a form may hold besides the file."""

SHOWN_AS_THEY_ARE = frozenset(
    {
        *("application/pdf", "application/zip", "application/json", "text/plain", "text/csv"),
        *("image/png", "image/jpeg", "image/gif", "image/webp", "audio/ogg", "audio/mpeg", "video/mp4"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
)
"""Types under which nothing runs in a browser; any other is told as bytes."""

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


async def read_file(request: web.Request) -> GivenFile:
    """The file of a request, to be closed: of a form its one file, else the body, named by the query's
    `name`. Raises Refusal, BadInput("file", ...)."""
    if request.content_type == FORM:
        return await _from_form(request)
    if request.content_type in JSON_TYPES:
        raise Refusal(UNSUPPORTED)
    if request.content_length is not None and request.content_length > LARGEST_FILE:
        raise Refusal(TOO_LARGE)
    with ExitStack() as held:
        body = held.enter_context(FileBody())
        await _receive(request, body)
        if not body.size:
            raise BadInput("file", "required")
        held.pop_all()
    return GivenFile("", request.content_type, body)


async def _receive(request: web.Request, body: FileBody) -> None:
    try:
        async with asyncio.timeout(SLOWEST):
            async for chunk in request.content.iter_chunked(CHUNK):
                body.write(chunk)
                if body.size > LARGEST_FILE:
                    raise Refusal(TOO_LARGE)
    except (TimeoutError, ConnectionResetError, web.RequestPayloadError):
        raise Refusal(TOO_SLOW) from None


async def _from_form(request: web.Request) -> GivenFile:
    fields, files = await read_multipart(request, LARGEST_FILE + FORM_ROOM, TOO_LARGE)
    with ExitStack() as held:
        for one in files:
            held.enter_context(one.body)
        if len(files) != 1:
            raise BadInput("file", "too_many" if files else "required")
        (one,) = files
        if one.body.size > LARGEST_FILE:
            raise Refusal(TOO_LARGE)
        held.pop_all()
    return GivenFile(one.name, one.mime, one.body, fields)


def fingerprint(file: GivenFile) -> list[object]:
    """What makes a repeated upload the same one."""
    return [file.name, file.mime, sorted(file.fields.items()), file.body.sha256]


def file_response(answer: FileAnswer, headers: Mapping[str, str]) -> web.StreamResponse:
    """Opened before it is unlinked: nothing is left on the disk, however the sending ends."""
    descriptor = open(answer.path, "rb")  # noqa: SIM115  (aiohttp closes it)
    os.unlink(answer.path)
    kind = answer.media_type if answer.media_type in SHOWN_AS_THEY_ARE else RAW
    told = {"Content-Type": kind, "Content-Disposition": disposition(answer.name)}
    return web.Response(body=descriptor, headers={**headers, **SAFE, **told})


def disposition(name: str) -> str:
    """To be saved, under a name in any script (RFC 6266, RFC 8187); whatever the name holds, it stays one
    value of one header."""
    one_line = " ".join(printable(name).split()) or "file"
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", one_line)
    if plain == one_line:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(one_line, safe='')}"
