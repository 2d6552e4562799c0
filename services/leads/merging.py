"""Merging two leads that are one: field by field, with everything that hangs on them, and undoable."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.activities import ActivityType
from domain.errors import BadInput, NotAllowed, NotFound, TooLate
from domain.fields import read_note
from domain.history import LIST, kept, shown_in
from domain.leads import Lead, LeadDraft, Stage, StageKind
from domain.members import Member, Right
from services.access import needs
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.changes import MERGED
from services.leads.duplicates import CleanDraft, duplicates_of, may_see
from services.leads.lead_care import may_delete
from services.leads.lead_changes import demand_changeable
from services.leads.lead_state import CUSTOM, NoWayBack, field_of, kept_now
from services.leads.leads import visible_lead
from services.messages.notices import Notices
from services.pipelines.gates import demand_entry, lacking
from services.sharing.clocks import follow_hands
from storage.db import Database, Session
from storage.finding import lead_search
from storage.finding.finding import reindex
from storage.leads import changes as change_rows
from storage.leads import lead_history, merges
from storage.leads import leads as rows
from storage.people import members as member_rows
from storage.pipelines import stages as stage_rows
from storage.planning import activities as activity_rows

PLAIN = ("name", "company", "phone", "email", "inn", "amount", "note", "segment", "product", "region",
         "source", "tags", "stage", "assignee")  # fmt: skip
JOINED: Mapping[str, str] = {"phone": LIST, "email": LIST, "tags": LIST, "note": "\n\n"}
"""Fields in which both values may stay, and what stands between them."""

KEEP, TAKE, BOTH = "keep", "take", "both"
NOTE_ROOM = 3000

Noted = Callable[[int, str], str]
"""What the CRM's record of the lead that goes is told: (number of the other lead, language code)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two leads differ, in words; `choice` is what is proposed, `both` whether both may
    stay."""

    field: str
    kept: str
    other: str
    choice: str
    both: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two leads side by side: `lead` stays, `other` goes."""

    lead: Lead
    other: Lead
    differences: tuple[Difference, ...]


