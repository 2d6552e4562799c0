"""Which record of the CRM is the lead: recognised, chosen, kept as the one link, forgotten."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from crm_adapters import base
from domain.crm import CrmLead, Match, MatchedBy, RemoteRef
from domain.delivery import ADOPTED, CHOSEN, RECOVERED, AmbiguousMatch, Candidate, Link, Operation
from domain.errors import CrmGone
from domain.trials import Outcome
from services.clock import Clock
from services.two_ways.notices import SyncNotices
from storage.db import Database
from storage.delivery import links
from storage.leads import contacts

log = structlog.get_logger()

LEAD, ACTIVITY = "lead", "activity"

MOST_CANDIDATES = 8
"""Records that a person is asked to choose from."""


class CrmLinking:
    """Settles what a search at the CRM found. Raises CrmError."""

    def __init__(self, db: Database, clock: Clock, told: SyncNotices) -> None:
        self.db, self.clock, self.told = db, clock, told

    async def recognised(
        self, operation: Operation, adapter: base.Leads, lead: CrmLead, matches: Sequence[Match]
    ) -> Link | None:
        """Link the record among `matches` that is this lead already; None when a new one is to be made.

        Raises AmbiguousMatch when a person must choose.
        """
        known = which_record(matches, lead.our_id, frozenset())
        if known.outcome is Outcome.UPDATE and known.match is not None:
            return await self._link(operation, known.match, RECOVERED)
        if operation.payload.get(CHOSEN):
            chosen = await self._take_chosen(operation, adapter, lead)
            if chosen is not None:
                return chosen
        async with self.db.reading(operation.organization_id) as session:
            ids = [match.lead.ref.id for match in matches]
            taken = await links.linked(session, operation.integration_id, LEAD, ids)
        found = which_record(matches, lead.our_id, taken, refused_by(operation))
        if found.outcome is Outcome.ASK:
            raise AmbiguousMatch(tuple(_candidate(match) for match in found.free[:MOST_CANDIDATES]))
        if found.match is None:
            if taken and not operation.attempts:
                await self._tell_of_doubles(operation, lead, taken)
            return None
        return await self._link(operation, found.match, ADOPTED)

    async def _tell_of_doubles(self, operation: Operation, lead: CrmLead, taken: Collection[str]) -> None:
        """The CRM knows these contacts as another lead's. Where that lead has one of them here as well, it
        was told when the lead came in; otherwise somebody should look whether both are one."""
        async with self.db.transaction(operation.organization_id) as session:
            found = await links.of_externals(session, operation.integration_id, LEAD, taken)
            for link in found.values():
                here = await contacts.values_of(session, link.entity_id)
                if not {*lead.phones, *lead.emails}.intersection(here):
                    await self.told.possible_duplicate(session, operation.record_id, link.entity_id)

    async def _take_chosen(self, operation: Operation, adapter: base.Leads, lead: CrmLead) -> Link | None:
        """Link the record that a person chose; None when it is gone or somebody else's by now."""
        try:
            remote = await adapter.read_lead(operation.payload[CHOSEN])
        except CrmGone:
            return None
        if remote.our_id not in ("", lead.our_id):
            return None
        return await self._link(operation, Match(remote, MatchedBy.CONTACT), ADOPTED)

    async def _link(self, operation: Operation, match: Match, mark: str) -> Link | None:
        remote = match.lead
        return await self.keep(operation, LEAD, operation.record_id, remote.ref, remote.status, mark)

    async def keep(
        self,
        operation: Operation,
        entity: str,
        entity_id: UUID,
        ref: RemoteRef,
        status: str,
        sent: str,
        seen: Mapping[str, object] | None = None,
    ) -> Link | None:
        """Commit a link by itself; None when either side of it is linked already."""
        async with self.db.transaction(operation.organization_id) as session:
            return await links.add(
                session,
                operation.integration_id,
                entity,
                entity_id,
                ref,
                status=status,
                sent_hash=sent,
                now=self.clock(),
                seen=seen,
            )

    async def forget(self, operation: Operation) -> None:
        """The lead's record was deleted at the CRM."""
        async with self.db.transaction(operation.organization_id) as session:
            link = await links.of_entity(session, operation.integration_id, LEAD, operation.record_id)
            if link is not None:
                log.info("crm.record_gone", operation=str(operation.id), lead=str(operation.record_id))
                await links.forget(session, link)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a search means for a lead. `match` is the record to change or to take over; `free` are those
    among which a person has to choose."""

    outcome: Outcome
    match: Match | None = None
    free: tuple[Match, ...] = ()


def which_record(
    matches: Sequence[Match], our_id: str, taken: Collection[str], refused: Collection[str] = ()
) -> Recognised:
    """Which record is the lead. Pure: writes and trial runs ask here.

    One with our id is. Of those with the same phone or e-mail it is the only one, if it is free: no other
    lead of anybody has it. `taken` are ids of records that leads of ours are linked with, `refused` those
    of which a person said that none is the lead.
    """
    ours = next((match for match in matches if match.by is MatchedBy.OUR_ID), None)
    if ours is not None:
        return Recognised(Outcome.UPDATE, ours)
    matches = [match for match in matches if match.lead.ref.id not in refused]
    free = tuple(m for m in matches if m.lead.our_id in ("", our_id) and m.lead.ref.id not in taken)
    if len(free) > 1:
        return Recognised(Outcome.ASK, free=free)
    if len(matches) == 1 and free:
        return Recognised(Outcome.ADOPT, free[0])
    return Recognised(Outcome.CREATE)


def refused_by(operation: Operation) -> frozenset[str]:
    """Records of which a person said that none is the lead. What appeared since may be our own."""
    if operation.payload.get(CHOSEN) != "":
        return frozenset()
    return frozenset(one.id for one in operation.candidates)


def _candidate(match: Match) -> Candidate:
    remote = match.lead
    return Candidate(remote.ref.id, remote.ref.number, remote.name, remote.ref.url)
