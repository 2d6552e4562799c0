"""Which claimed pushes go out now: quiet hours are kept, and bursts come as one message."""

from collections.abc import Collection
from datetime import datetime

from domain.members import Member
from domain.urgency import BURST, BURST_WITHIN, MERGED_KINDS, Urgency, quiet_until, urgency_of
from storage.db import Session
from storage.messages import held_notices as rows
from storage.messages import slots
from storage.messages.notices import Notice


async def fit_to_send(
    s: Session, notice: Notice, member: Member | None, now: datetime, in_place: Collection[str]
) -> Notice | None:
    """The notice as it is to be sent, perhaps with others in it; None when it was put back to wait.

    Called in the transaction of the claim. Kinds of `in_place` edit the message that shows their slot: that
    makes no sound, so they do not wait.
    """
    if member is None or urgency_of(notice.kind) is Urgency.AT_ONCE:
        return notice
    if notice.kind in in_place and await slots.message_of(s, notice.chat_id, notice.slot):
        return notice
    until = quiet_until(member.settings, member.time_zone, now)
    if until is not None:
        await rows.hold(s, notice, until)
        return None
    if notice.held:
        return await rows.with_all_held(s, notice, now)
    return await _in_a_burst(s, notice, now) if notice.kind in MERGED_KINDS else notice


async def _in_a_burst(s: Session, notice: Notice, now: datetime) -> Notice | None:
    """The first BURST of a kind come one by one; what comes after them waits until it is one message."""
    sent = await rows.sent_lately(s, notice, now - BURST_WITHIN)
    if len(sent) >= BURST:
        await rows.hold(s, notice, sent[BURST - 1] + BURST_WITHIN)
        return None
    if len(sent) + 1 + await rows.waiting_behind(s, notice) > BURST:
        return await rows.with_those_behind(s, notice)
    return notice
