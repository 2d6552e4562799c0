"""A form with files, read part by part within limits."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import BadHttpMessage

from domain.file_body import CHUNK, FileBody
from locales import N_
from services.hooks_in.website_form import SentFile
from web.bodies import LARGEST, MOST_FIELDS, PATIENCE, printable
from web.errors import BROKEN_FORM, TOO_SLOW, Answer, Refusal

LARGEST_FORM = 10 * 1024 * 1024
MOST_FILES = 5
SLOWEST = 4 * PATIENCE
"""Seconds a form with files may take to arrive."""

TOO_LARGE = Answer(413, "too_large", N_("The form is larger than 10 MiB or has more than 5 files."))


async def read_multipart(
    request: web.Request, largest: int = LARGEST_FORM, too_large: Answer = TOO_LARGE
) -> tuple[Mapping[str, str], tuple[SentFile, ...]]:
    """Text fields, several of one name with commas between, and files, to be closed. Raises Refusal:
    `too_large` for more than `largest` bytes, and for more than MOST_FILES."""
    if request.content_length is not None and request.content_length > largest:
        raise Refusal(too_large)
    with ExitStack() as bodies:
        try:
            async with asyncio.timeout(SLOWEST):
                found = await _parts(request, largest, too_large, bodies)
        except (TimeoutError, ConnectionResetError, web.RequestPayloadError):
            raise Refusal(TOO_SLOW) from None
        except (ValueError, LookupError, AssertionError, BadHttpMessage, RuntimeError):
            raise Refusal(BROKEN_FORM) from None
        bodies.pop_all()
    return found


async def _parts(
    request: web.Request, largest: int, too_large: Answer, bodies: ExitStack
) -> tuple[Mapping[str, str], tuple[SentFile, ...]]:
    fields: dict[str, str] = {}
    files: list[SentFile] = []
    left, texts = largest, LARGEST
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise Refusal(BROKEN_FORM)
        is_file = part.filename is not None
        body = bodies.enter_context(FileBody())
        await _receive(part, body, left if is_file else min(left, texts), too_large)
        left -= body.size
        if is_file:
            _add_file(files, part, body, too_large)
            continue
        texts -= body.size
        name, text = printable(part.name or ""), body.read().decode(part.get_charset("utf-8"))
        body.close()
        fields[name] = f"{fields[name]}, {printable(text)}" if name in fields else printable(text)
        if len(fields) > MOST_FIELDS:
            raise Refusal(too_large)
    return fields, tuple(files)


async def _receive(part: BodyPartReader, body: FileBody, most: int, too_large: Answer) -> None:
    while chunk := await part.read_chunk(CHUNK):
        body.write(chunk)
        if body.size > most:
            raise Refusal(too_large)


def _add_file(files: list[SentFile], part: BodyPartReader, body: FileBody, too_many: Answer) -> None:
    """A file field that was left empty comes without a name or bytes."""
    if not part.filename or not body.size:
        return
    if len(files) >= MOST_FILES:
        raise Refusal(too_many)
    name = printable(part.filename).replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "")
    mime = printable(part.headers.get("Content-Type", "application/octet-stream"))
    files.append(SentFile(" ".join(name.split()) or "file", mime.partition(";")[0], body))
