"""A PostgreSQL of our own that keeps its promises: what the suite's server switches off is on here."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from storage import migrations
from tests import servers

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
}
SAID = ", ".join(f"{name} {value}" for name, value in SETTINGS.items())


@contextmanager
def server() -> Iterator[str]:
    """Yields an asyncpg URL of database postgres; everything is removed in the end."""
    servers.POSTGRES_OPTIONS.update(SETTINGS)
    directory = Path(tempfile.mkdtemp(prefix="voronka-bench-"))
    home = directory / "pg"
    home.mkdir()
    try:
        with servers.postgres(home, directory / "pg.log") as url:
            yield url
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def database(server_url: str, name: str) -> str:
    """The URL of a new migrated database."""
    connection = await connect(server_url)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    await migrations.upgrade(url)
    return url


async def connect(url: str) -> asyncpg.Connection:
    """A bare asyncpg connection to the database of a SQLAlchemy URL."""
    parts = make_url(url)
    return await asyncpg.connect(user=parts.username, host=parts.query["host"], database=parts.database)
