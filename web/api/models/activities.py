"""Activities as the API takes and shows them."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from domain.activity_log import LoggedActivity
from web.api.models.base import Given, Key, Line, Note, Paging, Resource

Kind = Literal["call", "meeting", "email", "task", "note"]
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
Moment = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
Minutes = Annotated[int, Field(ge=0, le=1440)]


class ActivityOut(Resource):
    """What was done, or is to be done, about a lead or a customer. `shared`: the lead's sender sees it."""

    id: UUID
    lead_id: UUID | None
    customer_id: UUID | None
    type: str
    title: str
    notes: str
    result: str
    shared: bool
    scheduled_at: datetime | None
    duration_minutes: int
    completed: bool
    completed_at: datetime | None
    assigned_to: UUID | None
    assigned_to_name: str
    created_by: UUID | None
    created_by_name: str
    created_at: datetime


class ActivityIn(Given):
    """An activity of one lead or one customer. With `scheduled_at` it is planned; without, it is a call that
    was made (`result` tells how it went), or a note."""

    type: Kind
    lead_id: UUID | None = None
    customer_id: UUID | None = None
    title: Line = ""
    notes: Note = ""
    result: Key = ""
    scheduled_at: Moment | None = None
    duration_minutes: Minutes = 0
    assigned_to: UUID | None = None


class ActivityChange(Given):
    """What of a planned activity is to change; notes are added to those of one that has ended."""

    title: Line | None = None
    notes: Note | None = None
    scheduled_at: Moment | None = None
    duration_minutes: Minutes | None = None
    assigned_to: UUID | None = None


class Completed(Given):
    """How it ended; without a result, well."""

    result: Key = ""
    notes: Note = ""


class ActivitiesAsked(Paging):
    """Conditions that all have to hold; `date_from` and `date_to` are of the moment
    an activity is planned for."""

    lead_id: UUID | None = None
    customer_id: UUID | None = None
    type: Kind | None = None
    completed: bool | None = None
    assigned_to: UUID | None = None
    created_by: UUID | None = None
    date_from: Moment | None = None
    date_to: Moment | None = None
    sort: Literal["scheduled_at", "-scheduled_at"] = "-scheduled_at"


def activity_out(one: LoggedActivity) -> ActivityOut:
    return ActivityOut(
        id=one.id,
        lead_id=one.lead_id,
        customer_id=one.customer_id,
        type=one.type.value,
        title=one.title,
        notes=one.text,
        result=one.result,
        shared=one.shared,
        scheduled_at=one.at,
        duration_minutes=one.duration // 60,
        completed=one.completed_at is not None,
        completed_at=one.completed_at,
        assigned_to=one.assignee_id,
        assigned_to_name=one.assignee_name,
        created_by=one.author_id,
        created_by_name=one.author_name,
        created_at=one.created_at,
    )
