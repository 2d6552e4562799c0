"""What was done, or is to be done, about a lead."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ActivityType(StrEnum):
    CALL = "call"
    MEETING = "meeting"
    EMAIL = "email"
    TASK = "task"
    NOTE = "note"
    MESSENGER_CLICK = "messenger_click"


class CallResult(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    CALL_BACK = "call_back"
    WRONG_NUMBER = "wrong_number"


HISTORY_NAMES = {ActivityType.NOTE: "team_note"}
"""What an activity is called in a lead's history, where its type is the name of a field there."""

PLAN_HISTORY = ("planned", "plan_moved", "plan_given", "plan_done", "plan_cancelled", "plan_reopened")
"""What happened to planned activities, in a lead's history: the value is "type moment" or a name."""

TEAMS_OWN = (
    ActivityType.CALL.value,
    HISTORY_NAMES[ActivityType.NOTE],
    "attached",
    "sent",
    ActivityType.NOTE.value,
    *PLAN_HISTORY,
)
"""What a sender does not see of the history."""


@dataclass(frozen=True, slots=True)
class Activity:
    """`shared` notes are the thread between sender and assignee; the others are the team's own."""

    id: UUID
    lead_id: UUID
    type: ActivityType
    text: str
    result: str
    shared: bool
    author_id: UUID | None
    author_name: str
    created_at: datetime
    completed_at: datetime | None
