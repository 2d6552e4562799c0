"""Organizations share a worker, but neither data nor each other's slow CRM."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from domain.errors import NotFound
from domain.leads import LeadDraft
from domain.members import Member, MemberStatus, Role
from sandbox.espocrm import EspoSandbox
from storage.db import Database
from storage.people import members as member_rows
from storage.pipelines import stages as stage_rows
from tests.clock import MovableClock
from tests.delivery.house import House, host_of, open_house
from tests.waiting import until


async def neighbour(house: House) -> Member:
    """The owner of a second organization."""
    async with house.db.transaction(system=True) as system:
        organization_id: UUID = await member_rows.add_organization(system, house.clock(), name="Соседи")
        session = system.scoped(organization_id, False)
        await stage_rows.add_default_pipeline(session)
        await member_rows.see_person(system, 9, "", "", "ru", house.clock())
        await member_rows.add_member(
            session, 9, house.clock(), role=Role.OWNER.value, status=MemberStatus.ACTIVE.value, name="Сосед"
        )
        found = await member_rows.member_of(session, 9)
    assert found is not None
    return found


async def test_a_slow_crm_holds_only_its_own_organization(db: Database, clock: MovableClock) -> None:
    async with (
        EspoSandbox(speed=0, start=clock()) as theirs,
        open_house(db, clock, (host_of(theirs),)) as house,
    ):
        await house.connect()
        owner = await neighbour(house)
        settings = {"url": theirs.url, "api_key": theirs.api_key}
        await house.integrations.connect(owner, "espocrm", settings)
        for n in range(20):
            await house.send(f"Лид {n}", f"+7916{n:07d}")
        clock.advance(timedelta(minutes=1).total_seconds())
        house.crm.fail("slow", seconds=30)
        await house.leads.create(owner, LeadDraft(name="Сосед", phones=("+79165554433",)))
        stop = asyncio.Event()
        loop = asyncio.create_task(house.crm_sync.loop("shared", stop))
        await until(theirs.leads, seconds=4)
        assert house.crm.leads() == []
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)


async def test_an_operation_of_another_organization_does_not_exist(house: House) -> None:
    lead_id = await house.send()
    (operation,) = await house.rows("operations")
    stranger = await neighbour(house)
    for attempt in (
        house.operations.get(stranger, operation.id),
        house.operations.drop(stranger, operation.id),
        house.outbox.retry_now(stranger, lead_id),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await house.integrations.current(stranger) is None


async def test_a_record_linked_by_the_neighbour_is_theirs(house: House) -> None:
    """Both use one CRM: the second lead with this phone is no match for the first one's record."""
    first = await house.send()
    await house.work()
    owner = await neighbour(house)
    await house.integrations.connect(owner, "espocrm", house.settings)
    second = await house.leads.create(owner, LeadDraft(name="Иван", phones=("+79161234567",)))
    await house.work()
    assert {one["cExternalId"] for one in house.crm.leads()} == {str(first), str(second.id)}
