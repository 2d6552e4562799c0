"""What is chosen about an import, what becomes of duplicates, and an import that is stopped or killed."""

import pytest
import sqlalchemy as sa

from domain.errors import TooLate
from services.importing.failing import MOST_FAILURES
from services.importing.job import PAGES_AT_ONCE
from storage.importing import imports as rows
from storage.tables import (
    contact_points,
    counters,
    import_rows,
    lead_history,
    lead_words,
    leads,
    operations,
)
from tests.chat.tables import PATIENCE, card, how_many, imported, press, state_of, text_of
from tests.product import Running
from tests.waiting import until

HEAD = ("Name", "Phone", "E-mail", "Company")
IVAN = ("Ivan", "+7 916 123-45-67", "", "")
MANY = text_of([HEAD, *((f"Person {n}", f"+7916{n:07d}", "", "") for n in range(1, 1201))])


async def test_a_known_lead_is_brought_up_to_date_and_back(product: Running) -> None:
    owner = await product.owner()
    await imported(product, owner, text_of([HEAD, IVAN]).encode())
    # the card and the alert; one that comes late would be the newest with an undo
    await owner.until(lambda all_: sum("imp:undo" in str(one.raw) for one in all_) == 2, PATIENCE)
    await owner.send_document("more.csv", text_of([HEAD, (*IVAN[:2], "i@example.com", "Acme")]).encode())
    await owner.sees("more.csv", PATIENCE)
    await press(owner, "twice")
    await press(owner, "start")
    await owner.until(lambda all_: any("imp:undo" in str(one.raw) and "more.csv" in one.text for one in all_))
    assert (await state_of(product)).counts == {"updated": 1}
    async with product.product.db.reading(system=True) as s:
        assert await s.scalar(sa.select(leads.c.company)) == "Acme"
    assert await how_many(product, contact_points) == 2
    assert await how_many(product, leads) == 1
    await press(owner, "undo")
    await press(owner, "really_undo")

    async def undone() -> bool:
        return bool((await state_of(product)).state == "undone")

    await until(undone, seconds=PATIENCE)
    async with product.product.db.reading(system=True) as s:
        assert await s.scalar(sa.select(leads.c.company)) == ""
    assert await how_many(product, contact_points) == 1


async def test_known_leads_can_be_left_to_a_person(product: Running) -> None:
    owner = await product.owner()
    await imported(product, owner, text_of([HEAD, IVAN]).encode())
    await owner.send_document("more.csv", text_of([HEAD, (*IVAN[:3], "Acme"), IVAN]).encode())
    await owner.sees("more.csv", PATIENCE)
    await press(owner, "twice")
    await press(owner, "twice")
    await press(owner, "start")
    await press(owner, "asked")
    await owner.answer(await press(owner, "add", "2"))
    assert (await state_of(product)).counts == {"new": 1, "twin": 1}
    assert await how_many(product, leads) == 2


async def test_columns_are_remembered_for_the_next_file(product: Running) -> None:
    owner = await product.owner()
    head = ("Who", "Phone", "What")
    await owner.send_document("a.csv", text_of([head, ("Ivan", "+79161234567", "x")]).encode())
    await press(owner, "columns")
    await press(owner, "column", "0")
    await press(owner, "be", "0.name")
    await press(owner, "column", "2")
    await press(owner, "be", "2.product")
    await press(owner, "show")
    await press(owner, "start")
    await card(owner, "undo")
    await owner.send_document("b.csv", text_of([head, ("Anna", "+79161234568", "y")]).encode())
    await owner.sees("b.csv", PATIENCE)
    assert (await state_of(product)).settings["setup"]["columns"] == ["name", "phone", "product"]


async def test_leads_go_to_the_crm_only_if_that_was_said(product: Running) -> None:
    owner = await product.owner()
    await owner.send_document("leads.csv", text_of([HEAD, IVAN]).encode())
    await press(owner, "crm")
    await press(owner, "start")
    await card(owner, "undo")
    assert await how_many(product, operations) == 1
    services = product.product.services
    for _ in range(100):
        await services.crm_sync.work_once("test")
        if await how_many(product, operations, operations.c.state == "done"):
            break
    assert await how_many(product, operations, operations.c.state == "done") == 1


async def test_an_import_stopped_in_the_middle_keeps_what_is_in(product: Running) -> None:
    owner = await product.owner()
    services = product.product.services
    await owner.send_document("leads.csv", MANY.encode())
    await card(owner, "start")
    await product.stop()
    member = await services.members.current(owner.id)
    assert member is not None
    one = await state_of(product)
    await services.imports.start(member, one.id)
    job = services.import_job
    job.at_once = 1
    running = await job._claim()
    assert await job._step(running[0])
    await services.imports.cancel(member, one.id)
    assert not await job._step(running[0])
    kept = await state_of(product)
    assert (kept.state, kept.counts) == ("cancelled", {"new": 1000})
    assert await how_many(product, leads) == await how_many(product, import_rows) == 1000
    await services.imports.undo(member, one.id)
    await job.advance()
    assert await how_many(product, leads, leads.c.deleted_at.is_(None)) == 0
    assert (await state_of(product)).state == "undone"


