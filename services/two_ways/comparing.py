"""Comparing a lead with its record in a CRM, field by field, and acting on what differs.

The one place where changes made there enter: deliveries of webhooks, the reconcile and every update of
ours come through here, so that each change has its effect once, whoever brought it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from crm_adapters import base
from domain.conflicts import Conflict
from domain.crm import CrmLead, RemoteLead
from domain.delivery import ADOPTED, CHANGED_THERE, RECOVERED, Link, OperationKind
from domain.leads import Lead
from domain.two_ways import FIELDS, Move, Pair, Seen, Verdict, judge, owner_of
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.two_ways.following import Change, LeadFollowing, MovesByCrm
from services.two_ways.values import canonical, exact, exact_there
from storage.db import Session
from storage.delivery import conflicts, crm_leads, links, operations, two_ways
from storage.ids import new_id
from storage.leads import leads as lead_rows
from storage.people import members as member_rows
from storage.pipelines.stages import list_stages


class TellsSync(Protocol):
    async def lead_changed(self, session: Session, lead_id: UUID) -> None:
        """Everybody who has the lead before them is to see the new state."""
        ...

    async def lead_followed(self, session: Session, lead_id: UUID, changes: list[Change]) -> None:
        """The lead's people learn what the CRM has changed."""
        ...

    async def conflict(self, session: Session, lead_id: UUID, conflict_id: UUID) -> None:
        """Whoever works on the lead is to choose between two values."""
        ...

    async def conflict_settled(self, session: Session, conflict_id: UUID) -> None:
        """Cards of a conflict are to show how it ended."""
        ...


@dataclass(slots=True)
class Compared:
    """What came of it: the moves made, by field, and those that could not be followed."""

    moves: dict[str, Move] = field(default_factory=dict)
    unfollowed: set[str] = field(default_factory=set)
    conflicts: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Sides:
    """Everything about one lead and its record that the comparison needs."""

    link: Link
    lead: Lead
    remote: RemoteLead
    adapter: Any
    region: str
    origin: str
    ours: Mapping[str, str]
    theirs: Mapping[str, str]
    choices: Mapping[str, str]
    theirs_at: datetime