class Merging:
    """Use cases on leads that are one."""

    def __init__(self, db: Database, clock: Clock, outbox: Outbox, notices: Notices, noted: Noted) -> None:
        self.db, self.clock, self.outbox, self.notices, self.noted = db, clock, outbox, notices, noted

    @needs(Right.LEAD_WORK)
    async def candidates(self, member: Member, lead_id: UUID) -> Sequence[Lead]:
        """Other leads with a phone, e-mail or INN of this one that the member may see, newest first."""
        async with self.db.reading(member.organization_id) as s:
            lead = await visible_lead(s, member, lead_id)
            points = [("phone", one, one) for one in lead.phones] + [
                ("email", one, one) for one in lead.emails
            ]
            clean = CleanDraft(LeadDraft(inn=lead.inn), tuple(points))
            found = (await duplicates_of(s, clean, self.clock(), lead.id)).leads
            return [one for one in found if may_see(member, one) and one.withdrawn_at is None]

    @needs(Right.LEAD_WORK)
    async def by_number(self, member: Member, number: int) -> UUID:
        """The lead that people know by this number. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            found = await lead_search.by_number(s, number)
            if found is None:
                raise NotFound(what="lead")
            return (await visible_lead(s, member, found[0])).id

    @needs(Right.LEAD_WORK)
    async def compare(self, member: Member, lead_id: UUID, other_id: UUID) -> Comparison:
        """The two side by side. Raises BadInput for a lead with itself, NotAllowed for leads of others."""
        async with self.db.reading(member.organization_id) as s:
            lead, other = await self._pair(s, member, lead_id, other_id)
            return Comparison(lead, other, tuple([one async for one in _differences(s, lead, other)]))

    @needs(Right.LEAD_WORK)
    async def merge(
        self, member: Member, lead_id: UUID, other_id: UUID, choices: Mapping[str, str], reason: str = ""
    ) -> tuple[Lead, UUID]:
        """Make the two one: `choices` says KEEP, TAKE or BOTH by field, the proposed choice where it says
        nothing. Contacts, activities, files and the record in the CRM follow; the other lead is deleted
        softly, closed as failed, and points here. Returns the lead and the change's id.

        A stage that is taken over asks for what it asks of every lead: raises StageNeeds, or
        BadInput("reason", "required") for a failed one where neither `reason` nor the other lead's history
        says why."""
        async with self.db.transaction(member.organization_id) as s:
            for one in sorted((lead_id, other_id)):
                await rows.hold_lead(s, one)
            lead, other = await self._pair(s, member, lead_id, other_id)
            now = self.clock()
            change_id = await change_rows.begin(s, member.id, "lead.merge", now, count=2)
            written = await self._take_fields(s, lead, other, choices, now)
            if any(name == "assignee" for name, _, _ in written):
                await follow_hands(s, lead.id, member.id, now)
            if any(name == "stage" for name, _, _ in written):
                written += await self._entered(s, member, lead, other, reason)
            moved = await merges.move(s, other.id, lead.id)
            merged = ("merged", "", kept(f"#{other.number}", str(other.id)))
            await lead_history.add_history(s, lead.id, member.id, "chat", [*written, merged], now, change_id)
            await self._close(s, member, lead, other, moved, change_id)
            await activity_rows.add_audit(s, member.id, "lead.merge", "lead", lead.id, now)
            await reindex(s, [lead.id, other.id])
            await self._tell_crm(s, lead, other, [name for name, _, _ in written], moved)
            await self.notices.leads_changed(s, [lead.id, other.id])
            return await visible_lead(s, member, lead.id), change_id

    async def _pair(self, s: Session, member: Member, lead_id: UUID, other_id: UUID) -> tuple[Lead, Lead]:
        if lead_id == other_id:
            raise BadInput("lead", "itself")
        lead, other = await visible_lead(s, member, lead_id), await visible_lead(s, member, other_id)
        for one in (lead, other):
            demand_changeable(member, one)
            if not (may_delete(member, one) or one.assignee_id is None):
                raise NotAllowed(right=Right.LEAD_ASSIGN.value)
        if other.customer_id is not None:
            # a customer must not lose its lead: the other way round it keeps it
            raise TooLate("is_customer")
        return lead, other

    async def _take_fields(
        self, s: Session, lead: Lead, other: Lead, choices: Mapping[str, str], now: datetime
    ) -> list[tuple[str, str, str]]:
        written: list[tuple[str, str, str]] = []
        for name in _names(lead, other):
            known = field_of(name)
            assert known is not None
            ours, theirs = await known.now(s, lead), await known.now(s, other)
            value = _chosen(name, ours, theirs, choices.get(name) or _proposed(name, ours, theirs))
            if known.same(ours, value):
                continue
            try:
                await known.put(s, lead, value, now)
            except NoWayBack:
                continue
            written.append((name, await kept_now(s, known, ours), await kept_now(s, known, value)))
        return written

    async def _entered(
        self, s: Session, member: Member, lead: Lead, other: Lead, reason: str
    ) -> list[tuple[str, str, str]]:
        """Hold the stage that was taken over to what it asks for; the reason of a failed one, as written."""
        merged = await visible_lead(s, member, lead.id)
        stage = await stage_rows.stage_in_use(s, merged.stage.id)
        if stage is None:
            raise TooLate("stage_gone")
        reason = read_note(reason) or await lead_history.last_value(s, other.id, "reason")
        await demand_entry(s, merged, stage, reason)
        return [("reason", "", reason)] if stage.kind is StageKind.FAILED else []

    async def _close(
        self, s: Session, member: Member, lead: Lead, other: Lead, moved: dict[str, list[str]],
        change_id: UUID,
    ) -> None:  # fmt: skip
        now = self.clock()
        pointer = json.dumps({"winner": str(lead.id), "moved": moved})
        written = [(MERGED, "", kept(f"#{lead.number}", pointer)), ("deleted", "", "yes")]
        values: dict[str, Any] = {"deleted_at": now}
        failed = await _closing_stage(s, other)
        if failed is not None:
            values["stage_id"] = failed.id
            before = kept(other.stage.key or other.stage.name, str(other.stage.id))
            written.append(("stage", before, kept(failed.key or failed.name, str(failed.id))))
            written.append(("reason", "", await self._why(s, lead)))
        await rows.update_lead(s, other.id, now, **values)
        await lead_history.add_history(s, other.id, member.id, "chat", written, now, change_id)

    async def _tell_crm(
        self, s: Session, lead: Lead, other: Lead, names: Sequence[str], moved: Mapping[str, Sequence[str]]
    ) -> None:
        """What the lead got goes to its record; the other's record is closed, with a note that says why."""
        followed = await merges.integrations_of(s, moved["links"])
        fields = {known.crm for name in names if (known := field_of(name)) and known.crm}
        if followed:
            fields |= {known.crm for name in PLAIN if (known := field_of(name)) and known.crm}
        if fields:
            await self.outbox.enqueue(s, "lead.update", lead.id, lead.id, {"fields": sorted(fields)})
        known_there = await merges.integrations_knowing(s, other.id)
        if not known_there:
            return
        now, text = self.clock(), await self._why(s, lead)
        note = await activity_rows.add_activity(
            s, other.id, now, type=ActivityType.NOTE.value, text=text, completed_at=now
        )
        there = known_there.__contains__
        await self.outbox.enqueue(s, "lead.update", other.id, other.id, {"fields": ["stage"]}, there)
        await self.outbox.enqueue(s, "activity.create", other.id, note, {}, there)

    async def _why(self, s: Session, lead: Lead) -> str:
        organization = await member_rows.get_organization(s, s.tenant)
        return self.noted(lead.number, organization.language if organization is not None else "en")


