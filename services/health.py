"""Whether this process can do its work, and how all of it stands."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from domain.audit import ChainState
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock, system_clock
from storage.db import Database
from storage.delivery import integrations
from storage.delivery.integrations import Integration
from storage.privacy import audit
from storage.queues import Waiting, failed, waiting_of
from storage.replicas import processes
from storage.replicas.processes import JobRun, Process
from storage.revision import revision

PATIENCE = 5.0
"""Seconds a database may take to answer before it counts as lost."""

ALIVE = timedelta(seconds=45)
"""For so long after its last sign a process counts as running: some beats may be late."""

REMEMBERED = timedelta(hours=1)

Surroundings = Callable[[], Awaitable[Mapping[str, str]]]
"""What else there is to tell: of Redis ("ok", "away" or "none"), and the free disk in bytes."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """`checks` names every check and says ok, unreachable, outdated or newer."""

    ready: bool
    checks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HealthView:
    """How all stands, for a member: `queues`, `failed` (operations that need a person) and `crms` are their
    organization's, and so is `record`, the chain of its record of actions. `jobs` are the last runs anywhere,
    `missing` roles that nobody does."""

    now: datetime
    database: str
    revision: str
    queues: Sequence[Waiting]
    failed: int
    crms: Sequence[Integration]
    running: Sequence[Process]
    missing: Sequence[str]
    jobs: Sequence[JobRun]
    around: Mapping[str, str]
    record: ChainState

    @property
    def troubled(self) -> bool:
        late = any(one.oldest and self.now - one.oldest > REMEMBERED / 6 for one in self.queues)
        broken = any(one.error for one in self.jobs) or any(one.failures for one in self.crms)
        away = self.around.get("redis") == "away"
        return bool(late or broken or self.missing or self.failed or self.record.broken or away)


async def nothing_around() -> Mapping[str, str]:
    return {}


class Health:
    """`head` is the newest migration that this code knows (storage.revision.newest()); `roles` are all that
    somebody must do."""

    def __init__(
        self,
        db: Database,
        head: str,
        clock: Clock = system_clock,
        around: Surroundings = nothing_around,
        roles: Sequence[str] = (),
    ) -> None:
        self.db, self.head, self.clock, self.roles = db, head, clock, tuple(roles)
        self._around = around

    @open_to("anyone")
    async def ready(self) -> Readiness:
        """Ask the database; never raises. One that a newer program has brought further will do: while
        replicas are replaced one by one, the old ones go on."""
        try:
            async with asyncio.timeout(PATIENCE), self.db.reading(system=True) as session:
                found = await revision(session)
        except Exception:
            return Readiness(False, {"database": "unreachable", "migrations": "unknown"})
        if found is None or found < self.head:
            return Readiness(False, {"database": "ok", "migrations": "outdated"})
        return Readiness(True, {"database": "ok", "migrations": "ok" if found == self.head else "newer"})

    @needs(Right.CRM_MANAGE)
    async def view(self, member: Member) -> HealthView:
        """How all stands."""
        now = self.clock()
        async with self.db.reading(member.organization_id) as s:
            queues, bad = await waiting_of(s, now), await failed(s)
            crms = [one for one in await integrations.every(s) if one.active or one.mirrored]
            record = await audit.chain_state(s)
            mine = s.scoped(None, True)
            known = await processes.every(mine, now - REMEMBERED)
            found = await revision(mine) or ""
            question = "SELECT sqlite_version()" if s.dialect == "sqlite" else "SHOW server_version"
            version = str(await mine.scalar(sa.text(question)))
        running = [one for one in known if now - one.seen_at < ALIVE]
        return HealthView(
            now=now,
            database=f"{'SQLite' if s.dialect == 'sqlite' else 'PostgreSQL'} {version.split()[0]}",
            revision=found,
            queues=queues,
            failed=bad,
            crms=crms,
            running=running,
            missing=[role for role in self.roles if not any(role in one.roles for one in running)],
            jobs=_last_runs(known),
            around=await self._around(),
            record=record,
        )


def _last_runs(known: Sequence[Process]) -> list[JobRun]:
    last: dict[str, JobRun] = {}
    for run in (run for process in known for run in process.jobs):
        if run.name not in last or run.at > last[run.name].at:
            last[run.name] = run
    return sorted(last.values(), key=lambda run: run.name)
