"""Writing fields of a lead that a CRM, or a person's choice between two values, has decided."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from domain.errors import NotFound
from domain.history import kept
from domain.leads import Lead
from services.clock import Clock
from services.sharing.clocks import follow_hands
from services.two_ways.values import exact
from storage.db import Session
from storage.leads import lead_history
from storage.leads import leads as lead_rows
from storage.people import members as member_rows
from storage.pipelines.stages import list_stages
from storage.planning import activities as activity_rows

Change = tuple[str, str, str]
"""Field, old value, new value, as the history keeps them."""


class MovesByCrm(Protocol):
    async def move_by_crm(self, session: Session, lead_id: UUID, stage_id: UUID, origin: str) -> None:
        """Follow a change made in the CRM; nothing is sent back."""
        ...


class LeadFollowing:
    """Writes exact values (services.lead_values) with history; nothing is sent anywhere."""

    def __init__(self, clock: Clock, pipeline: MovesByCrm) -> None:
        self.clock, self.pipeline = clock, pipeline

    async def write(
        self, session: Session, lead: Lead, values: Mapping[str, str], actor: UUID | None, origin: str
    ) -> list[Change]:
        """Give the lead the values that differ from its own. Returns the changes but that of the stage,
        which is told by its own push."""
        before = exact(lead)
        wanted = {field: value for field, value in values.items() if value != before[field]}
        changes = [await self._named(session, field, before[field], value) for field, value in wanted.items()]
        plain = [change for change in changes if change[0] != "stage"]
        now = self.clock()
        if plain:
            await lead_rows.update_lead(session, lead.id, now, **_columns(wanted, lead, now))
            for kind in ("phone", "email"):
                if kind in wanted:
                    points = [(kind, one, one) for one in wanted[kind].split("\n") if one]
                    await lead_rows.replace_contact_points(session, lead.id, kind, points)
            await lead_history.add_history(session, lead.id, actor, origin, plain, now)
            await activity_rows.add_audit(session, actor, "lead.follow", "lead", lead.id, now)
        if "assignee" in wanted:
            await follow_hands(session, lead.id, actor, now)
        if "stage" in wanted:
            await self.pipeline.move_by_crm(session, lead.id, UUID(wanted["stage"]), origin)
        return plain

    async def note_overwrite(
        self, session: Session, lead: Lead, field: str, theirs: str, origin: str
    ) -> None:
        """Keep in the history what the CRM held before our value overwrote it."""
        change = await self._named(session, field, theirs, exact(lead)[field])
        await lead_history.add_history(session, lead.id, None, origin, [change], self.clock())

    async def _named(self, session: Session, field: str, old: str, new: str) -> Change:
        return field, await self._shown(session, field, old), await self._shown(session, field, new)

    async def _shown(self, session: Session, field: str, value: str) -> str:
        if field == "assignee" and value:
            member = await member_rows.get_member(session, UUID(value))
            return kept(member.name, value) if member is not None else ""
        if field == "stage" and value:
            return kept(await _stage_word(session, UUID(value)), value)
        if field == "amount":
            return kept(value.partition(" ")[0], value)
        return ", ".join(value.split("\n")) if field in ("phone", "email") else value


def _columns(wanted: Mapping[str, str], lead: Lead, now: object) -> dict[str, object]:
    columns: dict[str, object] = {
        field: value for field, value in wanted.items() if field in ("name", "company", "inn", "note")
    }
    if "amount" in wanted:
        amount, _, currency = wanted["amount"].partition(" ")
        columns |= {"amount": Decimal(amount), "currency": currency} if amount else {"amount": None}
    if "assignee" in wanted:
        columns["assignee_id"] = UUID(wanted["assignee"]) if wanted["assignee"] else None
        columns["taken_at"] = (lead.taken_at or now) if wanted["assignee"] else None
    return columns


async def _stage_word(session: Session, stage_id: UUID) -> str:
    for stage in await list_stages(session):
        if stage.id == stage_id:
            return stage.key or stage.name
    raise NotFound(what="stage")
