"""A PostgreSQL of our own that keeps its promises: what the suite's server switches off is on here."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from storage import migrations
from tests import servers
from tests.databases import MAKE_ROLE, SERVER

NAME = SUPERUSER = "postgres"
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
    directory = Path(tempfile.mkdtemp(prefix="voronka-bench-"))
    address, log = directory / f"{NAME}.url", directory / f"{NAME}.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "benchmarks.postgres", str(directory), str(os.getpid())]
        keeper = subprocess.Popen(command, stdout=output, stderr=output)
    while not address.exists():
        if keeper.poll() is not None:
            raise servers.ServerFailed("PostgreSQL did not come up")
        time.sleep(0.05)
    try:
        yield address.read_text()
    finally:
        servers.release(directory)
        keeper.wait()


async def database(server_url: str, name: str) -> str:
    """The URL of a new migrated database, for the product: row-level security binds its role."""
    connection = await connect(server_url)
    await connection.execute(MAKE_ROLE.format(role=SERVER))
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    url = make_url(server_url).set(database=name)
    serving = url.set(username=SERVER).render_as_string(hide_password=False)
    await migrations.upgrade(url.render_as_string(hide_password=False), serving=serving)
    return serving


async def connect(url: str) -> asyncpg.Connection:
    """A bare asyncpg connection to the database of a SQLAlchemy URL, as superuser: rows are not secured."""
    parts = make_url(url)
    return await asyncpg.connect(user=SUPERUSER, host=parts.query["host"], database=parts.database)


if __name__ == "__main__":
    servers.POSTGRES_OPTIONS.update(SETTINGS)
    servers.keep("postgres", NAME, Path(sys.argv[1]), int(sys.argv[2]))
