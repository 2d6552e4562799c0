"""Webhooks in words: events, states, what came of a delivery."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from domain.hooks_out import (
    ACTIVITY_COMPLETED,
    ACTIVITY_CREATED,
    ASSIGNED,
    CHANGED,
    CONTACT_CHANGED,
    CREATED,
    CUSTOMER_CREATED,
    DELETED,
    MERGED,
    STAGE_CHANGED,
    TEST,
    HookState,
    Sending,
    SendState,
)
from domain.members import Member
from locales import N_, _, current_language

EVENT_NAMES: dict[str, str] = {
    CREATED: N_("A new lead"),
    CHANGED: N_("A lead was changed"),
    STAGE_CHANGED: N_("A lead moved to another stage"),
    ASSIGNED: N_("A lead has got somebody"),
    MERGED: N_("Two leads became one"),
    DELETED: N_("A lead was deleted"),
    CONTACT_CHANGED: N_("A contact was changed"),
    ACTIVITY_CREATED: N_("An activity was written down or planned"),
    ACTIVITY_COMPLETED: N_("An activity was completed"),
    CUSTOMER_CREATED: N_("A lead became a customer"),
    TEST: N_("A test"),
}
HOOK_MARKS: dict[HookState, str] = {HookState.ON: "🟢", HookState.PAUSED: "⏸", HookState.DISABLED: "🔴"}
SEND_MARKS: dict[SendState, str] = {
    SendState.PENDING: "⏳",
    SendState.SENDING: "📤",
    SendState.DELIVERED: "✅",
    SendState.FAILED: "⚠️",
    SendState.DROPPED: "🗑",
}
SEND_NAMES: dict[SendState, str] = {
    SendState.PENDING: N_("It waits to be sent."),
    SendState.SENDING: N_("It is on its way."),
    SendState.DELIVERED: N_("It has got there."),
    SendState.FAILED: N_("It was given up."),
    SendState.DROPPED: N_("There is nothing to tell any more: the record is gone."),
}
OFF: dict[str, str] = {
    "gone": N_("🔴 Switched off: the receiver answered that it is not there any more (410)."),
    "failing": N_("🔴 Switched off: nothing has got through for five days."),
}
ERRORS: dict[str, str] = {
    "connect": N_("no connection"),
    "timeout": N_("no answer in time"),
    "cut": N_("the connection was cut"),
    "address": N_("the address is not allowed"),
    "disabled": N_("the webhook was switched off"),
    "gone": N_("the record is gone"),
}


def answer_in_words(sending: Sending) -> str:
    """What the last attempt brought; empty before it."""
    if sending.status:
        return f"HTTP {sending.status}"
    return _(ERRORS[sending.error]) if sending.error in ERRORS else ""


def exact_moment(at: datetime, member: Member) -> str:
    """To the second, as logs of receivers have it, in the member's zone."""
    zone = ZoneInfo(member.time_zone)
    return format_datetime(at, "d MMM, HH:mm:ss", tzinfo=zone, locale=current_language())
