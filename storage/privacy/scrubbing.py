"""Texts that hold somebody's phone or e-mail wherever they came to rest: found row by row, and taken out.

Such texts are JSON, forms and answers of CRMs as they came. No index finds a phone in them however it was
written, so all of them are read, a page at a time.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from domain.privacy import Marks
from storage.db import Session
from storage.messages import mails
from storage.tables import metadata

PAGE = 300


@dataclass(frozen=True, slots=True)
class Texts:
    """Columns of a table that are read together, by `key`. Where one of them speaks of somebody, `emptied`
    becomes of the row; without it the columns lose what speaks. `whole`: the table belongs to no
    organization. `over` is the state of a row that waited to be worked on and has nothing left to work on;
    `fits` narrows what is read."""

    table: str
    columns: tuple[str, ...]
    emptied: Mapping[str, Any] = field(default_factory=dict)
    key: tuple[str, ...] = ("id",)
    whole: bool = False
    over: str = ""
    fits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


RAW: tuple[Texts, ...] = (
    Texts("inbox", ("body", "headers", "error"), {"body": b"{}", "headers": {}, "error": ""}, over="ignored"),
    Texts("operations", ("payload", "recorded", "error_reason"),
          {"payload": {}, "recorded": {}, "error_reason": ""}),
    Texts("notices", ("params", "error"), {"params": {}, "error": ""}, over="dropped"),
    Texts("hook_sendings", ("body", "params"), {"body": "{}"}, over="dropped"),
    Texts("api_answers", ("body", "headers"), {"body": b"{}"}, key=("key_id", "request_key")),
    Texts("dialogs", ("data",), {"data": {}, "state": None}, key=("chat_id", "telegram_id"), whole=True),
    Texts("updates", ("body", "answers"), {"body": "", "answers": None}, key=("update_id",), whole=True,
          fits={"state": ("parked", "done")}),
)  # fmt: skip
"""Texts as they came or went: one that speaks of somebody goes as a whole."""

WRITTEN: tuple[Texts, ...] = (
    Texts("leads", ("note", "custom", "utm")),
    Texts("customers", ("note", "custom")),
    Texts("activities", ("title", "text")),
    Texts("archived_activities", ("title", "text")),
    Texts("lead_history", ("old", "new")),
    Texts("conflicts", ("ours", "theirs")),
    Texts("clicks", ("page", "utm")),
    Texts("announcements", ("text",)),
    Texts("saved_views", ("name", "filter")),
    Texts("picks", ("held",), key=("member_id",)),
    Texts("import_rows", ("reason",), key=("import_id", "row")),
)
"""Texts that people wrote, also about others: only the phone or the e-mail goes out of them."""


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


async def page(s: Session, one: Texts, after: tuple[Any, ...] | None) -> list[sa.Row[Any]]:
    """The next rows of a table, by its key."""
    table = metadata.tables[one.table]
    key = [table.c[name] for name in one.key]
    query = sa.select(*key, *(table.c[name] for name in one.columns)).order_by(*key).limit(PAGE)
    if not one.whole:
        query = query.where(table.c.organization_id == s.tenant)
    for name, allowed in one.fits.items():
        query = query.where(table.c[name].in_(allowed))
    if after is not None:
        query = query.where(sa.tuple_(*key) > after if len(key) > 1 else key[0] > after[0])
    return await s.rows(query)


def speaking(one: Texts, rows: list[sa.Row[Any]], marks: Marks) -> list[sa.Row[Any]]:
    """Those rows that speak of somebody."""
    empty: tuple[Any, ...] = (None, "", b"", {}, [])
    return [
        row
        for row in rows
        if any(
            marks.are_in(_text(value))
            for value in (row._mapping[name] for name in one.columns)
            if value not in empty
        )
    ]


async def clean(s: Session, one: Texts, row: sa.Row[Any], marks: Marks) -> None:
    """Take what speaks of somebody out of a row; what still waits to be worked on is done with."""
    table = metadata.tables[one.table]
    fits = [table.c[name] == row._mapping[name] for name in one.key]
    if not one.whole:
        fits.append(table.c.organization_id == s.tenant)
    values = dict(one.emptied) or {name: marks.redacted(row._mapping[name]) for name in one.columns}
    if one.over:
        state = table.c.state
        waits = ("pending", "held", mails.OWED, mails.SENDING)
        values["state"] = sa.case((state.in_(waits), one.over), else_=state)
    await s.execute(table.update().where(*fits).values(**values))


def key_of(one: Texts, row: sa.Row[Any]) -> tuple[Any, ...]:
    return tuple(row._mapping[name] for name in one.key)
