"""Files of leads: what there is, bringing one, fetching one, taking one off."""

import asyncio
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from domain.errors import BadInput
from domain.files import FileKind, IncomingFile
from web.api.endpoint import CREATED, Call, Endpoint, FileAnswer, GivenFile
from web.api.file_bodies import RAW, SHOWN_AS_THEY_ARE
from web.api.models.around import FileOut, file_out
from web.api.models.base import PRINTABLE, Given, Key, Page, Paging, page_of

TAG = "files"


class Brought(Given):
    """What a file is called where it does not come in a form, and the custom field whose value it becomes."""

    name: Annotated[str, Field(max_length=200, pattern=PRINTABLE)] = ""
    field: Key = ""


async def browse(call: Call) -> Page[FileOut]:
    asked = call.asked(Paging)
    found = await call.services.files.of_lead(call.member, call.path["lead_id"], asked.page - 1, asked.limit)
    return Page[FileOut](**page_of([file_out(one) for one in found.files], found.total, asked))


async def get(call: Call) -> FileOut:
    return file_out(await call.services.files.get(call.member, call.id))


def _sent(call: Call) -> tuple[GivenFile, str]:
    """The file and what it is called."""
    assert call.file is not None
    name = call.asked(Brought).name or call.file.name
    if not name:
        raise BadInput("name", "required")
    return call.file, name


async def store(call: Call) -> Call:
    sent, name = _sent(call)
    lead_id = call.path["lead_id"]
    upload = await call.services.files.bring(call.member, lead_id, name, sent.mime, sent.body)
    return replace(call, upload=upload)


async def add(call: Call) -> FileOut:
    sent, name = _sent(call)
    field = call.asked(Brought).field or sent.fields.get("field", "").strip()
    given = IncomingFile(FileKind.DOCUMENT, "", name, sent.mime, sent.body.size)
    lead_id = call.path["lead_id"]
    return file_out(await call.services.files.add(call.member, lead_id, given, field, call.upload))


async def content(call: Call) -> FileAnswer:
    file = await call.services.files.get(call.member, call.id)
    with await call.services.files.content(call.member, call.id) as found:
        path = await asyncio.to_thread(found.saved)
    return FileAnswer(str(path), file.name or f"{file.kind.value}-{file.id}", file.mime or RAW)


async def delete(call: Call) -> None:
    await call.services.files.delete(call.member, call.id)


OF_LEAD, ONE = "/api/files/lead/{lead_id}", "/api/files/{id}"

ENDPOINTS = (
    Endpoint(
        "list_files", "GET", OF_LEAD, "leads:read", browse, TAG, "Files of a lead, the newest first",
        answer=Page[FileOut], query=Paging,
    ),
    Endpoint(
        "add_file", "POST", OF_LEAD, "leads:write", add, TAG,
        "A file for a lead, at most 20 MB: the body as it is, or a form with it", answer=FileOut,
        query=Brought, status=CREATED, takes_file=True, before=store, place=ONE,
    ),
    Endpoint("get_file", "GET", ONE, "leads:read", get, TAG, "What is known of a file", answer=FileOut),
    Endpoint(
        "get_file_content", "GET", f"{ONE}/content", "leads:read", content, TAG, "The file itself",
        files=(*sorted(SHOWN_AS_THEY_ARE), RAW),
    ),
    Endpoint(
        "delete_file", "DELETE", ONE, "leads:write", delete, TAG, "Take a file off its lead", status=204,
    ),
)  # fmt: skip
