"""What tests of connecting a CRM share: an owner who reads English, and the product beside one more CRM."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text

from sandbox.telegram.person import Person
from tests.product import OWNER, Running, running


async def owner_of(product: Running) -> Person:
    owner = await product.owner()
    await product.product.services.members.change_language(OWNER, "en")
    return owner


@asynccontextmanager
async def beside(
    crm: Any, database_url: str, redis_url: str, *, espocrm: bool = False, **given: Any
) -> AsyncIterator[Running]:
    """The product without a CRM (or with EspoCRM), which may call this stand-in as well."""
    allowed = (crm.url.removeprefix("http://"),)
    async with running(database_url, redis_url, crm=espocrm, allow=allowed, **given) as started:
        yield started


async def dialog_of(product: Running) -> str:
    """What the owner's dialog holds, as text."""
    async with product.product.db.reading(system=True) as session:
        found = await session.execute(
            text("SELECT state, data FROM dialogs WHERE chat_id = :chat"), {"chat": OWNER}
        )
        return str(found.first())


async def is_in_chat(owner: Person, message_id: int) -> bool:
    return message_id in [message.id for message in await owner.messages()]


async def choose(owner: Person, title: str, way: str = "") -> None:
    """Choose a CRM, and the way to sign in where there are several."""
    await owner.say("/crm")
    await owner.gets("Choose yours")
    await owner.press(title)
    if way:
        await owner.gets("How shall I sign in")
        await owner.press(way)


async def active(product: Running) -> list[tuple[str, bool]]:
    """(provider, whether it is active) of every connection."""
    services = product.product.services
    member = await services.members.current(OWNER)
    assert member is not None
    return [(view.provider, view.active) for view in await services.integrations.every(member)]
