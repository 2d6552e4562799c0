"""Announcements: drafted, looked at with the count of who gets them, sent to everybody of a role, counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import BadInput, NotFound, TooLate
from domain.members import Member, Right, Role
from services.access import needs, open_to
from services.clock import Clock
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.ids import new_id
from storage.messages import notices as notice_rows
from storage.messages.notices import Owed
from storage.people import announcements as rows
from storage.people import people
from storage.people.announcements import Announcement
from storage.planning import activities as audit_rows

LIMIT = 3000
"""Letters of a text: with its frame and escaped it stays within a message."""

READ_AGAIN = timedelta(seconds=1)

WATCHED = timedelta(days=2)
"""How long the card of an announcement follows its notices: who sleeps longer is not waited for."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Of `total` people: who has got it, who cannot be reached, and for whom it waits."""

    announcement: Announcement
    total: int
    sent: int
    blocked: int
    waiting: int


class Announcements:
    """Use cases on announcements."""

    def __init__(self, db: Database, clock: Clock, notices: Notices) -> None:
        self.db, self.clock, self.notices = db, clock, notices
        self._told: tuple[UUID, datetime, str] | None = None

    @needs(Right.ANNOUNCE)
    async def draft(self, member: Member, roles: Sequence[Role], text: str) -> Progress:
        """Keep a draft; `total` and `blocked` tell who would get it. No roles mean everybody.

        Raises BadInput: announcement required, too_long (limit, length) or nobody.
        """
        text = text.strip()
        if not text:
            raise BadInput("announcement", "required")
        if len(text) > LIMIT:
            raise BadInput("announcement", "too_long", length=len(text), limit=LIMIT)
        async with self.db.transaction(member.organization_id) as s:
            meant = await self._meant(s, member, roles)
            if not meant:
                raise BadInput("announcement", "nobody")
            one = await self._get(s, await rows.add(s, member.id, roles, text, self.clock()))
            return Progress(one, len(meant), 0, sum(not reachable for _, reachable in meant), 0)

    @needs(Right.ANNOUNCE)
    async def send(self, member: Member, announcement_id: UUID) -> Progress:
        """Send it, once: the second of two taps sends nothing. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            one = await self._own(s, member, announcement_id, hold=True)
            if one.state != "draft":
                return await self._progress(s, one)
            meant = await self._meant(s, member, one.roles)
            params = {"announcement": str(one.id)}
            slot, now = rows.slot_of(one.id), self.clock()
            owed = [Owed(chat, "announcement", params, slot) for chat, reachable in meant if reachable]
            await notice_rows.add_notices(s, owed, now)
            await rows.keep_state(s, one, "sent", new_id(), len(meant))
            data = {"roles": [role.value for role in one.roles], "people": len(meant)}
            await audit_rows.add_audit(s, member.id, "announcement.send", "announcement", one.id, now, data)
            s.after_commit(lambda: self.notices.signals.wake("notices"))
            return await self._progress(s, await self._get(s, one.id))

    @needs(Right.ANNOUNCE)
    async def drop(self, member: Member, announcement_id: UUID) -> None:
        """Throw a draft away. Raises NotFound, or TooLate("sent")."""
        async with self.db.transaction(member.organization_id) as s:
            one = await self._own(s, member, announcement_id, hold=True)
            if one.state != "draft":
                raise TooLate("sent")
            await rows.drop(s, announcement_id)

    @needs(Right.ANNOUNCE)
    async def progress(self, member: Member, announcement_id: UUID) -> Progress:
        """How far it has got. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            return await self._progress(s, await self._own(s, member, announcement_id))

    @open_to("the sender of notices")
    async def for_notice(self, organization_id: UUID, announcement_id: UUID) -> Progress | None:
        async with self.db.reading(organization_id) as s:
            one = await rows.get(s, announcement_id)
            return await self._progress(s, one) if one is not None else None

    @open_to("the sender of notices")
    async def text_of(self, organization_id: UUID, announcement_id: UUID) -> str | None:
        """What it says. It is not read for each of the thousands who get it: nothing but an erasure of
        somebody's data changes it, which holds READ_AGAIN later."""
        now = self.clock()
        if self._told is not None:
            known, at, text = self._told
            if known == announcement_id and timedelta() <= now - at < READ_AGAIN:
                return text
        async with self.db.reading(organization_id) as s:
            one = await rows.get(s, announcement_id)
        if one is None:
            return None
        self._told = (announcement_id, now, one.text)
        return one.text

    @open_to("the scheduler")
    async def follow(self) -> int:
        """Bring the cards of announcements under way up to date; those that nobody waits for are done."""
        now = self.clock()
        async with self.db.transaction(system=True) as system:
            found = await rows.under_way(system, now - WATCHED)
            for one in found:
                s = system.scoped(one.organization_id, False)
                progress = await self._progress(s, one)
                if not progress.waiting:
                    await rows.keep_state(s, one, "done", one.last, one.total)
                if one.author_id is not None:
                    params = {"announcement": str(one.id)}
                    slot = card_slot(one.id)
                    await self.notices.to_member(s, one.author_id, "announcement.card", params, slot)
            return len(found)

    async def _meant(self, s: Session, member: Member, roles: Sequence[Role]) -> list[tuple[int, bool]]:
        """(chat, reachable) of everybody with the roles but the author."""
        found = await people.active_in(s, roles)
        return [(chat, reachable) for member_id, chat, reachable in found if member_id != member.id]

    async def _progress(self, s: Session, one: Announcement) -> Progress:
        counts = await rows.progress(s, one)
        waiting = sum(counts.get(state, 0) for state in ("pending", "sending", "held"))
        sent = counts.get("sent", 0)
        return Progress(one, one.total, sent, max(0, one.total - sent - waiting), waiting)

    async def _own(
        self, s: Session, member: Member, announcement_id: UUID, *, hold: bool = False
    ) -> Announcement:
        one = await rows.get(s, announcement_id, hold=hold)
        if one is None or (one.author_id != member.id and member.role is not Role.OWNER):
            raise NotFound(what="announcement")
        return one

    async def _get(self, s: Session, announcement_id: UUID) -> Announcement:
        one = await rows.get(s, announcement_id)
        if one is None:
            raise NotFound(what="announcement")
        return one


def card_slot(announcement_id: UUID) -> str:
    """The author's card, which follows the delivery."""
    return f"announced:{announcement_id}"
