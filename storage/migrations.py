"""Migrations from code, for the program's own commands and for tests; no alembic.ini is needed.

A new revision out of the difference between storage/tables/ and the last one:
`python -m storage.migrations revision "what changes"`.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.row_security import grant
from storage.tables import metadata

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
LOCK = 0x766F726F
R = TypeVar("R")


@cache
def head() -> str:
    """The newest revision that this code knows."""
    revision = ScriptDirectory(str(SCRIPTS)).get_current_head()
    if revision is None:
        raise LookupError(f"no migrations in {SCRIPTS}")
    return revision


async def upgrade(url: str, revision: str = "head", *, serving: str = "") -> None:
    """Bring the database at `url` up to `revision`: all of it, or nothing.

    `serving` is the URL that the server will connect with: where it names another role, that role may read
    and write rows afterwards, and nothing else. Raises row_security.RoleMissing when there is no such role.

    Several processes may do so at once: one works, the others wait and find it done.
    """
    role = make_url(serving).username if serving else None

    def work(connection: sa.Connection) -> None:
        command.upgrade(_config(connection), revision)
        if role and connection.dialect.name == "postgresql" and role != connection.engine.url.username:
            grant(connection, role)

    await _within(url, work)


def upgrade_within(connection: sa.Connection, revision: str) -> None:
    """The same within the caller's transaction."""
    command.upgrade(_config(connection), revision)


async def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`; "base" leaves it without tables, and without data."""
    await _within(url, lambda connection: command.downgrade(_config(connection), revision))


async def current(url: str) -> str | None:
    """The revision that the database stands at; None before the first one."""
    return await _within(
        url, lambda connection: MigrationContext.configure(connection).get_current_revision()
    )


async def differences(url: str) -> list[Any]:
    """What Alembic would change to make the database equal to storage/tables/; empty when it is."""

    def compare(connection: sa.Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    return await _within(url, compare)


async def revise(message: str) -> Path:
    """Write the next revision; returns its file. Read it before you keep it."""
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite+aiosqlite:///{directory}/head.db"
        await upgrade(url)
        number = f"{len(list(ScriptDirectory(str(SCRIPTS)).walk_revisions())) + 1:04d}"

        def write(connection: sa.Connection) -> Any:
            return command.revision(_config(connection), message, autogenerate=True, rev_id=number)

        script = await _within(url, write)
    return Path(script.path)


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _engine(url: str) -> AsyncEngine:
    engine = create_async_engine(url, poolclass=sa.NullPool)
    if engine.dialect.name == "sqlite":
        if engine.url.database not in (None, "", ":memory:"):
            Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)

        @sa.event.listens_for(engine.sync_engine, "connect")
        def on_connect(dbapi_connection: Any, record: Any) -> None:
            # foreign keys stay off: rebuilding a table drops the old one, which would cascade
            dbapi_connection.isolation_level = None

        @sa.event.listens_for(engine.sync_engine, "begin")
        def on_begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


async def _within(url: str, work: Callable[[sa.Connection], R]) -> R:
    engine = _engine(url)
    try:
        async with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def main(arguments: list[str]) -> None:
    """`upgrade URL`, `downgrade URL REVISION`, `current URL` or `revision MESSAGE`."""
    parser = argparse.ArgumentParser(prog="python -m storage.migrations", description=main.__doc__)
    commands: dict[str, Callable[..., Coroutine[Any, Any, object]]] = {
        "upgrade": upgrade,
        "downgrade": downgrade,
        "current": current,
        "revision": revise,
    }
    parser.add_argument("command", choices=commands)
    parser.add_argument("values", nargs="+")
    chosen = parser.parse_args(arguments)
    answer = asyncio.run(commands[chosen.command](*chosen.values))
    sys.stdout.write(f"{answer or 'done'}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
