"""Whether this process can do its work."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from services.access import open_to
from storage.db import Database
from storage.revision import revision

PATIENCE = 5.0
"""Seconds a database may take to answer before it counts as lost."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """`checks` names every check and says ok, unreachable or outdated."""

    ready: bool
    checks: Mapping[str, str]


class Health:
    """`head` is the newest migration that this code knows (storage.migrations.head())."""

    def __init__(self, db: Database, head: str) -> None:
        self.db, self.head = db, head

    @open_to("anyone")
    async def ready(self) -> Readiness:
        """Ask the database; never raises."""
        try:
            async with asyncio.timeout(PATIENCE), self.db.reading(system=True) as session:
                found = await revision(session)
        except Exception:
            return Readiness(False, {"database": "unreachable", "migrations": "unknown"})
        current = found == self.head
        return Readiness(current, {"database": "ok", "migrations": "ok" if current else "outdated"})
