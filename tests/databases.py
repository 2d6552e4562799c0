"""Empty migrated databases, cheap: the real migrations run once, every test gets a copy."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

import asyncpg
from sqlalchemy import make_url

from storage import migrations


class Copies(Protocol):
    """Makes databases on one leg. Both kinds of context end with the database removed."""

    def migrated(self, directory: Path) -> "AsyncDatabaseUrl":
        """The URL of a new database at the newest revision; SQLite's file goes into `directory`."""
        ...

    def empty(self, directory: Path) -> "AsyncDatabaseUrl":
        """The URL of a new database without a table."""
        ...
