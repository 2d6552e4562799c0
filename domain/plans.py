"""Activities that are planned: when, for whom, what they may end in, and when to remind of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.activities import ActivityType, CallResult

PLANNED = (ActivityType.CALL, ActivityType.MEETING, ActivityType.EMAIL, ActivityType.TASK)
"""What can be planned. A note is written at once."""

CANCELLED = "cancelled"
"""The result of an activity that was called off: it is kept, and may be opened again."""

RESULTS: dict[ActivityType, tuple[str, ...]] = {
    ActivityType.CALL: tuple(code.value for code in CallResult),
    ActivityType.MEETING: ("held", "not_held"),
    ActivityType.EMAIL: ("sent", "not_sent"),
    ActivityType.TASK: ("done", "not_done"),
}
"""Codes of what an activity may end in; the first one is the good end."""

CAME_TO_NOTHING = frozenset({CANCELLED, "not_held", "not_sent", "not_done"})
"""Results of what did not take place."""

MISSED: dict[ActivityType, str] = {
    ActivityType.CALL: CallResult.NO_ANSWER.value,
    ActivityType.MEETING: "not_held",
}
"""The result that one press on a reminder gives besides Done."""

DURATIONS = (15, 30, 45, 60, 90, 120)
"""Minutes offered; any up to LONGEST may be stored."""

LONGEST = timedelta(days=1)
REMINDERS: dict[str, timedelta | None] = {
    "at": timedelta(0),
    "15": timedelta(minutes=15),
    "60": timedelta(hours=1),
    "day": timedelta(days=1),
    "no": None,
}
"""How long before it people are reminded, by the code of the choice."""

LASTS: dict[ActivityType, timedelta] = {
    ActivityType.CALL: timedelta(minutes=15),
    ActivityType.MEETING: timedelta(hours=1),
    ActivityType.EMAIL: timedelta(minutes=15),
    ActivityType.TASK: timedelta(minutes=30),
}
"""How long one takes in a calendar unless it says so itself."""


class Span(StrEnum):
    """Which part of the agenda."""

    TODAY = "today"
    WEEK = "week"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an activity is about: kind is lead or customer."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned activity of a lead, or of a customer. Times are UTC, `duration` in seconds (0: not said)."""

    id: UUID
    organization_id: UUID
    lead_id: UUID | None
    customer_id: UUID | None
    of_number: int
    of_title: str
    type: ActivityType
    title: str
    text: str
    result: str
    author_id: UUID | None
    assignee_id: UUID | None
    assignee_name: str
    at: datetime
    duration: int
    remind_at: datetime | None
    created_at: datetime
    completed_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.completed_at is None

    @property
    def lasts(self) -> timedelta:
        return timedelta(seconds=self.duration) if self.duration else LASTS[self.type]

    @property
    def subject(self) -> Subject | None:
        """What it is about."""
        if self.lead_id is not None:
            return Subject("lead", self.lead_id)
        return Subject("customer", self.customer_id) if self.customer_id is not None else None


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One page of an agenda, soonest first; pages count from 0."""

    plans: tuple[Plan, ...]
    total: int
    page: int
    pages: int


def usual_reminder(kind: ActivityType, at: datetime, now: datetime) -> datetime:
    """At the time for a call, a quarter of an hour before anything else; not in the past."""
    before = timedelta(0) if kind is ActivityType.CALL else timedelta(minutes=15)
    return at - before if at - before > now else at


def reminder(choice: str, at: datetime) -> datetime | None:
    """The moment of a choice among REMINDERS. Raises KeyError."""
    before = REMINDERS[choice]
    return None if before is None else at - before
