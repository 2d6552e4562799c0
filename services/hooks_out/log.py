"""The log of deliveries: looked at, sent anew singly or all that failed, and a test event."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from domain.errors import NotFound, TooLate
from domain.hooks_out import TEST, Event, HookState, Sending, SendState
from domain.members import Member, Right
from services.access import needs
from services.audit.recorded import recorded
from services.clock import Clock
from services.hooks_out.sender import LEASE, HookSender
from storage.db import Database, Session
from storage.hooks_out import hook_sendings as rows
from storage.hooks_out import hooks_out
from storage.hooks_out.hooks_out import TOPIC
from storage.planning import activities as audit_rows
from storage.replicas.signals import Signals

PAGE = 8


class HookLog:
    """Use cases on deliveries of webhooks."""

    def __init__(self, db: Database, clock: Clock, signals: Signals, sender: HookSender) -> None:
        self.db, self.clock, self.signals, self._sender = db, clock, signals, sender

    @needs(Right.API_MANAGE)
    async def page(
        self, member: Member, hook_id: UUID, page: int = 0, size: int = PAGE
    ) -> tuple[Sequence[Sending], int]:
        """Deliveries of a hook by pages, the newest first, and how many there are. Pages count from 0.
        Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            await _demand_hook(s, hook_id)
            return await rows.page_of(s, hook_id, size, max(page, 0) * size)

    @needs(Right.API_MANAGE)
    async def counts(self, member: Member, hook_id: UUID) -> Mapping[str, int]:
        """How many deliveries of a hook are in each SendState."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.counts(s, hook_id)

    @needs(Right.API_MANAGE)
    async def get(self, member: Member, sending_id: UUID) -> Sending:
        """One delivery. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            return await _existing(s, sending_id)

    @needs(Right.API_MANAGE)
    async def replay(self, member: Member, sending_id: UUID) -> Sending:
        """Send one that has ended once more, from the beginning of the ladder, with its own webhook-id.

        Raises NotFound, TooLate: running for one that has not ended, hook_off while the hook is off.
        """
        async with self.db.transaction(member.organization_id) as s:
            sending = await _existing(s, sending_id)
            await self._demand_on(s, sending.hook_id)
            if not await rows.anew(s, self.clock(), rows.is_one(sending_id)):
                raise TooLate("running")
            await self._noted(s, member, sending.hook_id, "replay")
            return await _existing(s, sending_id)

    @needs(Right.API_MANAGE)
    async def replay_failed(self, member: Member, hook_id: UUID) -> int:
        """The same for all of a hook that were given up; returns how many. Raises NotFound, TooLate."""
        async with self.db.transaction(member.organization_id) as s:
            await self._demand_on(s, hook_id)
            count = await rows.anew(s, self.clock(), rows.failed_of(hook_id))
            await self._noted(s, member, hook_id, "replay_failed")
            return count

    @needs(Right.API_MANAGE)
    @recorded("hook_out.test", "hook_out")
    async def owe_test(self, member: Member, hook_id: UUID, origin: str = "chat") -> Sending:
        """A test event, to be sent by `send_test`. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            await _demand_hook(s, hook_id)
            event = Event(TEST, {"actor": str(member.id), "origin": origin})
            now = self.clock()
            # the worker leaves it to send_test, and takes it where that never came
            made = await hooks_out.owe_one(s, hook_id, event, now, now + LEASE)
            return await _existing(s, made)

    @needs(Right.API_MANAGE)
    async def send_test(self, member: Member, sending_id: UUID) -> Sending:
        """Send it at once, also to a hook that is off; outside of any transaction. Raises NotFound."""
        await self._sender.send_now(await self.get(member, sending_id))
        return await self.get(member, sending_id)

    async def _demand_on(self, s: Session, hook_id: UUID) -> None:
        found = await hooks_out.get(s, hook_id, hold=True)
        if found is None:
            raise NotFound(what="hook_out")
        if found.hook.state is not HookState.ON:
            raise TooLate("hook_off")

    async def _noted(self, s: Session, member: Member, hook_id: UUID, what: str) -> None:
        await audit_rows.add_audit(s, member.id, f"hook_out.{what}", "hook_out", hook_id, self.clock())
        s.after_commit(lambda: self.signals.wake(TOPIC))


def can_be_replayed(sending: Sending) -> bool:
    """A test is made anew instead."""
    return sending.type != TEST and sending.state not in (SendState.PENDING, SendState.SENDING)


async def _demand_hook(s: Session, hook_id: UUID) -> None:
    if await hooks_out.get(s, hook_id) is None:
        raise NotFound(what="hook_out")


async def _existing(s: Session, sending_id: UUID) -> Sending:
    found = await rows.get(s, sending_id)
    if found is None:
        raise NotFound(what="hook_sending")
    return found
