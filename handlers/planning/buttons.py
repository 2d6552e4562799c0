"""What buttons about planned activities carry."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData

from domain.activities import ActivityType
from domain.plans import Subject

MARKS = {
    "c": ActivityType.CALL,
    "m": ActivityType.MEETING,
    "e": ActivityType.EMAIL,
    "t": ActivityType.TASK,
}
"""One letter a type: a callback has 64 bytes."""

MARK_OF = {kind: mark for mark, kind in MARKS.items()}
KINDS = {"l": "lead", "c": "customer"}
_KIND_OF = {name: mark for mark, name in KINDS.items()}
MOVED = "a"
"""In the place of a kind of subject: an activity that is being moved."""


class PlanButton(CallbackData, prefix="plan"):
    """Choose what and when: do is types, list (a page), when, month, day, at, in or drop. `of` and `id` say
    for what (l: lead, c: customer, a: the activity that moves); extra is a mark of a type, a dot and a month,
    a day, a moment (all of the member's clocks), minutes from now, or a page."""

    do: str
    of: str
    id: UUID
    extra: str = ""

    @property
    def mark(self) -> str:
        return self.extra.partition(".")[0]

    @property
    def value(self) -> str:
        return self.extra.partition(".")[2]

    @property
    def kind(self) -> ActivityType:
        return MARKS.get(self.mark, ActivityType.TASK)

    @property
    def subject(self) -> Subject:
        return Subject(KINDS.get(self.of, "lead"), self.id)

    def to(self, do: str, value: str = "") -> "PlanButton":
        """The same choice one step on."""
        return PlanButton(do=do, of=self.of, id=self.id, extra=f"{self.mark}.{value}" if value else self.mark)


def plans_of(of: Subject) -> PlanButton:
    """Opens what is planned for a lead or customer."""
    return PlanButton(do="types", of=_KIND_OF[of.kind], id=of.id)


class ActivityButton(CallbackData, prefix="act"):
    """Act on an activity: show, done, result, comment, title, kind (extra is a mark), lasts, long, remind,
    bell, whom, give, cancel, really, reopen, file; due_done, due_missed, due_in or due_day on a reminder.
    `extra` is a choice, or for show the place to go back to."""

    do: str
    id: UUID
    extra: str = ""


class AgendaButton(CallbackData, prefix="agenda"):
    """A page of the agenda: span is today, week, overdue or idle (leads without a next step)."""

    span: str
    page: int = 0


class CalendarButton(CallbackData, prefix="ics"):
    """The member's calendar feed: do is show, renew, really (renew a standing one) or revoke."""

    do: str
