"""A lead in work, ready for a test about its card."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from domain.leads import LeadDraft, LeadFilter
from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from storage.tables import changes, leads
from tests.product import Running


async def taken(
    product: Running, name: str = "Mila", language: str = "en", draft: LeadDraft | None = None
) -> tuple[Person, Message]:
    """A manager with the opened card of a lead that they have taken."""
    mila = await product.member(name, "manager", language=language)
    # a chat that was never begun refuses pushes, and whoever cannot be reached loses their leads
    await mila.start()
    await add(product, draft or LeadDraft(name="Ivan", phones=("+79991234567",)))
    services = product.product.services
    member = await services.members.current(mila.id)
    assert member is not None
    [lead] = (await services.leads.browse(member, LeadFilter())).leads
    await services.pipeline.take(member, lead.id)
    return mila, await opened(mila)


async def opened(person: Person, number: int = 1) -> Message:
    """The card of the lead with this number, opened from the list."""
    await person.say("/leads")
    page = await person.gets("📋")
    button = next(one for one in page.buttons if f"#{number} " in one.text)
    await person.press(button.data or "", page)

    def card(messages: list[Message]) -> Message | None:
        here = (one for one in messages if one.id == page.id)
        return next((one for one in here if one.text.startswith(f"#{number} · ")), None)

    # in the list's place: receipts and pushes about the lead name it as well
    shown = card(await person.until(lambda messages: card(messages) is not None))
    assert shown is not None
    return shown


async def add(product: Running, draft: LeadDraft) -> UUID:
    """A lead that the owner has sent."""
    services = product.product.services
    await product.owner()
    owner = await services.members.current(1000)
    assert owner is not None
    return (await services.leads.create(owner, draft, receipt=False)).id


async def later(product: Running, seconds: float = 60) -> None:
    """As if all changes had been made earlier by that much."""
    async with product.product.db.transaction(system=True) as s:
        for row in await s.rows(sa.select(changes.c.id, changes.c.at)):
            moved = row.at - timedelta(seconds=seconds)
            await s.execute(changes.update().where(changes.c.id == row.id).values(at=moved))


async def lead_row(product: Running, number: int = 1) -> "sa.Row[tuple[object, ...]]":
    """The row of a lead as it is."""
    async with product.product.db.reading(system=True) as s:
        row = await s.first(sa.select(leads).where(leads.c.number == number))
        assert row is not None
        return row
