"""Files of leads: what there is, and taking one off. Telegram keeps them, and they come by the chat."""

from web.api.endpoint import Call, Endpoint
from web.api.models.around import FileOut, file_out
from web.api.models.base import Page, Paging, page_of

TAG = "files"


async def browse(call: Call) -> Page[FileOut]:
    asked = call.asked(Paging)
    found = await call.services.files.of_lead(call.member, call.path["lead_id"], asked.page - 1, asked.limit)
    return Page[FileOut](**page_of([file_out(one) for one in found.files], found.total, asked))


async def get(call: Call) -> FileOut:
    return file_out(await call.services.files.get(call.member, call.id))


async def delete(call: Call) -> None:
    await call.services.files.delete(call.member, call.id)


ONE = "/api/files/{id}"

ENDPOINTS = (
    Endpoint(
        "list_files", "GET", "/api/files/lead/{lead_id}", "leads:read", browse, TAG,
        "Files of a lead, the newest first", answer=Page[FileOut], query=Paging,
    ),
    Endpoint("get_file", "GET", ONE, "leads:read", get, TAG, "What is known of a file", answer=FileOut),
    Endpoint(
        "delete_file", "DELETE", ONE, "leads:write", delete, TAG, "Take a file off its lead", status=204,
    ),
)  # fmt: skip
