"""The second factor of a member: turned on in the chat, asked before steps that cannot be taken back."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain import one_time_codes as codes
from domain.errors import BadInput, NotAllowed, NotFound, TooLate
from domain.members import Member, Right, Role
from domain.slots import factor_picture
from services.access import needs, open_to
from services.clock import Clock
from services.entry.bursts import Bursts
from services.entry.confirming import confirmed, demand_confirmed
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.entry import second_factors as rows
from storage.entry.second_factors import Factor
from storage.people import members as member_rows
from storage.planning import activities as audit_rows
from storage.secrets import Vault

RESET = "entry.factor_reset"
PICTURE = "entry.factor_picture"
BEGUN_FOR = timedelta(minutes=10)
"""Whoever begins has so long for the first code; then the key opens nothing, and its picture goes away."""

DOOR = "second_factor"
ISSUER = "Voronka"


@dataclass(frozen=True, slots=True)
class FactorState:
    """`since` None: it is off. `recovery` is how many recovery codes are left."""

    since: datetime | None
    recovery: int


@dataclass(frozen=True, slots=True)
class Setup:
    """What an authenticator app needs, shown once; a picture of it belongs into the slot."""

    secret: str
    link: str
    slot: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a code: `right`, or for how long nobody is listened to."""

    right: bool
    wait: timedelta = timedelta()


