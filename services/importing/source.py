"""A kept file: packed into its row, and read again page by page from wherever the work stopped."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from domain.importing import BadRow, RowLead, Table
from domain.table_text import Dialect, records
from services.importing.guessing import header_mark
from services.importing.row_reader import RowReader

PAGE = 1000
"""Rows of one transaction: enough to make each row cheap, few enough to keep nobody waiting."""

Page = list[RowLead | BadRow]


def pack(table: Table) -> tuple[bytes, dict[str, Any]]:
    """The file's body and what `settings` tells of it."""
    return table.body, {
        "kind": table.kind,
        "delimiter": table.dialect.delimiter,
        "quoted": table.dialect.quoted,
        "header": list(table.header),
        "first": table.first,
        "width": table.width,
        "sample": [list(row) for row in table.sample],
        "mark": header_mark(table.header, table.width),
    }


def every_row(body: bytes, settings: Mapping[str, Any]) -> Iterator[tuple[int, list[str]]]:
    """(row, cells) of the rows with data, counted as a spreadsheet does."""
    dialect = Dialect(settings["delimiter"], settings["quoted"])
    first = int(settings["first"])
    for row, cells in enumerate(islice(records(body, dialect), first - 1, None), start=first):
        if "".join(cells).strip():
            yield row, cells


class Source:
    """Pages of a file in their order. Reading takes a while: call `page` in a thread."""

    def __init__(self, body: bytes, settings: Mapping[str, Any], reader: RowReader) -> None:
        self._rows, self._read = every_row(body, settings), reader.read

    def page(self) -> Page:
        """The next rows, read; empty at the end."""
        page = list(islice(self._rows, PAGE))
        return self._read([row for row, _ in page], [cells for _, cells in page])
