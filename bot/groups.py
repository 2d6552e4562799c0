"""Groups: Telegram takes twenty messages a minute from a bot there, and a group can be lost or moved."""

import asyncio
from collections import deque
from datetime import timedelta

from bot.calls import Outcome, Result
from services.registry import Services
from storage.notices import Notice

PER_MINUTE = 18
"""Below Telegram's twenty, as answers to commands count as well."""

MINUTE = 60.0
MIGRATED = "migrated:"


def is_group(chat_id: int) -> bool:
    return chat_id < 0


class GroupPace:
    """Counts the new messages that this process has sent to each group in the last minute."""

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._room = per_minute
        self._sent: dict[int, deque[float]] = {}

    def wait(self, chat_id: int) -> float:
        """Seconds until one more message fits; 0 counts it as sent. Private chats never wait."""
        if not is_group(chat_id):
            return 0.0
        now = asyncio.get_running_loop().time()
        sent = self._sent.setdefault(chat_id, deque())
        while sent and sent[0] <= now - MINUTE:
            sent.popleft()
        if len(sent) >= self._room:
            return sent[0] + MINUTE - now
        sent.append(now)
        return 0.0


async def group_lost(services: Services, notice: Notice, result: Result) -> bool:
    """Deal with a group that is not there any more, or under another id; False for any other failure."""
    if result.detail.startswith(MIGRATED):
        await services.teams.moved(notice.chat_id, int(result.detail.removeprefix(MIGRATED)))
        await services.notices.later(notice, timedelta(0), "the group has another id")
        return True
    if "thread not found" in result.detail:
        await services.teams.lost(notice.chat_id, notice.thread_id)
    elif result.outcome is Outcome.BLOCKED:
        await services.teams.lost(notice.chat_id)
    else:
        return False
    await services.notices.dropped(notice, result.detail or result.outcome.value)
    return True
