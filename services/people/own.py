"""What members set for themselves: quiet hours, working hours, the daily digest."""

from typing import Any

from domain.errors import BadInput
from domain.members import Member
from domain.own_settings import WEEK, last_before, read_span, read_time, span_of
from domain.phones import read_phone
from services.access import open_to
from services.clock import Clock
from services.loyalty.balances import SHARED_PHONE
from services.people.standing import found
from storage.db import Database
from storage.messages import held_notices
from storage.people import members as rows
from storage.people import people

SPANS = ("quiet", "hours")


class OwnSettings:
    """Use cases on one's own settings."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @open_to("the member")
    async def set_span(self, member: Member, name: str, typed: str) -> Member:
        """Set quiet or working hours (`name`: quiet, hours) as typed; an empty text turns them off.

        Raises BadInput: span invalid, empty or backwards (a working day ends after it has begun).
        """
        if name not in SPANS:
            raise BadInput("span", "unknown")
        if not typed.strip():
            return await self._keep(member, {name: None})
        span = read_span(typed)
        if name == "hours" and span.start > span.end:
            raise BadInput("span", "backwards")
        kept = span_of(member.settings, name)
        days = list(kept.days) if kept else list(WEEK if name == "quiet" else range(5))
        return await self._keep(member, {name: {**span.as_json(), "days": days}})

    @open_to("the member")
    async def turn_day(self, member: Member, day: int) -> Member:
        """Work on a day of the week (0 is Monday), or not. Raises BadInput("day", ...): invalid or last."""
        kept = span_of(member.settings, "hours")
        if kept is None or day not in WEEK:
            raise BadInput("day", "invalid")
        days = sorted(set(kept.days) ^ {day})
        if not days:
            raise BadInput("day", "last")
        return await self._keep(member, {"hours": {**kept.as_json(), "days": days}})

    @open_to("the member")
    async def set_digest(self, member: Member, typed: str) -> Member:
        """When the daily digest is to come; an empty text turns it off. Raises BadInput("time", "invalid").

        An hour that is past today counts from tomorrow.
        """
        if not typed.strip():
            return await self._keep(member, {"digest": None})
        at = read_time(typed)
        last = last_before(self.clock(), member.time_zone, at)
        return await self._keep(member, {"digest": {"at": f"{at:%H:%M}", "last": last}})

    @open_to("the member")
    async def share_phone(self, member: Member, phone: str) -> Member:
        """Keep that Telegram itself has told the phone to be the member's: what bonuses are shown by. It
        becomes the phone of the profile. Raises BadInput."""
        number = read_phone(phone, member.region)
        async with self.db.transaction(member.organization_id) as s:
            await rows.update_member(s, member.id, phone=number)
        return await self._keep(member, {SHARED_PHONE: number})

    async def _keep(self, member: Member, values: dict[str, Any]) -> Member:
        async with self.db.transaction(member.organization_id) as s:
            _rights, settings = await people.own_changes(s, member.id)
            merged = {name: value for name, value in {**settings, **values}.items() if value is not None}
            await rows.update_member(s, member.id, settings=merged)
            await held_notices.release(s, member.telegram_id, self.clock())
            return await found(s, member.id)
