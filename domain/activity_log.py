"""Activities of all kinds in one list: planned, ended, and merely written down."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.activities import ActivityType


@dataclass(frozen=True, slots=True)
class LoggedActivity:
    """An activity of a lead or of a customer. `at` is when it is planned for, None for one that was only
    written down; `duration` in seconds, 0: not said. Times are UTC."""

    id: UUID
    lead_id: UUID | None
    customer_id: UUID | None
    type: ActivityType
    title: str
    text: str
    result: str
    shared: bool
    author_id: UUID | None
    author_name: str
    assignee_id: UUID | None
    assignee_name: str
    at: datetime | None
    duration: int
    created_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Conditions that all have to hold; None: any. `since` and `until` (excluded) are of `at`."""

    lead: UUID | None = None
    customer: UUID | None = None
    type: ActivityType | None = None
    completed: bool | None = None
    assignee: UUID | None = None
    author: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
