"""Keys of the API: made and revoked by admins, checked at each request."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from domain.api_keys import (
    KEYS_LIMIT,
    NAME_LIMIT,
    SHOWN,
    ApiKey,
    Caller,
    digest_of,
    is_key,
    new_key,
    read_scopes,
)
from domain.errors import BadInput, KeyRefused, NotFound, TooLate
from domain.fields import read_text
from domain.members import Member, MemberStatus, Right
from domain.rights import stands_below
from services.access import needs, open_to
from services.clock import Clock
from services.entry.confirming import confirmed
from storage.db import Database
from storage.entry import api_keys as rows
from storage.people import members as member_rows
from storage.people import people
from storage.planning import activities as audit_rows

NOTED_EVERY = timedelta(minutes=1)
"""How exactly the last use is known: a row that is written at each request would be its bottleneck."""

LONGEST = 3650


class ApiKeys:
    """Use cases on keys."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @needs(Right.API_MANAGE)
    @confirmed
    async def make(
        self, member: Member, name: str, scopes: Sequence[str], days: int = 0, acts_for: UUID | None = None
    ) -> tuple[str, ApiKey]:
        """A key and what is kept of it; the key itself is never told again. It acts with the rights of
        `acts_for`, of the member without; `days` 0: it does not expire.

        Raises BadInput: name, scopes, days, member (above_you, gone), or keys (too_many).
        """
        name = read_text("key_name", name, NAME_LIMIT)
        wanted = read_scopes(scopes)
        if not 0 <= days <= LONGEST:
            raise BadInput("days", "invalid")
        async with self.db.transaction(member.organization_id) as s:
            other = await member_rows.get_member(s, acts_for) if acts_for is not None else member
            if other is None or other.status is not MemberStatus.ACTIVE:
                raise BadInput("member", "gone")
            if not stands_below(member, other):
                raise BadInput("member", "above_you")
            if len(await rows.standing(s)) >= KEYS_LIMIT:
                raise BadInput("keys", "too_many", limit=KEYS_LIMIT)
            now, key = self.clock(), new_key()
            key_id = await rows.add(
                s, now, member_id=other.id, name=name, shown=key[:SHOWN], digest=digest_of(key),
                scopes=list(wanted), made_by=member.id,
                expires_at=now + timedelta(days=days) if days else None,
            )  # fmt: skip
            said = {"name": name, "scopes": list(wanted), "for": str(other.id)}
            await audit_rows.add_audit(s, member.id, "api_key.make", "api_key", key_id, now, said)
            made = await rows.get(s, key_id)
        assert made is not None
        return key, made

    @needs(Right.API_MANAGE)
    async def browse(self, member: Member) -> Sequence[ApiKey]:
        """Keys that nobody has revoked, the newest first; at most KEYS_LIMIT."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.standing(s)

    @needs(Right.API_MANAGE)
    async def get(self, member: Member, key_id: UUID) -> ApiKey:
        """One key. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            found = await rows.get(s, key_id)
        if found is None:
            raise NotFound(what="api_key")
        return found

    @needs(Right.API_MANAGE)
    async def holders(self, member: Member, most: int = 8) -> Sequence[Member]:
        """For whom a key of the member's may act besides the member, by name."""
        async with self.db.reading(member.organization_id) as s:
            everybody = await people.everybody(s)
        fits = [
            one
            for one in everybody
            if one.status is MemberStatus.ACTIVE and one.id != member.id and stands_below(member, one)
        ]
        return fits[:most]

    @needs(Right.API_MANAGE)
    async def revoke(self, member: Member, key_id: UUID) -> ApiKey:
        """End a key at once. Raises NotFound, TooLate("answered") for the second time."""
        async with self.db.transaction(member.organization_id) as s:
            found = await rows.get(s, key_id)
            if found is None:
                raise NotFound(what="api_key")
            if found.revoked_at is not None:
                raise TooLate("answered")
            now = self.clock()
            await rows.change(s, key_id, revoked_at=now)
            await audit_rows.add_audit(s, member.id, "api_key.revoke", "api_key", key_id, now)
            revoked = await rows.get(s, key_id)
        assert revoked is not None
        return revoked

    @open_to("whoever shows a key")
    async def caller(self, key: str, address: str) -> Caller:
        """For whom the key acts. Raises KeyRefused: unknown, expired, revoked, or member (left or paused)."""
        if not is_key(key):
            raise KeyRefused("unknown")
        async with self.db.reading(system=True) as system:
            found = await rows.by_digest(system, digest_of(key))
        if found is None:
            raise KeyRefused("unknown")
        return await self._let_in(*found, address)

    @open_to("whoever shows a token")
    async def caller_by_id(self, organization_id: UUID, key_id: UUID, address: str) -> Caller:
        """For whom the key behind a token acts. Raises as `caller` does."""
        async with self.db.reading(organization_id) as s:
            found = await rows.get(s, key_id)
            if found is None:
                raise KeyRefused("unknown")
            member = await member_rows.get_member(s, found.member_id)
        return await self._let_in(found, member, address)

    async def _let_in(self, found: ApiKey, member: Member | None, address: str) -> Caller:
        if not found.works_at(self.clock()):
            raise KeyRefused("revoked" if found.revoked_at is not None else "expired")
        if member is None or member.status is not MemberStatus.ACTIVE:
            raise KeyRefused("member")
        await self._note_use(found, address)
        return Caller(found, member)

    async def _note_use(self, found: ApiKey, address: str) -> None:
        now = self.clock()
        if found.used_at is None or now - found.used_at >= NOTED_EVERY:
            async with self.db.transaction(found.organization_id) as s:
                await rows.change(s, found.id, used_at=now, used_from=address[:64])
