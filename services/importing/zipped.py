"""Spreadsheets that would burst when they are opened: looked at before anything is built from them."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from domain.errors import BadInput
from domain.importing import COLUMN_LIMIT, ROW_LIMIT, UNPACKED_LIMIT

PIECE = 1 << 20
PARTS_LIMIT = 2_000
CELLS_LIMIT = 20_000_000
"""A sheet is laid out as a rectangle: two cells in its corners take as much as all between them."""

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{0,4})([0-9]{1,10})\s*["']""")
_NAMED = 60
"""Bytes that a place cut in two by the end of a piece may take."""


def demand_sound(content: bytes) -> None:
    """Raises BadInput("file", ...): not_a_table, unpacks_too_big, too_many_rows or too_many_columns.

    Parts are really unpacked and counted: what a zip says of its sizes is not believed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > PARTS_LIMIT or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
                raise BadInput("file", "unpacks_too_big", limit=UNPACKED_LIMIT // 1_000_000)
            if "xl/workbook.xml" not in {part.filename.lower() for part in parts}:
                raise BadInput("file", "not_a_table")
            for part in parts:
                _look_at(archive, part)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError) as error:
        # RuntimeError: it has a password, or is packed in a way that nobody knows
        raise BadInput("file", "not_a_table") from error


def _look_at(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    pieces = _pieces(archive, part)
    if not _SHEET.fullmatch(part.filename.lstrip("/")):
        for _ in pieces:
            pass
        return
    rows = columns = 0
    tail = b""
    for piece in pieces:
        for letters, digits in _PLACE.findall(tail + piece):
            rows = max(rows, int(digits))
            columns = max(columns, _column(letters))
        tail = piece[-_NAMED:]
    if rows * max(columns, 1) > CELLS_LIMIT:
        _too_far(rows, columns)


def _too_far(rows: int, columns: int) -> None:
    if columns > COLUMN_LIMIT * 3:
        raise BadInput("file", "too_many_columns", columns=columns, limit=COLUMN_LIMIT)
    raise BadInput("file", "too_many_rows", rows=rows, limit=ROW_LIMIT)


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as unpacked:
        while piece := unpacked.read(PIECE):
            yield piece


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
