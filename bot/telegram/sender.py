"""Delivering notices: claimed from the database, worded at the last moment, inside Telegram's limits."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.loops import GRACE
from bot.telegram.calls import BotCalls, Outcome, Result
from bot.telegram.groups import group_lost, is_group
from bot.telegram.turns import PATIENCE, Turns
from domain.notices import EDITING, EDITS_IN_PLACE
from domain.slots import COMING
from domain.urgency import LOW_KINDS
from handlers.notices import render
from handlers.screens import Screen
from locales import known_language, use_language
from services.messages.notices import Delivery
from services.registry import Services
from storage.messages.notices import Notice
from storage.replicas.sending_pace import Sort

log = structlog.get_logger()

AT_ONCE = 50
"""Notices that a process has claimed at a time, each of another chat."""

FEW = AT_ONCE // 4
TRIES = 10
"""So often a notice makes way for an answer in its chat."""

MOST_TRIES = 60
SOON = timedelta(seconds=0.3)
"""Until the message of an answer under way is known, which the notice is to edit."""

IN_PLACE = 5.0
"""Seconds of waiting for room that a claimed notice stays ours; for longer it is put back."""

LONGEST = 300.0
"""Seconds between two tries while Telegram cannot be reached."""


class Sender:
    """Works off notices until cancelled; a kill at most repeats those under way."""

    def __init__(self, services: Services, calls: BotCalls, turns: Turns, default_language: str) -> None:
        self.services, self.calls, self.turns = services, calls, turns
        self.default_language = default_language
        self._under_way: set[asyncio.Task[None]] = set()
        self._ending = False

    async def loop(self) -> None:
        self._ending = False
        try:
            while True:
                await self._room()
                deliveries = await self._claim(AT_ONCE - len(self._under_way))
                for delivery in deliveries:
                    self._begin(delivery)
                if not deliveries:
                    await self.services.notices.signals.wait("notices", 1.0)
        finally:
            self._ending = True
            await self._finish()

    async def _room(self) -> None:
        """Wait until a claim is worth its while."""
        while AT_ONCE - len(self._under_way) < FEW:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def _claim(self, most: int) -> list[Delivery]:
        try:
            return await self.services.notices.claim(most)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("notices.no_database", error=type(error).__name__)
            return []

    def _begin(self, delivery: Delivery) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(delivery))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _finish(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=GRACE)
        for late in self._under_way:
            late.cancel()

    async def _deliver(self, claimed: Delivery) -> None:
        """One notice; where it fails, its lease brings it back."""
        notice = claimed.notice
        if notice.again:
            self.calls.watch.counted("possible_doubles", "notice")
        try:
            await self._in_its_turn(claimed)
        except Exception as error:
            is_away = isinstance(error, SQLAlchemyError | OSError | TimeoutError)
            log.warning("notice.left", kind=notice.kind, error=type(error).__name__, exc_info=not is_away)

    async def _in_its_turn(self, claimed: Delivery) -> None:
        notice, yields = claimed.notice, claimed.notice.attempts < TRIES
        if not (yields and self.turns.taken(notice.chat_id)):
            # an answer does not wait while we wait for room
            if not await self._has_room(notice):
                return
            async with self.turns.of(notice.chat_id, 0.0 if yields else PATIENCE) as ours:
                if ours or not yields:
                    await self._deliver_in_turn(claimed)
                    return
        await self.services.notices.later(notice, SOON, "an answer is on the way")

    async def _has_room(self, notice: Notice) -> bool:
        """Count the message among those that Telegram takes; False: it was put back to wait."""
        is_edit = is_group(notice.chat_id) and notice.kind in EDITS_IN_PLACE
        sort = Sort.BULK if notice.kind in LOW_KINDS else Sort.PUSH
        while True:
            wait = await self.calls.pace.take(sort, 0 if is_edit else notice.chat_id)
            if not wait.seconds:
                return True
            if wait.of_chat or wait.seconds > IN_PLACE or self._ending:
                why = "the chat's limit" if wait.of_chat else "Telegram's limit"
                await self._put_back(notice, wait.seconds, why)
                return False
            await asyncio.sleep(wait.seconds)

    async def _put_back(self, notice: Notice, seconds: float, why: str) -> None:
        """Nothing was tried."""
        await self.services.notices.later(notice, timedelta(seconds=seconds), why, counted=False)

    async def _deliver_in_turn(self, claimed: Delivery) -> None:
        notice, notices = claimed.notice, self.services.notices
        message_id = await notices.showing(notice) if notice.kind in EDITING else None
        if message_id == COMING and notice.attempts < TRIES:
            await notices.later(notice, SOON, "its message is on the way")
            return
        delivery = replace(claimed, message_id=message_id or None)
        try:
            screen = await self._screen(delivery)
        except (SQLAlchemyError, OSError):
            raise
        except Exception:
            log.exception("notice.failed", kind=notice.kind, notice=str(notice.id))
            await notices.dropped(notice, "render")
            return
        if screen is None:
            await notices.dropped(notice, "nothing to show")
            return
        await self._settle(delivery, await self._send(delivery, screen))

    async def _screen(self, delivery: Delivery) -> Screen | None:
        member = delivery.member
        if member is None and not is_group(delivery.notice.chat_id):
            return None
        language = member.language if member is not None else self.default_language
        with use_language(known_language(language, self.default_language)):
            return await render(self.services, delivery)

    async def _send(self, delivery: Delivery, screen: Screen) -> Result:
        """Edit what shows the slot where the kind says so, or take it away where nothing is to be shown;
        otherwise a new message, which makes a sound."""
        notice, params = delivery.notice, screen.as_params()
        if delivery.message_id is not None:
            place = {"chat_id": notice.chat_id, "message_id": delivery.message_id}
            if not screen.text:
                return await self.calls.call("deleteMessage", place)
            edit = place | params
            result = await self.calls.call("editMessageText", edit, counted=True)
            if result.outcome is not Outcome.GONE:
                return result
        if notice.kind in EDITS_IN_PLACE:
            return Result(Outcome.DONE)
        topic = {"message_thread_id": notice.thread_id} if notice.thread_id else {}
        return await self.calls.call(
            "sendMessage", {"chat_id": notice.chat_id, **topic, **params}, counted=True
        )

    async def _settle(self, delivery: Delivery, result: Result) -> None:
        notice, notices = delivery.notice, self.services.notices
        if result.outcome is Outcome.DONE:
            # an edited message keeps its slot, unless another screen has taken its place meanwhile
            is_new = result.message_id != delivery.message_id
            await notices.sent(notice, result.message_id if is_new else None)
        elif result.outcome is Outcome.WAIT:
            await self._put_back(notice, result.seconds, result.outcome.value)
        elif result.outcome is Outcome.LATER and notice.attempts < MOST_TRIES:
            wait = min(result.seconds * 2 ** min(notice.attempts - 1, 10), LONGEST)
            await notices.later(notice, timedelta(seconds=wait), result.outcome.value)
        elif is_group(notice.chat_id) and await group_lost(self.services, notice, result):
            return
        else:
            if result.outcome is Outcome.BLOCKED and not is_group(notice.chat_id):
                await self.services.members.lost(notice.chat_id)
            await notices.dropped(notice, result.detail or result.outcome.value)
