"""Changes that can be taken back: begun with their cause, undone together, or restored one by one later.

Whoever changes a lead begins a change in the same transaction and gives its id to the history entries:
`change_id = await changes.begin(s, member.id, "lead.stage")`. Kinds start with "lead." for one lead on its
card, with "bulk." for many, or are "import". Nothing waits for the time in which a change can be undone.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.delivery import Priority
from domain.errors import DuplicateLead, NotFound, TooLate
from domain.history import LIST, UNDO, Entry, Skipped, Undone, exact_in
from domain.leads import Lead, LeadDraft
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.duplicates import CleanDraft, duplicates_of
from services.leads.lead_changes import demand_changeable
from services.leads.lead_state import NO_STATE, SOUGHT, LeadField, NoWayBack, field_of, kept_now
from services.leads.leads import visible_lead
from services.messages.notices import Notices
from services.sharing.clocks import follow_hands
from storage.db import Database, Session
from storage.finding.finding import reindex
from storage.leads import changes as rows
from storage.leads import lead_history, merges
from storage.leads import leads as lead_rows
from storage.planning import activities as audit_rows

UNDO_FOR = timedelta(seconds=30)
UNDO_LONGER: Mapping[str, timedelta] = {"import": timedelta(days=30)}
"""Kinds of changes that can be undone for longer than UNDO_FOR."""

LOOKED_BACK = timedelta(days=3)
"""How far back a button's change is looked for: it is late long before."""

PAGE = 200
MERGED, CREATED = "merged_into", "created"
_CONTACTS = ("phone", "email", "inn")