class SecondFactor:
    """Use cases on it."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, notices: Notices, bursts: Bursts) -> None:
        self.db, self.vault, self.clock, self.notices, self.bursts = db, vault, clock, notices, bursts

    @open_to("the member")
    async def demand(self, member: Member) -> None:
        """For steps whose use case runs after the answer, where nobody can be asked any more. Raises
        SecondFactorNeeded."""
        await demand_confirmed(self.db, self.clock, member)

    @open_to("the member")
    async def state(self, member: Member) -> FactorState:
        """How it stands."""
        async with self.db.reading(member.organization_id) as s:
            found = await rows.get(s, member.id)
        if found is None or found.confirmed_at is None:
            return FactorState(None, 0)
        return FactorState(found.confirmed_at, len(found.recovery))

    @open_to("the member")
    async def begin(self, member: Member) -> Setup:
        """A secret for an app; it counts once `finish` has seen a code of it, within BEGUN_FOR. Raises
        TooLate("factor_on")."""
        secret, now = codes.new_secret(), self.clock()
        async with self.db.transaction(member.organization_id) as s:
            earlier = await self._demand_off(s, member)
            if earlier is not None:
                await self._take_picture_away(s, member, earlier)
            sealed = self.vault.seal({"secret": codes.as_typed(secret)}, sealed_for(member.id))
            await rows.put(s, member.id, sealed, now)
        account = member.name or str(member.telegram_id)
        link = codes.link(secret, ISSUER, account)
        return Setup(codes.as_typed(secret), link, factor_picture(now))

    async def _take_picture_away(self, s: Session, member: Member, begun: Factor) -> None:
        await self.notices.owe(s, member.telegram_id, PICTURE, {}, factor_picture(begun.created_at))

    @open_to("the scheduler")
    async def forget_old(self) -> None:
        """What was begun and not finished, and what codes have opened."""
        now = self.clock()
        async with self.db.transaction(system=True) as system:
            await rows.forget_passes(system, now)
            for organization_id, member_id in await rows.begun_before(system, now - BEGUN_FOR):
                s = system.scoped(organization_id, False)
                member, found = (
                    await member_rows.get_member(s, member_id),
                    await rows.get(s, member_id, hold=True),
                )
                if member is not None and found is not None and found.confirmed_at is None:
                    await rows.remove(s, member_id)
                    await self._take_picture_away(s, member, found)

    @open_to("the member")
    async def finish(self, member: Member, typed: str) -> Sequence[str]:
        """Turn it on by a first code; the recovery codes, told this once. Raises BadInput("code", "wrong"),
        TooLate: factor_on, or factor_gone where nothing was begun."""
        now = self.clock()
        async with self.db.transaction(member.organization_id) as s:
            found = await self._demand_off(s, member)
            if found is None:
                raise TooLate("factor_gone")
            step = codes.step_of(self._secret(found), typed, now, found.last_step)
            if step is None:
                raise BadInput("code", "wrong")
            await rows.change(s, member.id, confirmed_at=now, last_step=step)
            await rows.open_until(s, member.id, codes.asked_now(), now + codes.GOOD_FOR)
            await audit_rows.add_audit(s, member.id, "second_factor.on", "member", member.id, now)
            await self._take_picture_away(s, member, found)
            return await self._new_recovery(s, member.id)

    @open_to("the member")
    @confirmed
    async def turn_off(self, member: Member) -> None:
        async with self.db.transaction(member.organization_id) as s:
            await rows.remove(s, member.id)
            await audit_rows.add_audit(s, member.id, "second_factor.off", "member", member.id, self.clock())

    @open_to("the member")
    @confirmed
    async def renew_recovery(self, member: Member) -> Sequence[str]:
        """New recovery codes; the old ones open nothing any more. Raises TooLate("factor_gone")."""
        async with self.db.transaction(member.organization_id) as s:
            if not await rows.has(s, member.id):
                raise TooLate("factor_gone")
            await audit_rows.add_audit(
                s, member.id, "second_factor.recovery", "member", member.id, self.clock()
            )
            return await self._new_recovery(s, member.id)

    @needs(Right.MEMBER_MANAGE)
    @confirmed
    async def reset(self, member: Member, member_id: UUID) -> None:
        """Turn off somebody else's, whose telephone is lost. For owners. Raises NotFound where it is off."""
        if member.role is not Role.OWNER:
            raise NotAllowed(right=Right.MEMBER_MANAGE.value)
        if member_id == member.id:
            raise BadInput("member", "yourself")
        async with self.db.transaction(member.organization_id) as s:
            await self._take_off(s, member_id, member.id)

    @open_to("operators")
    async def holders(self, organization_id: UUID) -> list[Member]:
        """Members who have turned it on."""
        async with self.db.reading(organization_id) as s:
            found = [await member_rows.get_member(s, one) for one in await rows.holders(s)]
        return [one for one in found if one is not None]

    @open_to("operators")
    async def take_off(self, member: Member) -> None:
        """Turn off that of somebody whom no owner can help. Raises NotFound where it is off."""
        async with self.db.transaction(member.organization_id) as s:
            await self._take_off(s, member.id, None)

    async def _take_off(self, s: Session, member_id: UUID, by: UUID | None) -> None:
        """`by` None: whoever runs the server."""
        if not await rows.has(s, member_id):
            raise NotFound(what="second_factor")
        await rows.remove(s, member_id)
        await audit_rows.add_audit(s, by, "second_factor.reset", "member", member_id, self.clock())
        await self.notices.to_member(s, member_id, RESET, {"by": str(by or "")})

    @needs(Right.MEMBER_MANAGE)
    async def is_on(self, member: Member, member_id: UUID) -> bool:
        """Whether somebody has turned it on."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.has(s, member_id)

    @open_to("the member")
    async def check(self, member: Member, typed: str) -> Checked:
        """Try a code, or a recovery code. A right one opens where it was given for codes.GOOD_FOR, and is
        spent; wrong ones make the member wait, longer each time. Nothing is raised: the count must stay."""
        now = self.clock()
        async with self.db.transaction(member.organization_id) as s:
            found = await rows.get(s, member.id, hold=True)
            if found is None or found.confirmed_at is None:
                return Checked(True)
            if found.locked_until is not None and found.locked_until > now:
                return Checked(False, found.locked_until - now)
            if await self._spend(s, found, typed, now):
                await rows.change(s, member.id, wrong=0, locked_until=None)
                await rows.open_until(s, member.id, codes.asked_now(), now + codes.GOOD_FOR)
                return Checked(True)
            wait = codes.wait_after(found.wrong + 1)
            await rows.change(s, member.id, wrong=found.wrong + 1, locked_until=now + wait if wait else None)
        if wait:
            await self.bursts.add(DOOR, str(member.id), member.organization_id, 1)
        return Checked(False, wait)

    @open_to("the member")
    def seal(self, member: Member, text: str) -> str:
        """What waits in the dialog for a code, readable by the server alone."""
        return base64.b64encode(self.vault.seal({"value": text}, f"dialogs:{member.id}")).decode()

    @open_to("the member")
    def opened(self, member: Member, sealed: str) -> str:
        """What `seal` sealed for the same member. Raises BadInput for anything else."""
        try:
            return self.vault.open(base64.b64decode(sealed, validate=True), f"dialogs:{member.id}")["value"]
        except (ValueError, KeyError) as error:
            raise BadInput("secret", "does_not_open") from error

    async def _spend(self, s: Session, found: Factor, typed: str, now: datetime) -> bool:
        step = codes.step_of(self._secret(found), typed, now, found.last_step)
        if step is not None:
            await rows.change(s, found.member_id, last_step=step)
            return True
        left = codes.without(found.recovery, typed)
        if left is None:
            return False
        await rows.keep_recovery(s, found.member_id, left)
        await audit_rows.add_audit(
            s, found.member_id, "second_factor.recovered", "member", found.member_id, now
        )
        return True

    async def _demand_off(self, s: Session, member: Member) -> Factor | None:
        if await member_rows.get_member(s, member.id) is None:
            raise NotFound(what="member")
        found = await rows.get(s, member.id, hold=True)
        if found is not None and found.confirmed_at is not None:
            raise TooLate("factor_on")
        return found

    async def _new_recovery(self, s: Session, member_id: UUID) -> Sequence[str]:
        made = codes.new_recovery_codes()
        await rows.keep_recovery(s, member_id, [codes.recovery_digest(one) for one in made])
        return made

    def _secret(self, found: Factor) -> bytes:
        typed = self.vault.open(found.secret, sealed_for(found.member_id))["secret"]
        return base64.b32decode(typed + "=" * (-len(typed) % 8))


def sealed_for(member_id: UUID) -> str:
    """The context that a secret is sealed with."""
    return f"second_factors:{member_id}"
