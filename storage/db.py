"""The engine and its sessions.

A session carries the organization it works for. A statement that touches an organization's table
without naming organization_id is refused, unless the session was opened in the system scope, as the
workers that claim rows of all organizations do. PostgreSQL shows a session no rows of others.

While an update of a chat is being handled its transaction is ambient: use cases called from the
handler join it through a savepoint, so that the dialog's state, the effect and the journal's mark
commit together or not at all.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult, Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolResetState
from sqlalchemy.sql.base import Executable

from domain.errors import TenantMissing
from storage.scopes import ScopedConnection, guard, is_told, is_untouched, scope_of, touch, want
from storage.together import Together

_JSON = json.JSONDecoder()
_IN_SCOPE = sa.text("SELECT 1 FROM organizations LIMIT 0")
_ambient: ContextVar["Session | None"] = ContextVar("ambient_session", default=None)


@dataclass(frozen=True, slots=True)
class Silence:
    """Seconds that PostgreSQL may say nothing before it counts as away: for a connection (a new one, or one
    of the pool's to come free), and for the answer to a statement. None of ours takes nearly as long."""

    connection: float = 10.0
    statement: float = 60.0


SILENCE = Silence()


class Session:
    """An open transaction in the name of one organization, or of the system."""

    def __init__(self, connection: AsyncConnection, tenant: UUID | None, system: bool) -> None:
        self.connection = connection
        self.system = system
        self._tenant = tenant
        self._scope = scope_of(tenant, system)
        self._task = asyncio.current_task()
        self._after: list[Callable[[], None]] = []
        self._remembered: dict[UUID | None, dict[object, Any]] = {}
        self.open = True

    @property
    def tenant(self) -> UUID:
        """The organization. Raises TenantMissing in the system scope."""
        if self._tenant is None:
            raise TenantMissing
        return self._tenant

    @property
    def remembered(self) -> dict[object, Any]:
        """What was read once of this organization and holds for the whole transaction."""
        return self._remembered.setdefault(self._tenant, {})

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    def joinable(self) -> bool:
        """A task spawned while this transaction is open inherits the context but must not join it."""
        return self.open and self._task is asyncio.current_task()

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        want(self.connection, self._scope)
        return await self.connection.execute(statement, parameters)

    async def driver(self) -> Any:
        """The driver's own connection, within the transaction and in the session's scope."""
        if self.dialect == "postgresql" and not is_told(self.connection, self._scope):
            # SQLAlchemy begins with the first statement, which the driver's would otherwise precede
            await self.execute(_IN_SCOPE)
        touch(self.connection)
        return (await self.connection.get_raw_connection()).driver_connection

    async def rows(self, statement: Executable) -> list[Row[Any]]:
        return list((await self.execute(statement)).all())

    async def first(self, statement: Executable) -> Row[Any] | None:
        return (await self.execute(statement)).first()

    async def scalar(self, statement: Executable) -> Any:
        return (await self.execute(statement)).scalar()

    def after_commit(self, call: Callable[[], None]) -> None:
        """Run `call` once the outermost transaction has committed; never if it rolls back."""
        self._after.append(call)

    def scoped(self, tenant: UUID | None, system: bool) -> "Session":
        child = Session(self.connection, tenant if tenant is not None else self._tenant, system)
        child._after, child._remembered = self._after, self._remembered
        return child

    def committed(self) -> None:
        for call in self._after:
            call()


class Database:
    """Opens sessions on SQLite or PostgreSQL. Close it: aiosqlite's threads keep a process alive."""

    def __init__(self, url: str, *, pool_size: int = 10, silence: Silence = SILENCE) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = open_engine(url, pool_size, silence)
        # SQLite has one writer: waiting for it here costs less than polling for its lock
        self._writer = asyncio.Lock() if self.is_sqlite else None
        self._writing: asyncio.Task[Any] | None = None
        self.together = Together(self)

    @asynccontextmanager
    async def transaction(
        self, tenant: UUID | None = None, *, system: bool = False
    ) -> AsyncIterator[Session]:
        """A writing transaction: committed at the end, rolled back by any error.

        Inside an ambient transaction of the same task it is a savepoint of that one; where nothing has been
        done in that yet, its beginning is the savepoint, which costs no message.
        """
        ambient = _ambient.get()
        if ambient is not None and ambient.joinable():
            joined = _from_its_beginning if is_untouched(ambient.connection) else _savepoint
            async with joined(ambient.connection):
                yield ambient.scoped(tenant, system)
            return
        async with self._begin(tenant, system, writing=True) as session:
            yield session
        session.committed()

    @asynccontextmanager
    async def reading(self, tenant: UUID | None = None, *, system: bool = False) -> AsyncIterator[Session]:
        """A transaction that only reads; sees what an ambient transaction has written so far."""
        ambient = _ambient.get()
        if ambient is not None and ambient.joinable():
            yield ambient.scoped(tenant, system)
            return
        async with self._begin(tenant, system, writing=False) as session:
            yield session

    def is_ambient(self) -> bool:
        """Whether transactions of this task are savepoints of an ambient one."""
        ambient = _ambient.get()
        return ambient is not None and ambient.joinable()

    @asynccontextmanager
    async def ambient(self, tenant: UUID | None = None) -> AsyncIterator[Session]:
        """A transaction that use cases called by this task join: of an organization, or of the system."""
        async with self._begin(tenant, tenant is None, writing=True) as session:
            token = _ambient.set(session)
            try:
                yield session
            finally:
                _ambient.reset(token)
        session.committed()

    @asynccontextmanager
    async def _begin(self, tenant: UUID | None, system: bool, *, writing: bool) -> AsyncIterator[Session]:
        lock = self._turn_to_write() if self._writer is not None and writing else nullcontext()
        async with lock, self.engine.connect() as connection:
            connection.info["writing"] = writing
            await connection.begin()
            session = Session(connection, tenant, system)
            want(connection, scope_of(tenant, system))
            try:
                yield session
                await connection.commit()
            except BaseException:
                await connection.rollback()
                raise
            finally:
                session.open = False

    @asynccontextmanager
    async def _turn_to_write(self) -> AsyncIterator[None]:
        assert self._writer is not None
        task = asyncio.current_task()
        if self._writing is task:
            raise RuntimeError("a transaction inside a transaction of the same task would wait for itself")
        async with self._writer:
            self._writing = task
            try:
                yield
            finally:
                self._writing = None

    async def close(self) -> None:
        await self.engine.dispose()


@asynccontextmanager
async def _savepoint(connection: AsyncConnection) -> AsyncIterator[None]:
    async with connection.begin_nested():
        yield


@asynccontextmanager
async def _from_its_beginning(connection: AsyncConnection) -> AsyncIterator[None]:
    """An error takes back the whole transaction, which begins anew: what surrounds it may go on."""
    try:
        yield
    except BaseException:
        await connection.rollback()
        if not connection.invalidated:
            await connection.begin()
        raise


def open_engine(url: str, pool_size: int, silence: Silence) -> AsyncEngine:
    """An engine with the tenancy guard on, and on SQLite with its settings."""
    is_sqlite = url.startswith("sqlite")
    # on SQLite, rolling back what may be left open is done by _tune_sqlite, where something is
    options: dict[str, Any] = {"pool_reset_on_return": None}
    if not is_sqlite:
        options = {"pool_size": pool_size, "max_overflow": 10, "pool_timeout": silence.connection}
        options["connect_args"] = {
            "connection_class": ScopedConnection,
            "timeout": silence.connection,
            "command_timeout": silence.statement,
        }
    engine = create_async_engine(url, hide_parameters=True, json_deserializer=_read_json, **options)
    guard(engine)
    if is_sqlite:
        _tune_sqlite(engine)
    else:
        _give_up_the_silent(engine)
    return engine


def _read_json(text: str) -> Any:
    """Most JSON columns hold nothing, and are read by the thousand."""
    return {} if text == "{}" else _JSON.raw_decode(text)[0]


def _give_up_the_silent(engine: AsyncEngine) -> None:
    """A connection on which a statement was not answered in time is left at once: to roll back on it would
    wait as long again."""

    @sa.event.listens_for(engine.sync_engine, "handle_error")
    def on_handle_error(context: sa.ExceptionContext) -> None:
        if isinstance(context.original_exception, TimeoutError):
            context.is_disconnect = True


def _tune_sqlite(engine: AsyncEngine) -> None:
    from storage import sqlite

    @sa.event.listens_for(engine.sync_engine, "do_connect")
    def on_do_connect(dialect: Any, record: Any, arguments: Any, options: dict[str, Any]) -> None:
        options["async_creator_fn"] = sqlite.Connection

    @sa.event.listens_for(engine.sync_engine, "connect")
    def on_connect(dbapi_connection: Any, record: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        # an upgrade from a read to a write lock in the middle of a transaction fails at once on SQLite
        writing = connection.info.get("writing", True)
        cursor = connection.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "reset")
    def on_reset(dbapi_connection: Any, record: Any, state: PoolResetState) -> None:
        if not state.terminate_only and dbapi_connection.driver_connection.in_transaction:
            dbapi_connection.rollback()
