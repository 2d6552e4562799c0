"""Fixtures of the house: real servers started once a run, and an empty migrated database a test.

`leg` runs a test twice: on SQLite without Redis, and on PostgreSQL with Redis.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from redis.asyncio import Redis

from storage import migrations
from storage.db import Database
from tests import databases, servers

LEGS = ("sqlite", "postgres")
SERVERS = pytest.StashKey[Path]()
WATCHED = "VORONKA_TEST_RUN"


def pytest_configure(config: pytest.Config) -> None:
    """Give the run, with all its workers, a directory for its servers."""
    given = getattr(config, "workerinput", None)
    config.stash[SERVERS] = Path(given["servers"] if given else tempfile.mkdtemp(prefix="vk-"))
    if given is None:
        os.environ[WATCHED] = str(os.getpid())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell an xdist worker where the servers of this run are."""
    node.workerinput["servers"] = str(node.config.stash[SERVERS])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the servers; without any, only the directory goes."""
    directory = config.stash[SERVERS]
    if hasattr(config, "workerinput"):
        return
    servers.release(directory)
    if not list(directory.glob("*.url")):
        shutil.rmtree(directory)
