"""Whose rows a statement may touch: refused here where it names no organization, and told to PostgreSQL,
whose policies (storage/row_security.py) leave the rows of others out of sight.

PostgreSQL is told by a setting of the transaction: together with BEGIN, and again only before a statement
that touches an organization's rows in another scope than the one before.
"""

import asyncio
import re
import socket
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import TenantMissing
from storage.row_security import SETTING, SYSTEM
from storage.tables import TENANT_TABLES

NOBODY = ""
KEEP_ALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}
"""Seconds, but for the last, which is in milliseconds."""

_NAMES = "|".join(sorted(TENANT_TABLES))
_TENANT_TABLE = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+({_NAMES})\b")
_SCOPED = re.compile(rf"\b(?:organizations|{_NAMES})\b")
_WANTED, _TOLD, _TOUCHED = "scope", "scope told", "touched"


def scope_of(tenant: UUID | None, system: bool) -> str:
    """The scope of a session: SYSTEM, an organization's id, or NOBODY."""
    if system:
        return SYSTEM
    return str(tenant) if tenant is not None else NOBODY


def want(connection: AsyncConnection, scope: str) -> None:
    """From now on the connection's statements run in this scope."""
    connection.info[_WANTED] = scope


def is_told(connection: AsyncConnection, scope: str) -> bool:
    """Whether the open transaction is in this scope already, so that the driver may be used directly."""
    return connection.info.get(_TOLD) == scope


def is_untouched(connection: AsyncConnection) -> bool:
    """Whether nothing has been done in the open transaction."""
    return not connection.info.get(_TOUCHED, True)


def touch(connection: AsyncConnection) -> None:
    """Something is about to be done in the open transaction that the guard does not see."""
    connection.info[_TOUCHED] = True


def keep_alive(one: socket.socket) -> None:
    """Let the system notice that nobody acknowledges what was sent, or that an idle connection leads nowhere
    (tcp(7)). Where it cannot, the time-outs of statements are left."""
    if one.family == socket.AF_UNIX:
        return
    one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEP_ALIVE.items():
        if hasattr(socket, name):
            one.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class ScopedConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that sends a statement in the same message as the next BEGIN."""

    with_begin = ""

    def __init__(self, protocol: Any, transport: asyncio.Transport, *more: Any) -> None:
        super().__init__(protocol, transport, *more)
        keep_alive(transport.get_extra_info("socket"))

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        if not args and query.startswith("BEGIN"):
            query, self.with_begin = f"{query.rstrip(';')};{self.with_begin}", ""
        return await super().execute(query, *args, timeout=timeout)


class _Known(NamedTuple):
    names_its_tenant: bool
    is_scoped: bool


def guard(engine: AsyncEngine) -> None:
    """Refuse statements that name no organization, and on PostgreSQL keep the scope told."""
    known: dict[str, _Known] = {}
    postgres = engine.dialect.name == "postgresql"

    @sa.event.listens_for(engine.sync_engine, "before_cursor_execute")
    def check(
        connection: sa.Connection,
        cursor: DBAPICursor,
        statement: str,
        parameters: Any,
        context: ExecutionContext | None,
        executemany: bool,
    ) -> None:
        connection.info[_TOUCHED] = True
        read = known.get(statement)
        if read is None:
            read = known[statement] = _read(statement)
        wanted = connection.info.get(_WANTED, SYSTEM)
        if wanted is not SYSTEM and not read.names_its_tenant:
            raise TenantMissing(statement=statement.split(" WHERE ")[0][:120])
        if postgres and wanted != connection.info.get(_TOLD):
            _tell(connection, wanted, read.is_scoped)

    @sa.event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.info[_TOUCHED] = False
        connection.info[_TOLD] = None

    if postgres:
        _follow(engine)


def _read(statement: str) -> _Known:
    named = "organization_id" in statement or not _TENANT_TABLE.search(statement)
    return _Known(named, _SCOPED.search(statement) is not None)


def _tell(connection: sa.Connection, wanted: str, at_once: bool) -> None:
    adapted: Any = connection.connection.dbapi_connection
    setting = f"SET LOCAL {SETTING} = '{wanted}'"
    if not adapted.driver_connection.is_in_transaction():
        adapted.driver_connection.with_begin = setting
    elif at_once:
        try:
            adapted.run_async(lambda driver: driver.execute(setting))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise sa.exc.OperationalError(setting, None, error) from error
    else:
        return
    connection.info[_TOLD] = wanted


def _follow(engine: AsyncEngine) -> None:
    """Forget what was told when the setting goes back by itself."""

    @sa.event.listens_for(engine.sync_engine, "rollback_savepoint")
    def on_rollback_savepoint(connection: sa.Connection, name: str, context: None) -> None:
        connection.info[_TOLD] = None
