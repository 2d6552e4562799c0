"""What follows from a planned activity's change: history, audit, pushes, and what the CRM is owed.

A CRM gets a plan as a task or a meeting to come, a call that was made as a call. Whatever else becomes of a
plan (moved, done, called off, opened again) is written to that task; where a CRM does not let it be changed,
a note says it, which is true in all of them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.activities import ActivityType
from domain.plans import CANCELLED, Plan
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.messages.notices import Notices
from storage.db import Session
from storage.ids import new_id
from storage.leads import lead_history
from storage.people import members as member_rows
from storage.pipelines import answer_times
from storage.planning import activities as audit_rows
from storage.planning import plans as rows

Worded = Callable[[str, Plan, str, str, str], str]
"""(what happened, plan, more of it, language, time zone) -> a line for the CRM's people."""


class Told:
    """Writes down and passes on, in the caller's transaction."""

    def __init__(self, clock: Clock, outbox: Outbox, notices: Notices, worded: Worded) -> None:
        self.clock, self.outbox, self.notices, self.worded = clock, outbox, notices, worded

    async def planned(self, s: Session, plan: Plan, actor: UUID) -> None:
        await self._kept(s, plan, actor, "planned", "", _moment(plan))
        await self._owe(s, plan, {"plan": True})
        await self.refreshed(s, plan)

    async def moved(self, s: Session, plan: Plan, actor: UUID, before: datetime) -> None:
        await self._kept(s, plan, actor, "plan_moved", _moment(plan, before), _moment(plan))
        await self._change(s, plan, "moved")
        await self.refreshed(s, plan)

    async def given(self, s: Session, plan: Plan, actor: UUID) -> None:
        await self._kept(s, plan, actor, "plan_given", "", plan.assignee_name)
        if plan.assignee_id is not None and plan.assignee_id != actor:
            told = {"activity": str(plan.id), "from": str(actor)}
            await self.notices.to_member(s, plan.assignee_id, "plan.given", told)
        await self.corrected(s, plan)

    async def ended(self, s: Session, plan: Plan, actor: UUID) -> None:
        called_off = plan.result == CANCELLED
        if plan.lead_id is not None and not called_off:
            await answer_times.stop_clock(s, plan.lead_id)
        made_call = plan.type is ActivityType.CALL and not called_off
        field = "call" if made_call else "plan_cancelled" if called_off else "plan_done"
        await self._kept(s, plan, actor, field, "", plan.result if made_call else _moment(plan))
        if made_call:
            await self._owe(s, plan, {"outcome": True})
        await self._change(s, plan, "" if made_call else "cancelled" if called_off else "done")
        await self.refreshed(s, plan)

    async def reopened(self, s: Session, plan: Plan, actor: UUID) -> None:
        await self._kept(s, plan, actor, "plan_reopened", "", _moment(plan))
        await self._change(s, plan, "reopened")
        await self.refreshed(s, plan)

    async def commented(self, s: Session, plan: Plan, actor: UUID, text: str) -> None:
        if plan.lead_id is not None:
            now = self.clock()
            await lead_history.add_history(s, plan.lead_id, actor, "chat", [("team_note", "", text)], now)
        await self._note(s, plan, "commented", text)
        await self.refreshed(s, plan)

    async def corrected(self, s: Session, plan: Plan) -> None:
        """Its words, its length or whom it is for: nothing that a note would be written about."""
        await self._change(s, plan)
        await self.refreshed(s, plan)

    async def refreshed(self, s: Session, plan: Plan) -> None:
        """Cards of the lead show its next step."""
        if plan.lead_id is not None:
            await self.notices.lead_changed(s, plan.lead_id)

    async def _kept(self, s: Session, plan: Plan, actor: UUID, field: str, old: str, new: str) -> None:
        now = self.clock()
        if plan.lead_id is not None:
            await lead_history.add_history(s, plan.lead_id, actor, "chat", [(field, old, new)], now)
        await audit_rows.add_audit(s, actor, f"activity.{field}", "activity", plan.id, now)

    async def _note(self, s: Session, plan: Plan, said: str, more: str = "") -> None:
        await self._owe(s, plan, {"note": await self._line(s, plan, said, more)})

    async def _change(self, s: Session, plan: Plan, said: str = "") -> None:
        """The task in the CRM follows; `said` is what a note tells where that cannot be done."""
        note = {"note": await self._line(s, plan, said)} if said else {}
        await self._owe(s, plan, {"change": True, **note})

    async def _owe(self, s: Session, plan: Plan, payload: Mapping[str, Any]) -> None:
        """Each write has an id of its own: an activity may leave several records in the CRM."""
        record = plan.lead_id
        if record is None and plan.customer_id is not None:
            standing = await rows.customer_standing(s, plan.customer_id)
            record = standing.qualified_from_lead_id if standing is not None else None
        if record is not None:
            own = {} if "plan" in payload else {"as": str(new_id())}
            plain = "note" in payload and "change" not in payload
            title = {} if plain else {"title": await self._line(s, plan, "title")}
            await self.outbox.enqueue(s, "activity.create", record, plan.id, {**payload, **own, **title})

    async def _line(self, s: Session, plan: Plan, said: str, more: str = "") -> str:
        organization = await member_rows.get_organization(s, s.tenant)
        assert organization is not None
        return self.worded(said, plan, more, organization.language, organization.time_zone)


def _moment(plan: Plan, at: datetime | None = None) -> str:
    """How the history keeps a planned activity: its type and moment."""
    return f"{plan.type.value} {(at or plan.at).isoformat()}"
