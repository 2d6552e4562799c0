"""How long things are kept: old ones go by themselves, what is owed stays, and the record still holds."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import BadInput
from domain.hooks_in import HookKind
from domain.retention import TERMS
from storage.ids import new_id
from storage.tables import audit, inbox, integrations, leads, metadata, notices, operations
from tests.api.office import Office
from tests.hooks.seen import made

DAY = 86_400


async def many(office: Office, table: str, *fits: Any) -> int:
    async with office.product.db.reading(system=True) as s:
        return int(
            await s.scalar(sa.select(sa.func.count()).select_from(metadata.tables[table]).where(*fits))
        )


async def owe(office: Office, lead_id: str, state: str) -> None:
    """A write to a CRM in some state."""
    now, organization = office.clock(), office.owner.organization_id
    async with office.product.db.transaction(organization) as s:
        crm = new_id()
        await s.execute(
            integrations.insert().values(
                id=crm, organization_id=organization, provider="espocrm", created_at=now
            )
        )
        await s.execute(operations.insert().values(
            id=new_id(), organization_id=organization, integration_id=crm, kind="lead.update",
            record_id=UUID(lead_id), entity_id=UUID(lead_id), payload={"fields": ["name"]}, state=state,
            due_at=now, created_at=now, done_at=now))  # fmt: skip


async def test_what_is_old_goes_and_what_is_owed_stays(office: Office) -> None:
    services = office.product.services
    inlet = await made(office, HookKind.WEBSITE)
    form = {"name": "Анна", "phone": "+79161112233", "email": "a@b.ru", "referral_code": "x"}
    assert (await office.http.post(f"/hooks/website/{inlet.key}", data=form)).status_code == 200
    kept, owed = await office.lead(phones=["+79160000001"]), await office.lead(phones=["+79160000002"])
    for one, state in ((kept, "done"), (owed, "pending")):
        await owe(office, one["id"], state)
        assert (await office.http.delete(f"/api/leads/{one['id']}")).status_code == 204
    async with office.product.db.transaction(office.owner.organization_id) as s:
        await s.execute(notices.update().where(notices.c.organization_id == s.tenant).values(state="sent"))
        await s.execute(inbox.insert().values(
            id=new_id(), organization_id=s.tenant, hook_id=inlet.id, body=b"still to be read", state="failed",
            due_at=office.clock(), received_at=office.clock()))  # fmt: skip
    await services.audit_chain.seal()
    before = await many(office, "audit")
    assert await services.retention.run() == 0
    office.clock.advance(89 * DAY)
    await services.retention.run()
    assert await many(office, "notices") == 0
    assert await many(office, "inbox", inbox.c.body != b"") == 2
    office.clock.advance(2 * DAY)
    await services.retention.run()
    assert await many(office, "inbox", inbox.c.body != b"") == 1
    assert await many(office, "inbox") == 2
    numbers = {row["number"] for row in (kept, owed)}
    assert await many(office, "leads", leads.c.number.in_(numbers)) == 1
    assert await many(office, "leads", leads.c.number == owed["number"]) == 1
    assert await many(office, "operations") == 1
    assert await many(office, "audit") > before


async def test_the_record_shortened_still_holds(office: Office) -> None:
    services, organization = office.product.services, office.owner.organization_id
    for number in range(3):
        await office.lead(phones=[f"+7916000000{number}"])
    await services.audit_chain.seal()
    first = await many(office, "audit")
    office.clock.advance(200 * DAY)
    await services.retention.choose(office.owner, "audit", "100")
    await services.audit_chain.seal()
    assert await services.retention.run() >= first
    await services.audit_chain.seal()
    verdict = await services.audit_chain.verify(organization)
    assert (verdict.broken, verdict.seq) == (None, first + 2)
    assert await many(office, "audit", audit.c.seq <= first) == 0
    async with office.product.db.transaction(system=True) as s:
        await s.execute(audit.delete().where(audit.c.seq == first + 1))
    broken = (await services.audit_chain.verify(organization)).broken
    assert broken is not None
    assert (broken.seq, broken.why) == (first + 1, "removed")


async def test_each_organization_chooses(office: Office) -> None:
    retention = office.product.services.retention
    kept = {one.kind: one.days for one in await retention.choose(office.owner, "clicks", "10")}
    assert kept["clicks"] == 10
    assert {kind for kind, days in kept.items() if days != TERMS[kind].usual} == {"clicks"}
    for kind, typed in (
        ("clicks", "-1"),
        ("clicks", "x"),
        ("audit", "5"),
        ("clicks", "99999"),
        ("nothing", "5"),
    ):
        with pytest.raises(BadInput):
            await retention.choose(office.owner, kind, typed)
    assert {one.kind: one.days for one in await retention.choose(office.owner, "audit", "0")}["audit"] == 0
    office.clock.advance(int(timedelta(days=5000).total_seconds()))
    await office.product.services.audit_chain.seal()
    before = await many(office, "audit")
    await retention.run()
    assert await many(office, "audit") >= before