class TwoWays:
    """Compares and acts within the caller's transaction."""

    def __init__(self, clock: Clock, outbox: Outbox, pipeline: MovesByCrm, notices: TellsSync) -> None:
        self.clock, self.outbox, self.notices = clock, outbox, notices
        self.following = LeadFollowing(clock, pipeline)

    async def compare(
        self,
        session: Session,
        link: Link,
        remote: RemoteLead,
        adapter: Any,
        provider: str,
        told_at: datetime | None = None,
    ) -> Compared:
        """Bring both sides of a linked lead together. The caller holds the link (links.locked).

        `told_at` is when the CRM told of a change, for records that do not bear the moment themselves.
        """
        result = Compared()
        sides = await self._sides(session, link, remote, adapter, f"crm:{provider}", told_at)
        if sides is None:
            return result
        seen = Seen.read(link.seen)
        verdicts, seen = await self._judged(session, sides, seen)
        result.moves = {name: verdict.move for name, verdict in verdicts.items()}
        follow = {name for name, move in result.moves.items() if move is Move.FOLLOW}
        result.unfollowed = {name for name in follow if name not in sides.choices}
        result.conflicts = {name for name, verdict in verdicts.items() if verdict.conflict}
        result.conflicts -= result.unfollowed
        for name in sorted(result.conflicts):
            await self._conflict(session, sides, name)
        send = {name for name, move in result.moves.items() if move is Move.SEND}
        seen = await self._send(session, sides, seen, send)
        await self._follow(session, sides, follow - result.unfollowed)
        seen = await self._settled(session, sides, seen, result)
        await self._keep(session, sides, seen)
        return result

    async def _sides(
        self,
        session: Session,
        link: Link,
        remote: RemoteLead,
        adapter: Any,
        origin: str,
        told_at: datetime | None,
    ) -> _Sides | None:
        lead = await lead_rows.get_lead(session, link.entity_id)
        crm_lead = await crm_leads.crm_lead(session, link.integration_id, link.entity_id)
        organization = await member_rows.get_organization(session, session.tenant)
        if lead is None or crm_lead is None or organization is None:
            return None
        region = organization.region
        kept = held(adapter, crm_lead)
        choices = exact_there(remote, lead, kept, region)
        choices |= await self._references(session, link, remote, adapter, lead)
        return _Sides(
            link,
            lead,
            remote,
            adapter,
            region,
            origin,
            our_side(adapter, crm_lead, region),
            canonical(remote.values, remote.status, region),
            choices,
            _changed_there_at(remote, told_at, self.clock()),
        )

    async def _references(
        self, session: Session, link: Link, remote: RemoteLead, adapter: base.Leads, lead: Lead
    ) -> dict[str, str]:
        """The stage and the assignee that the record's status and user mean here, where they mean any.

        A status that several stages stand for means the one the lead is on, else one of its own pipeline.
        """
        found: dict[str, str] = {}
        stages = await list_stages(session)
        stages.sort(key=lambda one: (one.id != lead.stage.id, one.pipeline_id != lead.stage.pipeline_id))
        for stage in stages:
            if adapter.stage_status(stage.key or str(stage.id), stage.kind.value) == remote.status:
                found.setdefault("stage", str(stage.id))
        if "assignee_external_id" in remote.values:
            user = remote.values["assignee_external_id"]
            known = await links.of_external(session, link.integration_id, crm_leads.MEMBER, user or "")
            if known is not None or not user:
                found["assignee"] = str(known.entity_id) if known is not None else ""
        return found

    async def _judged(self, session: Session, sides: _Sides, seen: Seen) -> tuple[dict[str, Verdict], Seen]:
        owners = await two_ways.owners(session, sides.link.integration_id)
        changed_at = await two_ways.changed_at(session, sides.lead.id)
        verdicts: dict[str, Verdict] = {}
        for name in FIELDS:
            if name not in sides.theirs or name not in sides.ours:
                continue
            ours, theirs = sides.ours[name], sides.theirs[name]
            if seen.not_taken(name, theirs):
                seen = seen.settled(name, seen.ours.get(name, ours), theirs)
            at = changed_at.get(name, sides.lead.created_at)
            pair = _base(seen, sides.link, name)
            verdict = judge(pair, ours, theirs, owner_of(owners, name), at, sides.theirs_at)
            if verdict.move is Move.FOLLOW and name not in sides.choices:
                verdict = Verdict(verdict.move)
            verdicts[name] = verdict
        return verdicts, seen

    async def _conflict(self, session: Session, sides: _Sides, name: str) -> None:
        """Keep both values with their moments, and ask."""
        changed_at = await two_ways.changed_at(session, sides.lead.id)
        conflict = Conflict(
            id=new_id(),
            integration_id=sides.link.integration_id,
            lead_id=sides.lead.id,
            field=name,
            ours=exact(sides.lead)[name],
            theirs=sides.choices.get(name, ""),
            ours_at=changed_at.get(name, sides.lead.created_at),
            theirs_at=sides.theirs_at,
        )
        for earlier in await conflicts.add(session, conflict, self.clock()):
            await self.notices.conflict_settled(session, earlier)
        await self.notices.conflict(session, sides.lead.id, conflict.id)

    async def _send(self, session: Session, sides: _Sides, seen: Seen, names: set[str]) -> Seen:
        """Owe the CRM our values, unless they are owed already; what it held is kept in the history."""
        owed = await operations.unfinished(session, sides.link.integration_id, sides.lead.id)
        gave_up = not owed and await two_ways.gave_up(session, sides.link.integration_id, sides.lead.id)
        wanted = []
        for name in sorted(names):
            changed_there = sides.theirs[name] != seen.theirs.get(name, sides.theirs[name])
            if changed_there:
                await self._keep_overwritten(session, sides, name)
                if sides.ours[name] == seen.ours.get(name) and not seen.may_resend(name, self.clock()):
                    # put right often enough: something over there sets it again and again
                    await self._conflict(session, sides, name)
                    continue
                seen = seen.resending(name, self.clock()) if sides.ours[name] == seen.ours.get(name) else seen
            is_owed = any(one.kind is OperationKind.LEAD_CREATE or name in one.fields for one in owed)
            if not is_owed and (changed_there or not gave_up):
                wanted.append(name)
        if wanted:
            await self._owe(session, sides.lead.id, wanted, lambda one: one == sides.link.integration_id)
        return seen

    async def _keep_overwritten(self, session: Session, sides: _Sides, name: str) -> None:
        if name in sides.choices:
            origin = two_ways.OVERWRITTEN + sides.origin.partition(":")[2]
            await self.following.note_overwrite(session, sides.lead, name, sides.choices[name], origin)

    async def _follow(self, session: Session, sides: _Sides, names: set[str]) -> None:
        """Our lead gets their values; other CRMs that it goes to learn of them."""
        values = {name: sides.choices[name] for name in names}
        if not values:
            return
        changes = await self.following.write(session, sides.lead, values, None, sides.origin)
        if changes:
            await self.notices.lead_followed(session, sides.lead.id, changes)
        await self._owe(session, sides.lead.id, sorted(names), lambda one: one != sides.link.integration_id)

    async def _owe(self, session: Session, lead_id: UUID, names: list[str], to: Any) -> None:
        await self.outbox.enqueue(session, "lead.update", lead_id, lead_id, {"fields": names}, to)

    async def _settled(self, session: Session, sides: _Sides, seen: Seen, result: Compared) -> Seen:
        """Remember both sides as they are now."""
        followed = {name for name, move in result.moves.items() if move is Move.FOLLOW}
        ours = sides.ours
        if followed - result.unfollowed:
            crm_lead = await crm_leads.crm_lead(session, sides.link.integration_id, sides.lead.id)
            assert crm_lead is not None
            ours = our_side(sides.adapter, crm_lead, sides.region)
        for name, move in result.moves.items():
            if move is Move.SETTLE or (move is Move.FOLLOW and name not in result.unfollowed):
                seen = seen.settled(name, ours[name], sides.theirs[name])
            elif move is Move.SEND or name in result.unfollowed:
                base_pair = _base(seen, sides.link, name) or Pair(ours[name], sides.theirs[name])
                seen = seen.settled(name, base_pair.ours, sides.theirs[name])
        moment = sides.remote.modified_at
        return replace(seen, at=moment.isoformat() if moment else seen.at)

    async def _keep(self, session: Session, sides: _Sides, seen: Seen) -> None:
        link, before = sides.link, Seen.read(sides.link.seen)
        changed = any(before.theirs.get(name, value) != value for name, value in seen.theirs.items())
        changed = changed or link.status != sides.remote.status
        values: dict[str, object] = {"seen": seen.stored(), "synced_at": self.clock()}
        if changed:
            values |= {"status": sides.remote.status[:64], "changed_there_at": sides.theirs_at}
            if link.sent_hash not in (ADOPTED, RECOVERED):
                # an equal digest must not let the next write of ours be skipped: the record differs now
                values["sent_hash"] = CHANGED_THERE
        await links.change(session, link, **values)


def held(adapter: Any, lead: CrmLead) -> Mapping[str, Any]:
    """What the CRM holds of a lead once it is written; nothing is known of one that reads nothing back."""
    return adapter.kept(lead) if isinstance(adapter, base.ReadsBack) else {}


def our_side(adapter: Any, lead: CrmLead, region: str) -> dict[str, str]:
    """Our lead as the record would tell it, in canonical texts."""
    status = adapter.stage_status(lead.stage.key, lead.stage.kind.value)
    return canonical(held(adapter, lead), status, region)


def _base(seen: Seen, link: Link, name: str) -> Pair | None:
    """What was seen last; links from before fields were compared know the status alone."""
    pair = seen.pair(name)
    if pair is None and name == "stage" and link.status:
        return Pair(link.status, link.status)
    return pair


def _changed_there_at(remote: RemoteLead, told_at: datetime | None, now: datetime) -> datetime:
    if remote.modified_at is None:
        return told_at or now
    if remote.dated or told_at is None:
        return remote.modified_at
    return max(remote.modified_at, told_at)
