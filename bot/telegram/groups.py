"""Groups: one can be lost, or moved."""

from datetime import timedelta

from bot.telegram.calls import Outcome, Result
from services.registry import Services
from storage.messages.notices import Notice

MIGRATED = "migrated:"


def is_group(chat_id: int) -> bool:
    return chat_id < 0


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
