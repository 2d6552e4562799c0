"""Empty migrated databases, cheap: the real migrations run once a worker, every test starts anew."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

import asyncpg
from sqlalchemy import NullPool, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage import migrations
from storage.tables import metadata

DELETE_ALL = ";".join(f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables))
OWNER, SERVER = "voronka_owner", "voronka_server"
MAKE_ROLE = """
DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
"""
OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
)


@asynccontextmanager
async def owning(url: str) -> AsyncIterator[AsyncConnection]:
    """A transaction in the database of this URL as the role that may change its tables."""
    of_owner = make_url(url)
    if of_owner.get_backend_name() == "postgresql":
        of_owner = of_owner.set(username=OWNER)
    engine = create_async_engine(of_owner, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


class Databases(Protocol):
    """Hands out databases on one leg. `directory` is the test's own, for engines that live in a file."""

    async def migrated(self, directory: Path) -> str:
        """The URL of a database at the newest revision, without a row in it."""
        ...

    async def bare(self, directory: Path) -> str:
        """The URL of a new database without a table."""
        ...


class SqliteDatabases:
    """A file a test, copied from one that was migrated.

    Every test finds its first file under the same name, so that its engine may serve again.
    """

    def __init__(self, directory: Path) -> None:
        self._home, self._template = directory, directory / "template.db"
        self._names = count()
        self._user = Path()

    async def migrated(self, directory: Path) -> str:
        if not self._template.exists():
            await migrations.upgrade(f"sqlite+aiosqlite:///{self._template}")
        file = directory / f"voronka-{next(self._names)}.db"
        if directory != self._user:
            self._user, file = directory, self._home / "first.db"
            for left in self._home.glob("first.db*"):
                left.unlink()
        shutil.copyfile(self._template, file)
        return f"sqlite+aiosqlite:///{file}"

    async def bare(self, directory: Path) -> str:
        return f"sqlite+aiosqlite:///{directory / f'bare-{next(self._names)}.db'}"


class PostgresDatabases:
    """A database a worker, emptied before each test: copying a template takes fifteen times as long.

    Its tables belong to OWNER, and the product connects as SERVER, whom row-level security binds; neither
    is a superuser.
    """

    def __init__(self, url: str, worker: str) -> None:
        self._url = make_url(url)
        self._worker = worker
        self._names = count()
        self._ready = ""

    async def migrated(self, directory: Path) -> str:
        if self._ready:
            await self._empty()
        else:
            name = f"voronka_{self._worker}"
            owners = await self._create(name)
            self._ready = self._url_of(name, SERVER)
            await migrations.upgrade(owners, serving=self._ready)
        return self._ready

    async def bare(self, directory: Path) -> str:
        """As OWNER, who makes tables."""
        return await self._create(f"bare_{self._worker}_{next(self._names)}")

    async def _create(self, name: str) -> str:
        async with self._connection("postgres") as connection:
            for role in (OWNER, SERVER):
                await connection.execute(MAKE_ROLE.format(role=role))
            await connection.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
        return self._url_of(name, OWNER)

    def _url_of(self, database: str, role: str) -> str:
        return self._url.set(database=database, username=role).render_as_string(hide_password=False)

    async def _empty(self) -> None:
        name = f"voronka_{self._worker}"
        async with self._connection(name) as connection:
            # what an earlier test left running, or killed, would hold its locks
            await connection.execute(OTHERS.replace("$1", f"'{name}'"))
            await connection.execute(DELETE_ALL)

    @asynccontextmanager
    async def _connection(self, database: str) -> AsyncIterator[asyncpg.Connection]:
        host = self._url.query["host"]
        connection = await asyncpg.connect(user=self._url.username, host=host, database=database)
        try:
            yield connection
        finally:
            await connection.close()
