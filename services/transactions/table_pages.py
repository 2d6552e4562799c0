"""A kept table of purchases, read page by page in a thread while the page before is being written."""

import asyncio
from collections.abc import Mapping
from itertools import islice
from typing import Any

from services.importing.source import every_row
from services.transactions.table_rows import TableReader, Told

AT_ONCE = 5000
"""Rows of one transaction."""


class TablePages:
    """The rows of one table in their order."""

    def __init__(self, body: bytes, settings: Mapping[str, Any], reader: TableReader) -> None:
        self._rows, self._reader = every_row(body, settings), reader

    async def all(self) -> Told:
        """Every row that is left."""
        return await asyncio.to_thread(self._reader.read, self._rows)

    async def next(self) -> Told:
        """The next rows; nothing at the end."""
        return await asyncio.to_thread(self._next)

    def _next(self) -> Told:
        return self._reader.read(islice(self._rows, AT_ONCE))
