"""Roles of the product as processes of their own, on one PostgreSQL, one Redis and a Telegram."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.serving import free_port, running, settings
from tests import servers


@contextmanager
def redis() -> Iterator[str]:
    """A Redis-protocol server of our own; yields its URL."""
    directory = Path(tempfile.mkdtemp(prefix="voronka-bench-"))
    try:
        yield servers.ensure("redis", "valkey", directory, os.getpid())
    finally:
        servers.release(directory)


@dataclass(frozen=True, slots=True)
class Installation:
    """Where its processes find what they share; `more` are settings beside that."""

    database_url: str
    redis_url: str
    telegram_url: str
    token: str
    more: Mapping[str, str] = field(default_factory=dict)

    def run(self, role: str, port: int = 0) -> "AbstractContextManager[subprocess.Popen[bytes]]":
        """`python -m bot run ROLE`; a web process listens on `port`."""
        environment = {
            **settings(self.database_url, port or free_port()),
            "REDIS_URL": self.redis_url,
            "BOT_API_URL": self.telegram_url,
            "BOT_TOKEN": self.token,
            "LOG_LEVEL": "WARNING",
            **self.more,
        }
        return running(["-m", "bot", "run", role], environment)
