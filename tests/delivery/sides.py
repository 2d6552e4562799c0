"""A house with everything that two-way sync needs besides, in the words of its tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.conflicts import Conflict
from domain.leads import HistoryEntry, Lead
from domain.two_ways import Owner
from services.two_ways.conflicts import Conflicts
from services.two_ways.deletions import Deletions
from services.two_ways.following import LeadFollowing
from services.two_ways.notices import SyncNotices
from services.two_ways.ownership import Ownership
from services.two_ways.people import CrmPeople
from services.two_ways.reconcile import Reconcile
from storage.delivery import conflicts
from tests.delivery.house import House
from tests.waiting import worked_off


@dataclass
class Sides:
    """Our side and the CRM's."""

    house: House
    conflicts: Conflicts
    deletions: Deletions
    people: CrmPeople
    ownership: Ownership
    reconcile: Reconcile

    async def lead(self, lead_id: UUID) -> Lead:
        return await self.house.leads.get(self.house.owner, lead_id)

    def record(self) -> Mapping[str, Any]:
        (record,) = self.house.crm.leads()
        return record

    async def sent(self, **values: Any) -> UUID:
        """A lead that is in the CRM, taken by nobody."""
        lead_id = await self.house.send(**values)
        await self.house.work()
        return lead_id

    def change_there(self, **attributes: Any) -> None:
        """Somebody changes the only record, a moment later."""
        self.tick()
        self.house.crm.change("Lead", self.record()["id"], **attributes)

    def tick(self, seconds: float = 10) -> None:
        """Both clocks move."""
        self.house.clock.advance(seconds)
        self.house.crm.clock.advance(seconds)

    async def change_here(self, lead_id: UUID, **values: Any) -> None:
        """Our manager changes fields, a moment later."""
        self.tick()
        await self.house.leads.change(self.house.owner, lead_id, values)

    async def told(self) -> None:
        """Webhooks arrive and are worked off."""
        await self.house.crm.deliver_now()
        await self.work_in()

    async def work_in(self) -> None:
        await worked_off(self.house.inbox.work_once)

    async def history(self, lead_id: UUID, field: str) -> list[HistoryEntry]:
        entries = await self.house.leads.history(self.house.owner, lead_id)
        return [entry for entry in entries if entry.field == field]

    async def open_conflicts(self) -> list[Conflict]:
        rows = [row for row in await self.house.rows("conflicts") if row.verdict == ""]
        async with self.house.db.reading(self.house.organization_id) as session:
            found = [await conflicts.get(session, row.id) for row in rows]
        return [one for one in found if one is not None]

    async def own(self, field: str, owner: Owner) -> None:
        await self.ownership.choose(self.house.owner, field, owner.value)


def sides_of(house: House) -> Sides:
    told = SyncNotices(house.pipeline.notices)
    db, clock, outbox = house.db, house.clock, house.outbox
    people = CrmPeople(db, clock, house.integrations)
    return Sides(
        house=house,
        conflicts=Conflicts(db, clock, outbox, LeadFollowing(clock, house.pipeline), told),
        deletions=Deletions(db, clock, outbox, house.pipeline, told),
        people=people,
        ownership=Ownership(db, clock),
        reconcile=Reconcile(db, clock, house.integrations, house.crm_sync, people),
    )
