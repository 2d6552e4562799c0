"""A CSV written row by row, as spreadsheets of the reader's country open it."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from domain.spreadsheets import safe_cell
from services.exporting.xlsx import Cell


class CsvFile:
    """A CSV being written at `path`, in UTF-8 with the mark that Excel needs. With ";" between the cells the
    comma is the decimal point."""

    def __init__(self, path: Path, delimiter: str) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=delimiter)
        self._point = "," if delimiter == ";" else "."
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def head(self, titles: Sequence[str]) -> None:
        """The first row."""
        self.write([titles])

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Some rows below what is there."""
        kept = [[self._cell(value) for value in row] for row in rows]
        self._writer.writerows(kept)
        self.rows += len(kept)

    def _cell(self, value: Cell) -> str:
        if isinstance(value, str):
            return safe_cell(value)
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%d %H:%M")
        if isinstance(value, Decimal | float):
            return str(value).replace(".", self._point)
        return "" if value is None else str(value)
