"""How long things are kept: chosen by an organization, carried out by a job in small batches."""

from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from domain.members import Member, Right
from domain.retention import TERMS, Kept, kept_days, read_days
from services.access import needs, open_to
from services.audit.chain import AuditChain
from services.clock import Clock
from storage.db import Database, Session
from storage.people import members, people
from storage.planning import archive
from storage.privacy import audit
from storage.privacy import retention as rows

log = structlog.get_logger()

BATCH = 200
BATCHES = 25
"""Of one kind in one run: the next run goes on."""

ARCHIVED = "activities"
"""The kind that is not removed: it goes into the archive."""


class Retention:
    """Use cases on terms, and the job."""

    def __init__(self, db: Database, clock: Clock, chain: AuditChain) -> None:
        self.db, self.clock, self.chain = db, clock, chain

    @needs(Right.PRIVACY_MANAGE)
    async def browse(self, member: Member) -> list[Kept]:
        """Every kind with its days."""
        async with self.db.reading(member.organization_id) as s:
            return kept_days(await people.organization_settings(s))

    @needs(Right.PRIVACY_MANAGE)
    async def choose(self, member: Member, kind: str, typed: str) -> list[Kept]:
        """Keep a kind for so many days; 0 for ever. Raises BadInput as read_days."""
        days = read_days(kind, typed)
        async with self.db.transaction(member.organization_id) as s:
            settings = await people.organization_settings(s, hold=True)
            chosen = {**settings.get("retention", {}), kind: days}
            if days == TERMS[kind].usual:
                del chosen[kind]
            settings["retention"] = chosen
            await people.keep_organization_settings(s, settings)
            said = {"kind": kind, "days": days}
            await audit.add_audit(s, member.id, "retention.change", "organization", None, self.clock(), said)
            return kept_days(settings)

    @open_to("the scheduler")
    async def run(self) -> int:
        """Take out what is too old, of every organization; returns how many rows that were."""
        async with self.db.reading(system=True) as system:
            every = await members.every_organization(system)
        return sum([await self._of(one.id) for one in every])

    async def _of(self, organization_id: UUID) -> int:
        async with self.db.reading(organization_id) as s:
            terms = kept_days(await people.organization_settings(s))
        counts: dict[str, int] = {}
        for one in terms:
            before = one.before(self.clock())
            if before is not None and (gone := await self._expire(organization_id, one.kind, before)):
                counts[one.kind] = gone
        if counts:
            async with self.db.transaction(organization_id) as s:
                await audit.add_audit(s, None, "retention.run", "organization", None, self.clock(), counts)
            log.info("retention.done", organization=str(organization_id), **counts)
        return sum(counts.values())

    @open_to("the command line")
    async def bring_back(self, organization_id: UUID) -> int:
        """Take everything out of the archive of activities, and let nothing go there by itself any more;
        returns how many those were."""
        async with self.db.transaction(organization_id) as s:
            settings = await people.organization_settings(s, hold=True)
            settings.get("retention", {}).pop(ARCHIVED, None)
            await people.keep_organization_settings(s, settings)
        back = 0
        while True:
            async with self.db.transaction(organization_id) as s:
                count = await archive.bring_back(s, BATCH)
            back += count
            if count < BATCH:
                break
        async with self.db.transaction(organization_id) as s:
            said = {"count": back}
            await audit.add_audit(s, None, "retention.restore", "organization", None, self.clock(), said)
        return back

    async def _expire(self, organization_id: UUID, kind: str, before: datetime) -> int:
        own = {"audit": self._shorten, ARCHIVED: self._put_away}
        expire = own.get(kind, partial(rows.expire, kind=kind, limit=BATCH))
        gone = 0
        for _batch in range(BATCHES):
            async with self.db.transaction(organization_id) as s:
                count = await expire(s, before=before)
            gone += count
            if count < BATCH:
                break
        return gone

    async def _shorten(self, s: Session, before: datetime) -> int:
        held = await audit.chain(s)
        old = await audit.older(s, before, held.base_seq, BATCH) if held is not None else []
        if old:
            await self.chain.shorten(s, old)
        return len(old)

    async def _put_away(self, s: Session, before: datetime) -> int:
        return await archive.put_away(s, before, self.clock(), BATCH)
