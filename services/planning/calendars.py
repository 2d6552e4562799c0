"""A member's calendar at a secret address, for the calendar on their telephone."""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.calendar_files import Event, calendar_file
from domain.errors import NotFound
from domain.members import Member, Right
from domain.plans import Plan
from services.access import needs, open_to
from services.clock import Clock
from storage.db import Database
from storage.people import members as member_rows
from storage.planning import activities as audit_rows
from storage.planning import plans as rows

BACK = timedelta(days=30)
MOST = 500
REFRESH = timedelta(minutes=15)
KNOWN = 2000
"""Feeds whose last change one process remembers."""

Summarized = Callable[[Plan, str], tuple[str, str]]
"""(plan, language) -> summary and description of its entry."""

Named = Callable[[str, str], str]
"""(organization, language) -> the calendar's name."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar asks for: `etag` names the content, `changed_at` is when it was first seen so.
    `body` is made only when it is wanted."""

    etag: str
    changed_at: datetime
    body: Callable[[], bytes]


class Calendars:
    """Keys of feeds, feeds, and single entries as files."""

    def __init__(self, db: Database, clock: Clock, summarized: Summarized, named: Named) -> None:
        self.db, self.clock, self.summarized, self.named = db, clock, summarized, named
        self._seen: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    @needs(Right.LEAD_WORK)
    async def key(self, member: Member) -> str:
        """The key of the member's feed; empty without one."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.calendar_key(s, member.id)

    @needs(Right.LEAD_WORK)
    async def renew(self, member: Member) -> str:
        """A new key: the address with the old one is dead at once."""
        key = secrets.token_urlsafe(32)
        await self._keep(member, key, "calendar.renew")
        return key

    @needs(Right.LEAD_WORK)
    async def revoke(self, member: Member) -> None:
        """No feed any more."""
        await self._keep(member, None, "calendar.revoke")

    async def _keep(self, member: Member, key: str | None, action: str) -> None:
        async with self.db.transaction(member.organization_id) as s:
            await member_rows.update_member(s, member.id, calendar_key=key)
            await audit_rows.add_audit(s, member.id, action, "member", member.id, self.clock())

    @open_to("whoever has the key")
    async def feed(self, key: str) -> Feed:
        """The feed of a key. Raises NotFound, also where the member may not work leads any more."""
        async with self.db.reading(system=True) as system:
            found = await rows.member_by_calendar(system, key)
        if found is None:
            raise NotFound(what="calendar")
        organization_id, member_id = found
        async with self.db.reading(organization_id) as s:
            member = await member_rows.get_member(s, member_id)
            organization = await member_rows.get_organization(s, organization_id)
            if member is None or organization is None or not member.may(Right.LEAD_WORK):
                raise NotFound(what="calendar")
            plans = await rows.for_calendar(s, member_id, self._since(), MOST)
        name = self.named(organization.name, member.language)
        etag = _digest(plans, name, member.language)
        return Feed(
            etag,
            self._changed_at(member_id, etag),
            lambda: calendar_file(name, [self._event(one, member.language) for one in plans], REFRESH),
        )

    @open_to("whoever sees the activity")
    def file(self, plan: Plan, language: str) -> bytes:
        """One activity as an .ics file."""
        event = self._event(plan, language)
        return calendar_file(event.summary, [event])

    def _since(self) -> datetime:
        """From a midnight on, so that the feed does not change with every minute."""
        return (self.clock() - BACK).replace(hour=0, minute=0, second=0, microsecond=0)

    def _changed_at(self, member_id: UUID, etag: str) -> datetime:
        """When this process first saw the feed as it is. Later than the change itself is harmless: the feed
        is fetched once more."""
        known = self._seen.get(str(member_id))
        if known is None or known[0] != etag:
            now = self.clock().replace(microsecond=0)
            # HTTP knows whole seconds: two contents of one second must not bear the same time
            known = (etag, max(now, known[1] + timedelta(seconds=1)) if known else now)
        self._seen[str(member_id)] = known
        self._seen.move_to_end(str(member_id))
        if len(self._seen) > KNOWN:
            self._seen.popitem(last=False)
        return known[1]

    def _event(self, plan: Plan, language: str) -> Event:
        summary, description = self.summarized(plan, language)
        uid = f"{plan.id}@voronka"
        return Event(uid, plan.at, plan.lasts, summary, plan.completed_at or plan.created_at, description)


def _digest(plans: list[Plan], name: str, language: str) -> str:
    shown = [
        (
            str(one.id),
            one.at,
            one.duration,
            one.title,
            one.of_title,
            one.of_number,
            one.type,
            one.completed_at,
        )
        for one in plans
    ]
    return hashlib.sha256(repr((name, language, shown)).encode()).hexdigest()[:32]
