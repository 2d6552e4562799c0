"""What a test of hooks asks of the database again and again."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.hooks_in import HookKind
from domain.members import Member
from services.hooks_in.inlets import Inlet
from storage.people import members as member_rows
from storage.tables import metadata
from tests.api.office import Office
from tests.waiting import worked_off


async def rows(office: Office, table: str) -> list[Row[Any]]:
    """Everything in a table, in order."""
    found = metadata.tables[table]
    async with office.product.db.reading(system=True) as s:
        return await s.rows(sa.select(found).order_by(found.c.id))


async def made(office: Office, kind: HookKind, **settings: Any) -> Inlet:
    return await office.product.services.inlets.make(office.owner, kind, kind.value, settings)


async def all_taken_in(office: Office) -> None:
    """Everything that has come in is worked off."""
    await worked_off(office.product.services.inbox.work_once)


async def stranger(office: Office) -> Member:
    """The owner of another organization."""
    db, now = office.product.db, office.clock()
    async with db.transaction(system=True) as s:
        other = await member_rows.add_organization(
            s, now, name="Other", language="en", region="RU", time_zone="Europe/Moscow"
        )
    async with db.transaction(other) as s:
        await member_rows.see_person(s, 77, "", "Eve", "en", now)
        await member_rows.add_member(
            s, 77, now, role="owner", status="active", name="Eve", referral_code="eve"
        )
        found = await member_rows.member_of(s, 77)
    assert found is not None
    return found
