"""Many leads at once: made in a batch, changed in bulk, taken out as a file."""

import os
import tempfile
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from domain.bulk import BulkRun, Order
from domain.errors import BadInput, DuplicateLead, VoronkaError
from locales import current_language
from services.exporting.exports import Words
from web.api.areas.lead_writing import created
from web.api.areas.leads import FIELDS, TAG, lead_out, query_of
from web.api.endpoint import Call, Endpoint, FileAnswer
from web.api.models.leads import BatchIn, BatchItem, BatchOut, BulkIn, BulkOut, LeadFilters, LeadIn

MEDIA = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportAsked(LeadFilters):
    """Which leads, and what kind of file."""

    format: Annotated[Literal["csv", "xlsx"], Field(description="The kind of file.")] = "csv"


async def batch(call: Call) -> BatchOut:
    items = [await _stored(call, one) for one in call.given(BatchIn).leads]
    made = sum(one.lead is not None for one in items)
    return BatchOut(created=made, refused=len(items) - made, items=items)


async def _stored(call: Call, given: LeadIn) -> BatchItem:
    """One lead of a batch: its savepoint alone is taken back where it is refused."""
    try:
        async with call.services.api_writes.apart(call.caller):
            return BatchItem(status=201, lead=lead_out(call, await created(call, given)))
    except BadInput as error:
        fields = error.params.get("fields")
        field = next(iter(fields)) if isinstance(fields, dict) else FIELDS.get(error.field, error.field)
        return BatchItem(status=422, code=error.reason, field=field)
    except DuplicateLead as error:
        return BatchItem(status=409, code=error.code, lead_id=error.lead_id)
    except VoronkaError as error:
        return BatchItem(status=409, code=error.code)


async def bulk(call: Call) -> BulkOut:
    given = call.given(BulkIn)
    if (given.lead_ids is None) == (given.filter is None):
        raise BadInput("lead_ids", "required" if given.lead_ids is None else "invalid")
    value = given.value.strip()
    if given.action in ("assign", "stage") and (value or given.action == "stage") and not _is_id(value):
        raise BadInput("value", "invalid")
    order = Order(given.action, value, given.reason.strip())
    query = query_of(given.filter) if given.filter is not None else None
    return _run_out(await call.services.bulk.start_on(call.member, order, given.lead_ids or (), query))


def _is_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False


async def get_run(call: Call) -> BulkOut:
    return _run_out(await call.services.bulk.get(call.member, call.id))


async def undo_run(call: Call) -> BulkOut:
    return _run_out(await call.services.bulk.undo(call.member, call.id))


async def cancel_run(call: Call) -> BulkOut:
    return _run_out(await call.services.bulk.cancel(call.member, call.id))


def _run_out(run: BulkRun) -> BulkOut:
    return BulkOut(
        id=run.id,
        action=run.order.action,
        state=run.state,
        total=run.total,
        done=run.done,
        undone=run.undone,
        skipped=dict(run.skipped),
    )


async def export(call: Call) -> FileAnswer:
    """The file is written to the disk first, a page at a time, so that the memory stays flat."""
    asked = call.asked(ExportAsked)
    own = {one.path: one.name for one in await call.services.exports.fields(call.member)}
    words = Words(
        title=lambda name: own.get(name) or call.words.column(name),
        stage=call.words.stage,
        pipeline=call.words.pipeline,
        delimiter=";" if current_language() == "ru" else ",",
    )
    handle, path = tempfile.mkstemp(suffix=f".{asked.format}", prefix="voronka-export-")
    os.close(handle)
    try:
        await call.services.exports.write(
            call.member, query_of(asked), asked.format, Path(path), words, _untold
        )
    except BaseException:
        os.unlink(path)
        raise
    return FileAnswer(path, f"leads.{asked.format}", MEDIA[asked.format])


async def _untold(_done: int, _total: int) -> None:
    """Nobody watches a bar here."""


RUN = "/api/leads/bulk/{id}"

ENDPOINTS = (
    Endpoint(
        "create_leads", "POST", "/api/leads/batch", "leads:write", batch, TAG,
        "Many new leads, each stored or refused by itself", answer=BatchOut, body=BatchIn,
    ),
    Endpoint(
        "change_leads", "POST", "/api/leads/bulk", "leads:write", bulk, TAG,
        "Change many leads; more than fifty are worked off in the background", answer=BulkOut,
        body=BulkIn, fields={**FIELDS, "tag": "value"},
    ),
    Endpoint(
        "get_bulk", "GET", RUN, "leads:read", get_run, TAG, "How far a change of many has come",
        answer=BulkOut,
    ),
    Endpoint(
        "undo_bulk", "POST", f"{RUN}/undo", "leads:write", undo_run, TAG, "Take a change of many back",
        answer=BulkOut,
    ),
    Endpoint(
        "cancel_bulk", "POST", f"{RUN}/cancel", "leads:write", cancel_run, TAG,
        "Stop a change of many; what is done stays", answer=BulkOut,
    ),
    Endpoint(
        "export_leads", "GET", "/api/leads/export", "export", export, TAG, "Leads as a file",
        query=ExportAsked, fields=FIELDS, files=tuple(MEDIA.values()),
    ),
)  # fmt: skip
