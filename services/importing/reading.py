"""A file that somebody sent, as a table of text: CSV in any spelling, or a spreadsheet's first sheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import islice

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from domain.errors import BadInput
from domain.importing import COLUMN_LIMIT, ROW_LIMIT, Table
from domain.table_text import Dialect, find_header, pack, packed, records, sniff, trimmed
from services.importing.zipped import demand_sound

SAMPLE = 20
AT_ONCE = 1000
"""Rows of a spreadsheet that are text at a time."""

_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_table(content: bytes) -> Table:
    """The table in a file, whatever its name says; takes a second for 50,000 rows, so call it in a thread.

    Raises BadInput("file", ...): empty, not_a_table, old_excel (or one with a password), too_many_rows,
    too_many_columns, unpacks_too_big, broken.
    """
    if content.startswith(_OLD):
        raise BadInput("file", "old_excel")
    if content.startswith(_ZIP):
        return _measured(_sheet_text(content), Dialect(), "xlsx")
    delimiter, body = sniff(packed(content))
    for quoted in (True, False):
        with suppress(csv.Error):
            return _measured(body, Dialect(delimiter, quoted), "csv")
    raise BadInput("file", "broken", line=_broken_at(body, Dialect(delimiter, quoted=False)))


def _broken_at(body: bytes, dialect: Dialect) -> int:
    """The first record that cannot be read."""
    line = 1
    with suppress(csv.Error):
        for _ in records(body, dialect):
            line += 1
    return line


def _measured(body: bytes, dialect: Dialect, kind: str) -> Table:
    head = [trimmed(row) for row in islice(records(body, dialect), 10)]
    place = find_header(head)
    named = bool(head) and not _is_data(head[place])
    first = place + 2 if named else place + 1
    width = rows = 0
    sample: list[tuple[str, ...]] = []
    for row in islice(records(body, dialect), first - 1, None):
        if trimmed(row):
            rows += 1
            width = max(width, len(row))
            if len(sample) < SAMPLE:
                sample.append(tuple(row))
    header = tuple(cell.strip() for cell in head[place]) if named else ()
    _demand_room(rows, max(width, len(header)))
    return Table(body, dialect, kind, header, first, rows, max(width, len(header)), tuple(sample))


def _demand_room(rows: int, width: int) -> None:
    if not rows:
        raise BadInput("file", "empty")
    if rows > ROW_LIMIT:
        raise BadInput("file", "too_many_rows", rows=rows, limit=ROW_LIMIT)
    if width > COLUMN_LIMIT:
        raise BadInput("file", "too_many_columns", columns=width, limit=COLUMN_LIMIT)


def _is_data(row: Sequence[str]) -> bool:
    """Whether the first row holds a lead already: names of columns have neither an @ nor many digits."""
    return any("@" in cell or sum(one.isdigit() for one in cell) >= 7 for cell in row)


def _sheet_text(content: bytes) -> bytes:
    """The first sheet with something in it, as packed comma-separated text whose records are its rows."""
    demand_sound(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for sheet in book.sheets_metadata:
            if sheet.visible is SheetVisibleEnum.Visible:
                found = book.get_sheet_by_name(sheet.name)
                if found.height:
                    return _as_text(found)
    except (CalamineError, ValueError, OSError) as error:
        raise BadInput("file", "not_a_table") from error
    raise BadInput("file", "empty")


def _as_text(sheet: CalamineSheet) -> bytes:
    rows: Iterator[Sequence[object]] = sheet.iter_rows()
    return pack(iter(lambda: _written(islice(rows, AT_ONCE)), ""))


def _written(rows: Iterable[Sequence[object]]) -> str:
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([as_cell(value) for value in row] for row in rows)
    return table.getvalue().replace("\0", "")


def as_cell(value: object) -> str:
    """A spreadsheet's value as people would have typed it; a phone kept as a number loses its point."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        at = value.isoformat(" ", "seconds")
        return at.removesuffix(" 00:00:00")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta | int) else ""
