"""The words of leads on both engines: found by their beginning, one letter off, kept up, and made anew."""

from uuid import UUID

import pytest

from domain.lead_query import LeadQuery
from domain.members import Member
from services.finding.search import Finding
from services.people.organizations import Organizations
from storage.db import Database
from storage.finding import finding as words
from storage.leads import leads as lead_rows
from storage.people import members as member_rows
from storage.pipelines.stages import add_default_pipeline
from tests.clock import MovableClock

OWNER = 1


@pytest.fixture
async def organization(db: Database) -> UUID:
    made = Organizations(db, MovableClock())
    return await made.ensure_first("A", "ru", "RU", "Europe/Moscow", [OWNER])


async def owner_of(db: Database, organization: UUID) -> Member:
    async with db.reading(organization) as s:
        member = await member_rows.member_of(s, OWNER)
    assert member is not None
    return member


async def add(db: Database, organization: UUID, number: int, name: str) -> UUID:
    """A lead as it was before there were words."""
    async with db.transaction(organization) as s:
        lead_id = await lead_rows.add_lead(s, MovableClock()(), number=number, name=name)
        await lead_rows.add_contact_points(s, lead_id, [("phone", f"+7999123456{number}", "")])
    return lead_id


async def found(db: Database, member: Member, text: str) -> list[int]:
    page = await Finding(db, MovableClock()).find(member, LeadQuery(text=text))
    return [lead.number for lead in page.leads]


async def test_leads_from_before_are_gone_over_once(db: Database, organization: UUID) -> None:
    member = await owner_of(db, organization)
    for number, name in ((1, "Иван Пётров"), (2, "Иванна"), (3, "Zoë Straße")):
        await add(db, organization, number, name)
    assert await found(db, member, "иван") == []
    finding = Finding(db, MovableClock())
    assert await finding.reindex_all() == 3
    assert await finding.reindex_all() == 0
    assert await found(db, member, "иван") == [1, 2]
    assert await found(db, member, "ПЕТР") == [1]
    assert await found(db, member, "птеров") == [1]
    assert await found(db, member, "STRASSE zoë") == [3]
    assert await found(db, member, "4562") == [2]


async def test_words_change_with_the_lead_and_go_with_its_deletion(db: Database, organization: UUID) -> None:
    member = await owner_of(db, organization)
    lead_id = await add(db, organization, 1, "Ivan")
    async with db.transaction(organization) as s:
        await words.reindex(s, [lead_id])
        await lead_rows.update_lead(s, lead_id, MovableClock()(), name="Gregory")
        await lead_rows.replace_contact_points(s, lead_id, "phone", [("phone", "+79160000007", "")])
    assert await found(db, member, "ivan") == await found(db, member, "4561") == []
    assert await found(db, member, "gregory") == await found(db, member, "0007") == [1]
    async with db.transaction(organization) as s:
        await lead_rows.update_lead(s, lead_id, MovableClock()(), deleted_at=MovableClock()())
    assert await found(db, member, "gregory") == await found(db, member, "#1") == []


async def test_other_organizations_are_not_looked_into(db: Database, organization: UUID) -> None:
    member = await owner_of(db, organization)
    async with db.transaction(system=True) as s:
        other = await member_rows.add_organization(
            s, MovableClock()(), name="B", language="ru", region="RU", time_zone="UTC"
        )
        await add_default_pipeline(s.scoped(other, False))
    await add(db, other, 1, "Secret")
    await Finding(db, MovableClock()).reindex_all()
    for text in ("secret", "#1", "+79991234561", "4561", "secrte"):
        assert await found(db, member, text) == []
