"""Ids of another organization, guessed in the data of buttons: refused in words, and nothing changes."""

from collections.abc import Sequence
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.bulk import Order
from domain.custom_fields import FieldType
from domain.lead_query import LeadQuery
from domain.leads import LeadDraft
from domain.members import Member
from handlers.buttons import short
from sandbox.telegram.person import Person
from storage.tables import activities, contacts, custom_fields, customers, files, imports, leads
from tests.chat.forging import press_forged
from tests.chat.lead_cards import opened
from tests.chat.tables import card, text_of
from tests.chat.taps import english_owner
from tests.product import OWNER, Running

WATCHED = (leads, contacts, files, custom_fields, customers, activities, imports)
REFUSED = ("no longer here", "not yours to see", "cannot be found")


async def member_of(product: Running, telegram_id: int) -> Member:
    member = await product.product.services.members.current(telegram_id)
    assert member is not None
    return member


async def stranger(product: Running) -> Person:
    """An admin of another organization, whose owner is the same person."""
    owner = await product.owner()
    await owner.say("/new_organization")
    await owner.gets("called")
    await owner.say("Other")
    await owner.sees("Other is there")
    eve = await product.member("Eve", "admin", language="en")
    await eve.start()
    await eve.gets("Other")
    return eve


async def everything(product: Running) -> list[tuple[object, ...]]:
    async with product.product.db.reading(system=True) as s:
        return [tuple(row) for table in WATCHED for row in await s.rows(sa.select(table).order_by("id"))]


async def refused(product: Running, eve: Person, data: Sequence[str]) -> None:
    """Each of these presses is answered with a refusal, and no row of anybody changes."""
    before = await everything(product)
    for one in data:
        answer = await press_forged(product, eve, one)
        said = str(answer.get("text"))
        if not any(word in said for word in REFUSED):
            said = (await eve.last()).text
        assert any(word in said for word in REFUSED), f"{one}: {said}"
    assert await everything(product) == before


@pytest.fixture
async def lead_id(product: Running) -> UUID:
    await english_owner(product)
    draft = LeadDraft(name="Ivan", phones=("+79991234567",))
    boss = await member_of(product, OWNER)
    return (await product.product.services.leads.create(boss, draft, receipt=False)).id


async def test_contacts_of_another_organization(product: Running, lead_id: UUID) -> None:
    services, owner = product.product.services, await product.owner()
    boss = await member_of(product, OWNER)
    await opened(owner)
    for data in ("contacts", "contact"):
        await press_forged(product, owner, f"lead:{data}:{lead_id.hex}:")
    await owner.gets("Send a contact card")
    await owner.say("Zoya, director, +7 903 555-66-77")
    await owner.gets("Added")
    [zoya] = await services.contacts.of_lead(boss, lead_id)
    eve = await stranger(product)
    verbs = ("show", "call", "main", "decides", "delete", "remove", "field:name", "field:phone")
    await refused(
        product,
        eve,
        [
            *(f"cont:{verb.partition(':')[0]}:{zoya.id.hex}:{verb.partition(':')[2]}" for verb in verbs),
            *(f"lead:{do}:{lead_id.hex}:" for do in ("contacts", "contact", "points", "more", "message")),
            *(f"lead:{do}:{lead_id.hex}:phone.0" for do in ("point", "pointmain", "pointdrop", "pointadd")),
        ],
    )


async def test_files_of_another_organization(product: Running, lead_id: UUID) -> None:
    services, owner = product.product.services, await product.owner()
    shown = await opened(owner)
    await owner.send_file("document", "income.pdf", b"%PDF", reply_to=shown)
    await owner.gets("Kept with")
    boss = await member_of(product, OWNER)
    [file] = (await services.files.of_lead(boss, lead_id)).files
    eve = await stranger(product)
    verbs = [f"file:{do}:{file.id.hex}" for do in ("show", "send", "delete", "restore")]
    await refused(product, eve, [*verbs, f"lead:files:{lead_id.hex}:", f"lead:filesdone:{lead_id.hex}:"])
    assert not [one for one in await eve.messages() if one.document]


async def test_fields_of_another_organization(product: Running, lead_id: UUID) -> None:
    services, boss = product.product.services, await member_of(product, OWNER)
    field = await services.custom_fields.add(boss, "Bank", FieldType.CHOICE, ["Alfa", "Sber"])
    await services.custom_fields.set_value(boss, lead_id, field.key, "Alfa")
    [road, *_] = await services.pipelines_setup.all(boss)
    eve = await stranger(product)
    plain = (
        "show",
        "rename",
        "choices",
        "required",
        "pipelines",
        "roles",
        "up",
        "down",
        "archive",
        "restore",
    )
    await refused(
        product,
        eve,
        [
            *(f"fld:{do}:{field.id.hex}:" for do in plain),
            f"fld:pipeline:{field.id.hex}:{short(road.id)}",
            f"fld:role:{field.id.hex}:partner",
            f"lead:fields:{lead_id.hex}:",
            f"lead:own:{lead_id.hex}:{field.key}",
        ],
    )


async def test_many_leads_of_another_organization(product: Running, lead_id: UUID) -> None:
    services, boss = product.product.services, await member_of(product, OWNER)
    stages = await services.pipeline.stages(boss)
    await services.picking.pick_all(boss, LeadQuery())
    await services.bulk.confirm(boss, Order("tag", "vip"))
    run = await services.bulk.start(boss, Order("tag", "vip"))
    assert run.done == 1
    eve = await stranger(product)
    await services.leads.create(
        await member_of(product, eve.id), LeadDraft(name="Own", phones=("+79990000001",)), receipt=False
    )
    before = await everything(product)
    for data in (f"pick:toggle:0.:0:{run.done}", "pick:every:0.:0:"):
        await press_forged(product, eve, data)
    await refused(
        product,
        eve,
        [
            f"run:undo:{run.id.hex}",
            f"run:cancel:{run.id.hex}",
            f"pick:sure:0.:0:stage.{short(stages[1].id)}",
            f"pick:sure:0.:0:assign.{short(boss.id)}",
            f"pick:run:0.:0:stage.{short(stages[1].id)}",
            f"pick:run:0.:0:assign.{short(boss.id)}",
        ],
    )
    assert await everything(product) == before


async def test_an_import_of_another_organization(product: Running, lead_id: UUID) -> None:
    owner = await product.owner()
    table = text_of([["Name", "Phone"], ["Petr", "+79997654321"]])
    await owner.send_document("leads.csv", table.encode())
    await card(owner, "start")
    async with product.product.db.reading(system=True) as s:
        kept = await s.scalar(sa.select(imports.c.id))
    eve = await stranger(product)
    verbs = (
        "show", "columns", "column", "be", "twice", "countries", "country", "stages", "stage", "whom", "crm",
        "start", "cancel", "really_cancel", "undo", "really_undo", "left", "rows", "asked", "skip", "update",
        "add", "all_skip", "all_update",
    )  # fmt: skip
    own = await product.product.services.pipeline.stages(await member_of(product, eve.id))
    extras = {"columns": "0", "column": "0", "be": "0.name", "country": "RU", "asked": "0"}
    extras["stage"] = short(own[0].id)
    await refused(product, eve, [f"imp:{do}:{kept.hex}:{extras.get(do, '1')}" for do in verbs])
