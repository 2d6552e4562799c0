"""Which pushes wait while somebody has quiet hours or does not work, which go through, and which go last.

Kinds are those of domain/notices.py; one that is not named here is USUAL.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from domain.local_time import local_moment
from domain.own_settings import Span, span_of
from domain.sharing import within


class Urgency(StrEnum):
    """at_once: is never held back; usual: waits for the end of quiet hours; low: that too, and goes out after
    everything else."""

    AT_ONCE = "at_once"
    USUAL = "usual"
    LOW = "low"


URGENCY: Mapping[str, Urgency] = {
    # somebody waits for a person, or asked to be woken
    "plan.due": Urgency.AT_ONCE,
    "lead.late": Urgency.AT_ONCE,
    "crm.outage": Urgency.AT_ONCE,
    "transactions.failed": Urgency.AT_ONCE,
    "digest": Urgency.AT_ONCE,
    # what follows from one's own press
    "announcement.card": Urgency.AT_ONCE,
    "bulk.progress": Urgency.AT_ONCE,
    "crm.login": Urgency.AT_ONCE,
    "crm.switch": Urgency.AT_ONCE,
    "export.done": Urgency.AT_ONCE,
    "export.progress": Urgency.AT_ONCE,
    "import.done": Urgency.AT_ONCE,
    "import.progress": Urgency.AT_ONCE,
    "loyalty.not_told": Urgency.AT_ONCE,
    "receipt": Urgency.AT_ONCE,
    "transactions.progress": Urgency.AT_ONCE,
    "transactions.table_failed": Urgency.AT_ONCE,
    # about one's own place: nothing else can be done until it is known
    "member.changed": Urgency.AT_ONCE,
    "member.decided": Urgency.AT_ONCE,
    "member.rights": Urgency.AT_ONCE,
    # silent edits
    "entry.factor_picture": Urgency.AT_ONCE,
    "lead.card": Urgency.AT_ONCE,
    "team.card": Urgency.AT_ONCE,
    # one for many people
    "announcement": Urgency.LOW,
}

LOW_KINDS = tuple(kind for kind, urgency in URGENCY.items() if urgency is Urgency.LOW)

BURST, BURST_WITHIN = 5, timedelta(minutes=1)
"""More than so many pushes of a kind within so long come as one."""

MERGED_KINDS = frozenset(
    {
        "bulk.assigned",
        "lead.asked",
        "lead.attached",
        "lead.freed",
        "lead.given",
        "lead.new",
        "lead.passed",
        "lead.shared",
        "lead.stage",
        "member.gone",
        "plan.given",
        "update.parked",
    }
)
"""Kinds of which a burst is merged. The lines of a conversation come one by one, and so do cards on which
an admin decides."""

_ROUNDS = 16
_DAYS = 8


def urgency_of(kind: str) -> Urgency:
    return URGENCY.get(kind, Urgency.USUAL)


def quiet_until(settings: Mapping[str, Any], zone: str, now: datetime) -> datetime | None:
    """When pushes may come again to a member with these settings; None: they may now.

    Quiet are the quiet hours, and all hours outside of the working hours. Where the two leave no hour at
    all the working hours win.
    """
    quiet, hours = span_of(settings, "quiet"), span_of(settings, "hours")
    at = now
    for _round in range(_ROUNDS):
        if hours is not None and not within(hours, at, zone):
            at = _next(hours, at, zone)
        elif quiet is not None and within(quiet, at, zone):
            at = _end(quiet, at, zone)
        else:
            return at if at > now else None
    return _next(hours, now, zone) if hours is not None and not within(hours, now, zone) else None


def _next(hours: Span, at: datetime, zone: str) -> datetime:
    """When working hours begin next."""
    place = ZoneInfo(zone)
    today = at.astimezone(place).date()
    for ahead in range(_DAYS):
        day = today + timedelta(days=ahead)
        begins = local_moment(day, hours.start.hour, hours.start.minute, place)
        if day.weekday() in hours.days and begins > at:
            return begins
    return at + timedelta(days=1)


def _end(quiet: Span, at: datetime, zone: str) -> datetime:
    """When the quiet hours that hold at `at` are over."""
    place = ZoneInfo(zone)
    here = at.astimezone(place)
    day = here.date() if here.time() < quiet.end else here.date() + timedelta(days=1)
    return local_moment(day, quiet.end.hour, quiet.end.minute, place)