class Changes:
    """Use cases on taking back what was changed."""

    def __init__(self, db: Database, clock: Clock, outbox: Outbox, notices: Notices) -> None:
        self.db, self.clock, self.outbox, self.notices = db, clock, outbox, notices

    @open_to("use cases")
    async def begin(self, s: Session, actor_id: UUID | None, kind: str, count: int = 1) -> UUID:
        """A new change in the caller's transaction; its id goes into the history entries."""
        return await rows.begin(s, actor_id, kind, self.clock(), count)

    @open_to("use cases")
    async def newest(self, member: Member, lead_id: UUID) -> UUID | None:
        """The member's own last change of the lead that can still be undone from its card."""
        async with self.db.reading(member.organization_id) as s:
            since = self.clock() - UNDO_FOR
            change = await rows.newest_of(s, lead_id, member.id, since)
            return change.id if change is not None else None

    @open_to("use cases")
    async def of_lead(self, member: Member, lead_id: UUID, tail: str) -> UUID:
        """The change whose id ends so, among those of the lead's last days. Raises TooLate("undo_late")."""
        async with self.db.reading(member.organization_id) as s:
            for change_id in await rows.ids_of(s, lead_id, self.clock() - LOOKED_BACK):
                if tail and change_id.hex.endswith(tail):
                    return change_id
        raise TooLate("undo_late")

    @needs(Right.LEAD_CREATE)
    async def undo(self, member: Member, change_id: UUID) -> Undone:
        """Put back everything the change has done, as far as nobody has changed it since.

        Raises NotFound for a change of somebody else, TooLate("undo_late") after its time and
        TooLate("undone") the second time.
        """
        async with self.db.transaction(member.organization_id) as s:
            await self.begin_undo(s, member, change_id)
            count, skipped, after = 0, list[Skipped](), None
            while True:
                done, after = await self.undo_page(s, member.id, change_id, after, PAGE, Priority.PERSON)
                count, skipped = count + done.count, [*skipped, *done.skipped]
                if after is None:
                    return Undone(count, tuple(skipped))

    @open_to("undo, and jobs that undo in pages")
    async def begin_undo(self, s: Session, member: Member, change_id: UUID) -> None:
        """Take the turn to undo the change; then `undo_page` until it returns no further lead."""
        change = await rows.get(s, change_id)
        own = change is not None and (change.actor_id == member.id or member.may(Right.LEAD_ASSIGN))
        if change is None or not own:
            raise NotFound(what="change")
        now = self.clock()
        if change.undone_at is not None:
            raise TooLate("undone")
        if now > change.at + UNDO_LONGER.get(change.kind, UNDO_FOR):
            raise TooLate("undo_late")
        if not await rows.mark_undone(s, change_id, now):
            raise TooLate("undone")
        await audit_rows.add_audit(s, member.id, "change.undo", "change", change_id, now)

    @open_to("undo, and jobs that undo in pages")
    async def undo_page(
        self, s: Session, actor_id: UUID, change_id: UUID, after: UUID | None, limit: int = PAGE,
        priority: Priority = Priority.BULK,
    ) -> tuple[Undone, UUID | None]:  # fmt: skip
        """Put back the change's next leads after `after`, with the last of them; None when these were all."""
        lead_ids = await rows.leads_of(s, change_id, after, limit)
        entries = await rows.entries_of(s, change_id, lead_ids)
        count, skipped = 0, list[Skipped]()
        for lead_id in lead_ids:
            own = [one for one in entries if one.lead_id == lead_id]
            left = await self._undo_lead(s, actor_id, own, priority)
            skipped += left
            count += not left
        return Undone(count, tuple(skipped)), lead_ids[-1] if len(lead_ids) == limit else None

    async def _undo_lead(
        self, s: Session, actor_id: UUID, entries: Sequence[Entry], priority: Priority
    ) -> list[Skipped]:
        lead = await lead_rows.get_lead(s, entries[0].lead_id)
        if lead is None:
            return [Skipped(entries[0].lead_id, "", "gone")]
        written, skipped = list[tuple[str, str, str]](), list[Skipped]()
        for entry in entries:
            if entry.field in NO_STATE:
                continue
            why = await self._put_back(s, lead, entry, written)
            if why:
                skipped.append(Skipped(lead.id, entry.field, why))
        await self._written(s, lead, actor_id, written, UNDO, priority=priority)
        return skipped

    async def _put_back(
        self, s: Session, lead: Lead, entry: Entry, written: list[tuple[str, str, str]]
    ) -> str:
        """Write the entry's old value; the reason where it is left alone."""
        if entry.field == MERGED:
            held = json.loads(exact_in(entry.new))
            winner = UUID(held["winner"])
            await merges.move_back(s, held["moved"], winner, lead.id)
            await reindex(s, [winner, lead.id])
            written.append((MERGED, entry.new, ""))
            return ""
        if entry.field == CREATED and entry.change_id is not None:
            return await self._take_out(s, lead, entry.change_id, written)
        known = field_of(entry.field)
        if known is None:
            return "unknown"
        old, new = exact_in(entry.old), exact_in(entry.new)
        now = await known.now(s, lead)
        if not known.same(now, new):
            return "changed"
        return await self._put(s, lead, entry.field, known, now, old, written)

    async def _put(
        self, s: Session, lead: Lead, name: str, known: LeadField, now: str, value: str,
        written: list[tuple[str, str, str]],
    ) -> str:  # fmt: skip
        if name in _CONTACTS and value and await self._others_now(s, lead, name, value):
            return "taken"
        try:
            await known.put(s, lead, value, self.clock())
        except NoWayBack:
            return "gone"
        fresh = await lead_rows.get_lead(s, lead.id)
        assert fresh is not None
        after = await known.now(s, fresh)
        written.append((name, await kept_now(s, known, now), await kept_now(s, known, after)))
        return ""

    async def _take_out(
        self, s: Session, lead: Lead, change_id: UUID, written: list[tuple[str, str, str]]
    ) -> str:
        """A lead that the change has made goes, unless somebody has touched it since."""
        if await rows.touched_besides(s, lead.id, change_id):
            return "changed"
        if lead.deleted_at is None:
            await lead_rows.update_lead(s, lead.id, self.clock(), deleted_at=self.clock())
            written.append(("deleted", "", "yes"))
        return ""

    async def _others_now(self, s: Session, lead: Lead, name: str, value: str) -> bool:
        """Whether another lead that is in work has one of these contacts meanwhile."""
        points = tuple((name, one, one) for one in value.split(LIST)) if name != "inn" else ()
        return bool(await busy_besides(s, lead, points, value if name == "inn" else "", self.clock()))

    async def _written(
        self, s: Session, lead: Lead, actor_id: UUID, written: Sequence[tuple[str, str, str]], origin: str,
        change_id: UUID | None = None, priority: Priority = Priority.PERSON,
    ) -> None:  # fmt: skip
        """What follows from fields that were put back: history, audit, the CRM, the words, the screens."""
        if not written:
            return
        now = self.clock()
        await lead_history.add_history(s, lead.id, actor_id, origin, written, now, change_id)
        await audit_rows.add_audit(s, actor_id, f"lead.{origin}", "lead", lead.id, now)
        fields = {known.crm for name, _, _ in written if (known := field_of(name)) and known.crm}
        if fields:
            told = {"fields": sorted(fields)}
            await self.outbox.enqueue(s, "lead.update", lead.id, lead.id, told, priority=priority)
        if any(name in SOUGHT for name, _, _ in written):
            await reindex(s, [lead.id])
        if any(name == "assignee" for name, _, _ in written):
            await follow_hands(s, lead.id, actor_id, now)
        moved = next((exact_in(new) for name, _, new in written if name == "stage"), "")
        if moved:
            await self.notices.stage_changed(s, lead.id, UUID(moved), actor_id)
        else:
            await self.notices.lead_changed(s, lead.id)

    @needs(Right.LEAD_CREATE)
    async def entry_of(self, member: Member, lead_id: UUID, tail: str) -> UUID:
        """The entry of the lead's history whose id ends so. Raises TooLate("restore_never")."""
        async with self.db.reading(member.organization_id) as s:
            await visible_lead(s, member, lead_id)
            for entry_id in await rows.entry_ids(s, lead_id):
                if tail and entry_id.hex.endswith(tail):
                    return entry_id
        raise TooLate("restore_never")

    @needs(Right.LEAD_CREATE)
    async def restore(self, member: Member, lead_id: UUID, entry_id: UUID, side: str) -> Lead:
        """Give a field the value it had before (`side` is old) or after (new) an entry of the history.

        Raises TooLate: restore_same, restore_gone, restore_never; DuplicateLead where another lead has the
        contact now; and whatever stands in the way of changing the lead.
        """
        async with self.db.transaction(member.organization_id) as s:
            lead = await visible_lead(s, member, lead_id)
            demand_changeable(member, lead)
            entry = await rows.entry(s, lead_id, entry_id)
            known = field_of(entry.field) if entry is not None else None
            if entry is None or known is None or not restorable(entry.field):
                raise TooLate("restore_never")
            now, value = await known.now(s, lead), exact_in(entry.old if side == "old" else entry.new)
            if known.same(now, value):
                raise TooLate("restore_same")
            written = list[tuple[str, str, str]]()
            why = await self._put(s, lead, entry.field, known, now, value, written)
            if why == "taken":
                raise DuplicateLead(None)
            if why:
                raise TooLate("restore_gone")
            change_id = await self.begin(s, member.id, "lead.restore")
            await self._written(s, lead, member.id, written, "chat", change_id)
            return await visible_lead(s, member, lead_id)


def restorable(name: str) -> bool:
    """Whether a value of this field can be chosen in the history. Deletion and the customer have ways of
    their own."""
    return name not in ("deleted", "customer") and field_of(name) is not None


async def busy_besides(
    s: Session, lead: Lead, points: tuple[tuple[str, str, str], ...], inn: str, now: datetime
) -> tuple[Lead, ...]:
    """Other leads in work that have one of these contact points or the INN."""
    clean = CleanDraft(LeadDraft(inn=inn), points)
    return (await duplicates_of(s, clean, now, lead.id)).busy
