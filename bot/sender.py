"""Delivering notices: claimed from the database, worded at the last moment, inside Telegram's limits."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import structlog

from bot.calls import BotCalls, Outcome, Result
from bot.groups import GroupPace, group_lost, is_group
from bot.turns import Turns
from domain.slots import COMING
from handlers.notices import render
from handlers.screens import Screen
from locales import known_language, use_language
from services.notices import EDITS_IN_PLACE, RECEIPTS, Delivery
from services.registry import Services

log = structlog.get_logger()

PER_SECOND = 25
TRIES = 10
SOON = timedelta(seconds=0.3)
"""Until the message of an answer under way is known, which the notice is to edit."""


class Pace:
    """Lets at most `per_second` calls through, evenly."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        now = asyncio.get_running_loop().time()
        self._next = max(self._next + self._gap, now)
        if self._next > now:
            await asyncio.sleep(self._next - now)


class Sender:
    """Works off notices until cancelled; a kill at most repeats the one under way."""

    def __init__(self, services: Services, calls: BotCalls, turns: Turns, default_language: str) -> None:
        self.services, self.calls, self.turns = services, calls, turns
        self.default_language = default_language
        self._pace = Pace(PER_SECOND)
        self._groups = GroupPace()

    async def loop(self) -> None:
        while True:
            deliveries = await self.services.notices.claim()
            for delivery in deliveries:
                await self._deliver(delivery)
            if not deliveries:
                await self.services.notices.signals.wait("notices", 1.0)

    async def _deliver(self, claimed: Delivery) -> None:
        notice = claimed.notice
        if self.turns.taken(notice.chat_id) and notice.attempts < TRIES:
            await self.services.notices.later(notice, SOON, "an answer is on the way")
            return
        async with self.turns.of(notice.chat_id):
            await self._deliver_in_turn(claimed)

    async def _deliver_in_turn(self, claimed: Delivery) -> None:
        notice, notices = claimed.notice, self.services.notices
        message_id = await notices.showing(notice)
        if message_id == COMING and notice.attempts < TRIES:
            await notices.later(notice, SOON, "its message is on the way")
            return
        delivery = replace(claimed, message_id=message_id or None)
        try:
            screen = await self._screen(delivery)
        except Exception:
            log.exception("notice.failed", kind=notice.kind, notice=str(notice.id))
            await notices.dropped(notice, "render")
            return
        if screen is None:
            await notices.dropped(notice, "nothing to show")
            return
        is_edit = delivery.message_id is not None and notice.kind in EDITS_IN_PLACE
        if not is_edit and (wait := self._groups.wait(notice.chat_id)) > 0:
            await notices.later(notice, timedelta(seconds=wait), "the group's limit")
            return
        await self._pace.turn()
        result = await self._send(delivery, screen)
        await self._settle(delivery, result)

    async def _screen(self, delivery: Delivery) -> Screen | None:
        member = delivery.member
        if member is None and not is_group(delivery.notice.chat_id):
            return None
        language = member.language if member is not None else self.default_language
        with use_language(known_language(language, self.default_language)):
            return await render(self.services, delivery)

    async def _send(self, delivery: Delivery, screen: Screen) -> Result:
        """Edit what shows the slot where the kind says so; otherwise a new message, which makes a sound."""
        notice, params = delivery.notice, screen.as_params()
        in_place = notice.kind in EDITS_IN_PLACE or notice.kind in RECEIPTS
        if in_place and delivery.message_id is not None:
            edit = {"chat_id": notice.chat_id, "message_id": delivery.message_id, **params}
            result = await self.calls.call("editMessageText", edit)
            if result.outcome is not Outcome.GONE:
                return result
        if notice.kind in EDITS_IN_PLACE:
            return Result(Outcome.DONE)
        topic = {"message_thread_id": notice.thread_id} if notice.thread_id else {}
        return await self.calls.call("sendMessage", {"chat_id": notice.chat_id, **topic, **params})

    async def _settle(self, delivery: Delivery, result: Result) -> None:
        notice, notices = delivery.notice, self.services.notices
        if result.outcome is Outcome.DONE:
            # an edited message keeps its slot, unless another screen has taken its place meanwhile
            is_new = result.message_id != delivery.message_id
            await notices.sent(notice, result.message_id if is_new else None)
        elif result.outcome in (Outcome.WAIT, Outcome.LATER) and notice.attempts < TRIES:
            await notices.later(notice, timedelta(seconds=result.seconds), result.outcome.value)
        elif is_group(notice.chat_id) and await group_lost(self.services, notice, result):
            return
        else:
            if result.outcome is Outcome.BLOCKED and not is_group(notice.chat_id):
                await self.services.members.lost(notice.chat_id)
            await notices.dropped(notice, result.detail or result.outcome.value)
