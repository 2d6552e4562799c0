"""Fixtures of the house: real servers started once a run, and an empty migrated database a test.

`leg` runs a test twice: on SQLite without Redis, and on PostgreSQL with Redis.
"""

import os
import shutil
import tempfile
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis import Redis

from storage.db import Database
from tests import chromium, servers
from tests.clock import MovableClock
from tests.databases import Databases, PostgresDatabases, SqliteDatabases
from tests.logs import plain_logs
from tests.reuse import reuse

DIRECTORY = pytest.StashKey[Path]()
WATCHED = pytest.StashKey[int]()


CHAT = Path(__file__).parent / "chat"


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "each chat test on one of the two legs, by its name, or on both; the rest always runs on both"
    parser.addoption("--legs", choices=("one", "both"), default="both", help=text)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --legs=one leave out the other leg of chat tests, unless they are marked as main roads."""
    if config.getoption("--legs") == "one":
        left_out = {item: None for item in items if _is_on_the_other_leg(item)}
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def _is_on_the_other_leg(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    if CHAT not in item.path.parents or call is None or "leg" not in call.params:
        return False
    if item.get_closest_marker("main_road"):
        return False
    name = item.nodeid.replace(str(call.params["leg"]), "")
    return call.params["leg"] != ("sqlite", "postgres")[zlib.crc32(name.encode()) % 2]


def pytest_configure(config: pytest.Config) -> None:
    """Give the run, with all its workers, one directory for its servers."""
    given = getattr(config, "workerinput", None) or {}
    config.stash[DIRECTORY] = Path(given.get("servers") or tempfile.mkdtemp(prefix="vk-"))
    config.stash[WATCHED] = given.get("watched") or os.getpid()
    plain_logs()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell an xdist worker which run it belongs to."""
    stash = node.config.stash  # type: ignore[attr-defined]
    told = {"servers": str(stash[DIRECTORY]), "watched": stash[WATCHED]}
    node.workerinput.update(told)  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the servers of the run; where none was started, remove the directory."""
    directory = config.stash[DIRECTORY]
    if hasattr(config, "workerinput"):
        return
    servers.release(directory)
    if not list(directory.glob("*.url")):
        shutil.rmtree(directory, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it plainly when the browser walk, or a check of files in deploy/, could not be made."""
    skipped = terminalreporter.stats.get("skipped", [])
    for program in ("docker-compose", "caddy", "promtool"):
        if any(f"{program} is not on this machine" in str(report.longrepr) for report in skipped):
            terminalreporter.write_line(
                f"Note: {program} is missing: its files were not checked.", yellow=True
            )
    if any(chromium.MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"Note: {chromium.MISSING}.", yellow=True)


@pytest.fixture(scope="session", autouse=True)
def _reused() -> Iterator[None]:
    """What costs much to build and holds nothing of a test is built once a worker; files are kept elsewhere
    than at home."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="vk-files-") as files:
        reuse(patch)
        patch.setenv("FILES_URL", files)
        yield


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """An installed Chromium. Without one the test is left out, and in CI fails."""
    found = chromium.find_chromium()
    if not found:
        (pytest.fail if chromium.required() else pytest.skip)(chromium.MISSING)
    return found


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this pytest worker: "main", or gw0, gw1, ... under xdist."""
    given = getattr(request.config, "workerinput", None) or {}
    return str(given.get("workerid", "main"))


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """A real PostgreSQL: an asyncpg URL of its database postgres, as superuser."""
    stash = request.config.stash
    return servers.ensure("pg", "postgres", stash[DIRECTORY], stash[WATCHED])


@pytest.fixture(scope="session")
def valkey_url(request: pytest.FixtureRequest, worker: str) -> str:
    """A real Redis-protocol server of this worker's own."""
    stash = request.config.stash
    return servers.ensure(f"vk-{worker}", "valkey", stash[DIRECTORY], stash[WATCHED])


@pytest.fixture(params=["sqlite", "postgres"])
def leg(request: pytest.FixtureRequest) -> str:
    """ "sqlite": without Redis. "postgres": with Redis."""
    return str(request.param)


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases(postgres_url: str, worker: str) -> PostgresDatabases:
    return PostgresDatabases(postgres_url, worker)


@pytest.fixture
def databases(leg: str, request: pytest.FixtureRequest) -> Databases:
    """Makes databases on the leg of this test."""
    made: Databases = request.getfixturevalue(f"{leg}_databases")
    return made


@pytest.fixture
async def database_url(databases: Databases, tmp_path: Path) -> str:
    """The URL of an empty database at the newest revision."""
    return await databases.migrated(tmp_path)


@pytest.fixture
async def bare_url(databases: Databases, tmp_path: Path) -> str:
    """The URL of a database without a table."""
    return await databases.bare(tmp_path)


@pytest.fixture
def redis_url(leg: str, request: pytest.FixtureRequest) -> str:
    """The URL of an empty Redis; an empty string on SQLite's leg."""
    if leg == "sqlite":
        return ""
    url: str = request.getfixturevalue("valkey_url")
    with Redis.from_url(url) as client:
        client.flushall()
    return url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An open database, empty, at the newest revision."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands still: `clock()` is now, `clock.advance(seconds)` moves it."""
    return MovableClock()
