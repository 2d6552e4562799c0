"""SQLite's thread visited once a statement.

aiosqlite runs a connection on a thread of its own, and SQLAlchemy goes there four times for one
statement: for a cursor, to execute, for the rows, and to close. A visit costs more than most statements
do, so these cursors bring the rows along and have nothing left to close.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from types import TracebackType
from typing import Any, Self

import aiosqlite

Rows = list[Any]
ROWS_AT_ONCE = (256, 32, 4, 1)
"""So many rows go with one statement: a few sizes, so that each is prepared once."""


class Cursor:
    """As much of an aiosqlite cursor as SQLAlchemy asks for."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._done: sqlite3.Cursor | None = None
        self._rows: Rows = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        self._done, self._rows = await self._connection.run(sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> Self:
        self._done = await self._connection.run_many(sql, parameters)
        return self

    async def fetchall(self) -> Rows:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Every row has been fetched, which is what ends a statement."""

    @property
    def description(self) -> Any:
        return self._done.description if self._done is not None else None

    @property
    def rowcount(self) -> int:
        return self._done.rowcount if self._done is not None else -1

    @property
    def lastrowid(self) -> int | None:
        return self._done.lastrowid if self._done is not None else None


class Connection(aiosqlite.Connection):
    """An aiosqlite connection with these cursors. Its thread does not keep the process alive."""

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(lambda: sqlite3.connect(path, **options), 64)
        self._thread.daemon = True

    def cursor(self) -> Cursor:  # type: ignore[override]
        return Cursor(self)

    async def run(self, sql: str, parameters: Sequence[Any]) -> tuple[sqlite3.Cursor, Rows]:
        """Execute one statement; all its rows."""
        done: tuple[sqlite3.Cursor, Rows] = await self._visit(self._run, sql, parameters)
        return done

    async def run_many(self, sql: str, parameters: Iterable[Sequence[Any]]) -> sqlite3.Cursor:
        """Execute one statement for each of the parameters."""
        done: sqlite3.Cursor = await self._visit(self._conn.executemany, sql, parameters)
        return done

    async def insert(self, head: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows to what `head` names ("INSERT INTO table (columns)"). Many go with one statement: a
        statement a row would fetch and lose Python's lock each time."""
        if rows:
            await self._visit(self._insert, head, rows)

    async def _visit(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Have the thread do it. Whoever is cancelled meanwhile leaves only when the thread is done:
        a BEGIN still in its queue would begin after the pool has taken the connection back."""
        try:
            return await self._execute(work, *arguments)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            await asyncio.shield(self._execute(int))  # type: ignore[no-untyped-call]
            raise

    def _insert(self, head: str, rows: Sequence[Sequence[Any]]) -> None:
        one = f"({', '.join('?' * len(rows[0]))})"
        done = 0
        for size in ROWS_AT_ONCE:
            sql = f"{head} VALUES {', '.join([one] * size)}"
            while len(rows) - done >= size:
                self._conn.execute(sql, list(chain.from_iterable(rows[done : done + size])))
                done += size

    def _run(self, sql: str, parameters: Sequence[Any]) -> tuple[sqlite3.Cursor, Rows]:
        cursor = self._conn.execute(sql, parameters)
        return cursor, cursor.fetchall() if cursor.description else []
