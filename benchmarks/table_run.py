"""Sides of the comparisons of tables, run one at a time, each in a process of its own."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks import postgres
from storage import migrations


@dataclass(frozen=True, slots=True)
class Taken:
    """What one side found in one round. Seconds, and MB by which its memory rose at most."""

    counts: dict[str, int]
    seconds: float
    memory: float
    more: dict[str, Any]


class Sides:
    """Runs sides; databases are new each time."""

    def __init__(self, directory: Path, server: str) -> None:
        self.directory, self.server = directory, server
        self._numbers = count()

    async def database(self, engine: str) -> str:
        """The URL of a new, migrated database of the engine (SQLite or PostgreSQL)."""
        name = f"tables_{next(self._numbers)}"
        if engine == "PostgreSQL":
            return await postgres.database(self.server, name)
        url = f"sqlite+aiosqlite:///{self.directory / name}.db"
        await migrations.upgrade(url)
        return url

    async def take(self, side: str, *given: object) -> Taken:
        found = await asyncio.to_thread(_run, [side, *map(str, given)])
        return Taken(found.pop("counts"), found.pop("seconds"), found.pop("memory"), found)


def _run(given: Sequence[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.table_side", *given]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found