async def test_a_killed_job_is_taken_up_where_it_stopped(product: Running) -> None:
    owner = await product.owner()
    services, db = product.product.services, product.product.db
    await owner.send_document("leads.csv", MANY.encode())
    await card(owner, "start")
    await product.stop()
    member = await services.members.current(owner.id)
    assert member is not None
    one = await state_of(product)
    await services.imports.start(member, one.id)
    job = services.import_job
    job.at_once = 1
    running = await job._claim()
    assert await job._step(running[0])
    assert await how_many(product, leads) == 1000
    # it is killed here; its lease runs out
    async with db.transaction(product.product.organization_id) as s:
        await rows.change(s, one.id, services.imports.clock(), lease_until=None)
    await job.advance()
    kept = await state_of(product)
    assert (kept.state, kept.done, kept.counts) == ("done", 1200, {"new": 1200})
    assert await how_many(product, leads) == await how_many(product, lead_history) == 1200


async def test_pages_side_by_side_give_every_lead_a_number_of_its_own(product: Running) -> None:
    if product.product.db.is_sqlite:
        pytest.skip("SQLite has one writer")
    product.product.services.import_job.at_once = PAGES_AT_ONCE
    await imported(product, await product.owner(), MANY.encode())
    async with product.product.db.reading(system=True) as s:
        numbers = [row.number for row in await s.rows(sa.select(leads.c.number).order_by(leads.c.number))]
    assert numbers == list(range(1, 1201))


async def test_an_import_that_keeps_failing_is_given_up_and_can_be_tried_again(product: Running) -> None:
    owner = await product.owner()
    services, db = product.product.services, product.product.db
    await owner.send_document("leads.csv", text_of([HEAD, IVAN, ("x", "12", "", "")]).encode())
    await card(owner, "start")
    async with db.transaction(system=True) as s:
        # without it no lead gets a number
        await s.execute(sa.update(counters).where(counters.c.name == "lead").values(name="gone"))
    await press(owner, "start")
    for _ in range(MOST_FAILURES * 20):
        one = await state_of(product)
        if one.state == "failed":
            break
        async with db.transaction(product.product.organization_id) as s:
            await rows.change(s, one.id, services.imports.clock(), lease_until=None)
        await services.import_job.advance()
    assert (one.state, one.settings["failures"]["times"]) == ("failed", MOST_FAILURES)
    said = await owner.until(lambda all_: any("⛔" in m.text for m in all_))
    assert not await how_many(product, leads)
    assert not [m for m in said if "is done" in m.text]
    async with db.transaction(system=True) as s:
        await s.execute(sa.update(counters).where(counters.c.name == "gone").values(name="lead"))
    await press(owner, "retry")
    await card(owner, "undo")
    kept = await state_of(product)
    assert (kept.state, kept.counts) == ("done", {"new": 1, "bad": 1})
    assert await how_many(product, leads) == await how_many(product, lead_history) == 1
    # a second tap finds it over
    member = await services.members.current(owner.id)
    assert member is not None
    with pytest.raises(TooLate):
        await services.import_failures.retry(member, kept.id)


async def test_page_by_page_and_pages_side_by_side_make_the_same_leads(product: Running) -> None:
    owner = await product.owner()
    await imported(product, owner, MANY.encode())
    async with product.product.db.reading(system=True) as s:
        numbers = [row.number for row in await s.rows(sa.select(leads.c.number).order_by(leads.c.number))]
        found = await s.rows(sa.select(lead_words.c.word).where(lead_words.c.word == "1200"))
    assert numbers == list(range(1, 1201))
    assert len(found) == 1


async def test_rows_that_are_not_in_come_back_as_a_file(product: Running) -> None:
    owner = await product.owner()
    await imported(product, owner, text_of([HEAD, IVAN, ("=cmd()", "12", "", "")]).encode())
    await press(owner, "rows")
    found = await owner.until(lambda all_: any(one.document for one in all_ if one.from_bot), PATIENCE)
    document = next(one.document for one in reversed(found) if one.document and one.from_bot)
    assert document is not None
    content = (await owner.download(document["file_id"])).decode("utf-8-sig")
    assert content.splitlines()[0].startswith(";".join(HEAD))
    assert content.splitlines()[1].startswith("'=cmd();12;")
    assert len(content.splitlines()) == 2
