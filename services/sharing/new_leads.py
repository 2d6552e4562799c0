"""A lead that has just come in: whose it is by the rules, and the clock that begins to run."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.history import kept
from domain.importing import RowLead
from domain.sharing import Choice
from services.access import open_to
from services.clock import Clock
from services.messages.notices import Notices
from services.sharing.clocks import start_on
from services.sharing.turns import Turns, subject_of
from storage.db import Session
from storage.leads import lead_history
from storage.leads import leads as lead_rows
from storage.people import people
from storage.pipelines import sharing as rows
from storage.pipelines.answer_times import road_of
from storage.planning import activities as audit_rows

RULES = "rules"
"""Origin of what the rules have done, in the history."""

TOLD_AFTER = timedelta(seconds=20)
"""Whoever gets many leads at once learns of all of them in one message."""


class NewLeads:
    """Places leads, in the caller's transaction."""

    def __init__(self, clock: Clock, notices: Notices, turns: Turns) -> None:
        self.clock, self.notices, self.turns = clock, notices, turns

    @open_to("services")
    async def place(self, s: Session, lead_id: UUID, *, from_chat: bool) -> UUID | None:
        """Give the lead to whoever's turn it is, and start its clock; who got it, None: nobody.

        Leads from the chat are left to whoever takes them where the organization wants it so.
        """
        chosen, road = None, await road_of(s, lead_id)
        if road is not None and road.has_rules and (not from_chat or await shares_chat(s)):
            lead = await lead_rows.get_lead(s, lead_id)
            assert lead is not None
            [choice] = await self.turns.choose(s, [subject_of(lead)])
            chosen = await self.given(s, lead_id, choice) if choice is not None else None
        await start_on(s, lead_id, road, self.clock())
        return chosen

    @open_to("services")
    async def given(self, s: Session, lead_id: UUID, choice: Choice) -> UUID | None:
        """Write the choice into the lead, with its history."""
        now = self.clock()
        await rows.give(s, lead_id, now, choice.member_id, choice.why())
        if choice.member_id is not None:
            entry = ("assignee", "", kept(choice.name, str(choice.member_id)))
            await lead_history.add_history(s, lead_id, None, RULES, [entry], now)
            data = {"rule": str(choice.rule.id), "to": str(choice.member_id)}
            await audit_rows.add_audit(s, None, "lead.share", "lead", lead_id, now, data)
        return choice.member_id

    @open_to("imports")
    async def share_rows(
        self, s: Session, leads: Sequence[RowLead]
    ) -> list[tuple[UUID | None, Mapping[str, Any]]]:
        """Whose the rows of a file are by the rules; `tell_all` says it when the leads are there."""
        await lead_rows.hold_numbers(s)
        stages = {lead.stage for lead in leads if lead.stage is not None}
        roads = await rows.pipeline_of(s, stages) if stages else {}
        subjects = [
            {
                "source": lead.source or "import",
                "segment": lead.segment,
                "product": lead.product,
                "region": lead.region,
                "pipeline": str(roads.get(lead.stage, "")) if lead.stage is not None else "",
            }
            for lead in leads
        ]
        chosen = await self.turns.choose(s, subjects)
        return [(one.member_id, one.why()) if one is not None else (None, {}) for one in chosen]

    @open_to("services")
    async def tell_all(self, s: Session, given: Mapping[UUID, Sequence[UUID]]) -> None:
        """Everybody who got leads without a card of their own learns of them: member -> leads."""
        for member_id, lead_ids in given.items():
            await self.notices.add_up(s, member_id, "lead.shared", lead_ids, TOLD_AFTER)


async def shares_chat(s: Session) -> bool:
    """Whether the rules also share out what people send in the chat."""
    settings = await people.organization_settings(s)
    return bool(settings.get("sharing", {}).get("chat", True))
