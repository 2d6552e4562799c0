"""Sessions: a member whom Telegram vouches for works with the API in their own name, with their own rights.

An access token lives minutes. The refresh token that comes with it buys the next pair once; shown a second
time it ends the whole session, because then two have it. A session ends a month after it was opened, by the
member, and while the member is not active.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domain.api_keys import SCOPES, ApiKey, Caller
from domain.errors import KeyRefused, NotFound, OrganizationNeeded
from domain.members import Member, MemberStatus
from services.access import open_to
from services.api.keys import NOTED_EVERY
from services.clock import Clock
from services.entry.oauth import OAuthRefused
from services.entry.telegram import LOGIN, MINI_APP, TelegramKeys, who_logged_in, who_opened
from services.entry.tokens import ACCESS, LIVES, REFRESH, Claims, TokenSigner
from storage.db import Database, Session
from storage.entry import api_sessions as rows
from storage.entry.api_sessions import ApiSession
from storage.people import members as member_rows
from storage.people import people
from storage.planning import activities as audit_rows

SESSION = "session"
LASTS = timedelta(days=30)
MOST = 20
"""Open sessions of a member: the oldest ends for one more. Who shows the same data of Telegram's again and
again gains nothing by it."""

KEPT_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Opened:
    """A pair of tokens. `lives` and `lasts` are how long they are good for."""

    member: Member
    access: str
    refresh: str
    lives: timedelta
    lasts: timedelta


class Sessions:
    """Use cases on them."""

    def __init__(self, db: Database, clock: Clock, signer: TokenSigner, telegram: TelegramKeys) -> None:
        self.db, self.clock, self.signer, self.telegram = db, clock, signer, telegram

    @open_to("whoever Telegram vouches for")
    async def open_by_mini_app(self, init_data: str, organization_id: UUID | None, address: str) -> Opened:
        """Raises KeyRefused (telegram, telegram_old, stranger), OrganizationNeeded."""
        telegram_id = who_opened(init_data, self.telegram, self.clock())
        return await self._open(telegram_id, MINI_APP, organization_id, address)

    @open_to("whoever Telegram vouches for")
    async def open_by_login(
        self, given: Mapping[str, str | int], organization_id: UUID | None, address: str
    ) -> Opened:
        """Raises as `open_by_mini_app` does."""
        telegram_id = who_logged_in(given, self.telegram, self.clock())
        return await self._open(telegram_id, LOGIN, organization_id, address)

    @open_to("whoever shows a refresh token")
    async def refresh(self, token: str, address: str) -> Opened:
        """The next pair. Raises KeyRefused: token, token_expired, session, refreshed, member."""
        now = self.clock()
        claims = self.signer.read(token, now, REFRESH)
        async with self.db.transaction(claims.organization_id) as s:
            session, member = await self._standing(s, claims)
            first = await rows.refreshed(s, session.id, claims.generation, address[:64], now)
            if not first:
                await rows.end(s, [session.id], now)
                await self._audit(s, session, "api_session.reused")
        if not first:
            raise KeyRefused("refreshed")
        return self._pair(member, session, session.generation + 1)

    @open_to("whoever shows a token")
    async def caller(self, claims: Claims, address: str) -> Caller:
        """For whom a session acts. Raises KeyRefused: session, member."""
        async with self.db.reading(claims.organization_id) as s:
            session, member = await self._standing(s, claims)
        now = self.clock()
        if session.used_at is None or now - session.used_at >= NOTED_EVERY:
            async with self.db.transaction(session.organization_id) as s:
                await rows.change(s, session.id, used_at=now, used_from=address[:64])
        return Caller(_as_key(session, member), member)

    @open_to("the member")
    async def every(self, member: Member) -> Sequence[ApiSession]:
        """The member's open sessions, the newest first."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.open_of(s, member.id, self.clock())

    @open_to("the member")
    async def end_all(self, member: Member) -> int:
        """End the member's sessions; returns how many."""
        async with self.db.transaction(member.organization_id) as s:
            found = await rows.open_of(s, member.id, self.clock())
            await rows.end(s, [one.id for one in found], self.clock())
            for one in found:
                await self._audit(s, one, "api_session.end")
        return len(found)

    @open_to("the member")
    async def end(self, member: Member, session_id: UUID) -> None:
        """End one session of the member's own. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            found = await rows.get(s, session_id)
            if found is None or found.member_id != member.id:
                raise NotFound(what="session")
            await rows.end(s, [found.id], self.clock())
            await self._audit(s, found, "api_session.end")

    @open_to("whoever shows a token")
    async def revoke(self, token: str) -> None:
        """End the session of a refresh token or an access token. One that has ended, or is none of ours, is
        over already (RFC 7009, 2.2). Raises OAuthRefused: unsupported_token_type for a key's, which ends with
        its key or within minutes."""
        claims = self._claims(token)
        if claims is None:
            return
        if claims.of != SESSION:
            raise OAuthRefused("unsupported_token_type")
        async with self.db.transaction(claims.organization_id) as s:
            found = await rows.get(s, claims.subject)
            if found is not None and found.works_at(self.clock()):
                await rows.end(s, [found.id], self.clock())
                await self._audit(s, found, "api_session.end")

    def _claims(self, token: str) -> Claims | None:
        for kind in (REFRESH, ACCESS):
            with suppress(KeyRefused):
                return self.signer.read(token, self.clock(), kind)
        return None

    @open_to("the scheduler")
    async def forget_old(self) -> int:
        """Forget sessions that ended a while ago."""
        async with self.db.transaction(system=True) as s:
            return await rows.forget(s, self.clock() - KEPT_AFTER)

    async def _open(self, telegram_id: int, way: str, organization_id: UUID | None, address: str) -> Opened:
        member, now = await self._member(telegram_id, organization_id), self.clock()
        async with self.db.transaction(member.organization_id) as s:
            before = await rows.open_of(s, member.id, now)
            await rows.end(s, [one.id for one in before[MOST - 1 :]], now)
            session_id = await rows.add(s, member.id, way, address[:64], now, now + LASTS)
            session = await rows.get(s, session_id)
            assert session is not None
            await self._audit(s, session, "api_session.open")
        return self._pair(member, session, 1)

    async def _member(self, telegram_id: int, organization_id: UUID | None) -> Member:
        async with self.db.reading(system=True) as system:
            every = await people.belongings(system, telegram_id)
            active = {one.organization_id: one.name for one in every if one.status is MemberStatus.ACTIVE}
            if organization_id is None and len(active) > 1:
                raise OrganizationNeeded({str(identity): name for identity, name in active.items()})
            chosen = organization_id or next(iter(active), None)
            if chosen is None or chosen not in active:
                raise KeyRefused("stranger")
            member = await member_rows.member_of(system.scoped(chosen, False), telegram_id)
        if member is None:
            raise KeyRefused("stranger")
        return member

    async def _standing(self, s: Session, claims: Claims) -> tuple[ApiSession, Member]:
        session = await rows.get(s, claims.subject) if claims.of == SESSION else None
        if session is None or not session.works_at(self.clock()):
            raise KeyRefused("session")
        member = await member_rows.get_member(s, session.member_id)
        if member is None or member.status is not MemberStatus.ACTIVE:
            raise KeyRefused("member")
        return session, member

    def _pair(self, member: Member, session: ApiSession, generation: int) -> Opened:
        now = self.clock()
        lasts = session.expires_at - now
        lives = min(LIVES, lasts)
        claims = Claims(session.id, SESSION, session.organization_id, (), generation)
        access = self.signer.sign(claims, now, lives)
        return Opened(member, access, self.signer.sign(claims, now, lasts, REFRESH), lives, lasts)

    async def _audit(self, s: Session, session: ApiSession, action: str) -> None:
        said = {"way": session.way}
        await audit_rows.add_audit(
            s, session.member_id, action, "api_session", session.id, self.clock(), said
        )


def _as_key(session: ApiSession, member: Member) -> ApiKey:
    """A session as the rest of the API knows its callers: everything that the member may."""
    return ApiKey(
        id=session.id,
        organization_id=session.organization_id,
        member_id=member.id,
        member_name=member.name,
        name="Telegram",
        shown=SESSION,
        scopes=SCOPES,
        created_at=session.created_at,
        expires_at=session.expires_at,
        used_at=session.used_at,
        used_from=session.used_from,
        revoked_at=session.revoked_at,
        is_session=True,
    )