async def _closing_stage(s: Session, lead: Lead) -> Stage | None:
    """The first failed stage of its pipeline that asks for nothing it lacks; None where it stands on a
    failed one, or none would have it: it keeps its stage then."""
    if lead.stage.kind is StageKind.FAILED:
        return None
    roads = await stage_rows.list_pipelines(s)
    for stage in [
        one for road in roads if road.id == lead.stage.pipeline_id for one in road.of_kind(StageKind.FAILED)
    ]:
        if not await lacking(s, lead, stage):
            return stage
    return None


def _names(lead: Lead, other: Lead) -> list[str]:
    own = [f"{CUSTOM}{key}" for key in dict.fromkeys((*lead.custom, *other.custom))]
    return [*PLAIN, *own]


def _proposed(name: str, ours: str, theirs: str) -> str:
    if not ours:
        return TAKE
    return BOTH if name in JOINED and theirs else KEEP


def _chosen(name: str, ours: str, theirs: str, choice: str) -> str:
    if choice == TAKE:
        return theirs
    if choice != BOTH or name not in JOINED:
        return ours
    between = JOINED[name]
    if between != LIST:
        return between.join(one for one in (ours, theirs) if one)[:NOTE_ROOM]
    return LIST.join(dict.fromkeys(one for one in (*ours.split(LIST), *theirs.split(LIST)) if one))


async def _differences(s: Session, lead: Lead, other: Lead) -> Any:
    for name in _names(lead, other):
        known = field_of(name)
        assert known is not None
        ours, theirs = await known.now(s, lead), await known.now(s, other)
        if theirs and not known.same(ours, theirs):
            shown = [shown_in(await kept_now(s, known, one)) for one in (ours, theirs)]
            yield Difference(name, shown[0], shown[1], _proposed(name, ours, theirs), name in JOINED)
