"""Finding leads in chat: words, phones, one wrong letter, filters and views."""

from decimal import Decimal

import pytest

from domain.lead_query import LeadQuery
from domain.leads import Lead, LeadDraft
from domain.members import Member
from sandbox.telegram.person import Person
from services.finding.views import mark_of
from tests.product import Running

pytestmark = pytest.mark.main_road


async def manager(product: Running, name: str = "Mila", language: str = "en") -> tuple[Person, Member]:
    person = await product.member(name, "manager", language=language)
    member = await product.product.services.members.current(person.id)
    assert member is not None
    return person, member


async def send(product: Running, member: Member, name: str, phone: str, **more: object) -> Lead:
    draft = LeadDraft(name=name, phones=(phone,), **more)  # type: ignore[arg-type]
    return await product.product.services.leads.create(member, draft, receipt=False)


async def test_one_is_found_by_name_phone_in_any_spelling_email_and_number(product: Running) -> None:
    mila, member = await manager(product)
    lead = await send(product, member, "Семён Пётров", "+79991234567", emails=("Petrov@Example.com",))
    await send(product, member, "Another", "+79160000001")
    for typed in ("Семен ПЕТРОВ", "8 (999) 123-45-67", "9991234567", "4567", "123-45-67", "8999123",
                  "petrov@example.com", f"#{lead.number}", "пет сем"):  # fmt: skip
        await mila.say(f"/find {typed}")
        found = await mila.gets("1 found.")
        assert "Семён Пётров" in found.labels[0], typed
    await mila.press("Семён Пётров")
    await mila.gets("#1 · Семён Пётров")
    await mila.press("📋 List")
    await mila.gets("1 found.")


async def test_exact_comes_before_a_beginning_and_a_wrong_letter_only_when_nothing_fits(
    product: Running,
) -> None:
    mila, member = await manager(product)
    await send(product, member, "Иванов Пётр", "+79991234501")
    await send(product, member, "Иван Сидоров", "+79991234502")
    await send(product, member, "Иванова Ольга", "+79991234503")
    await mila.say("/find иван")
    found = await mila.gets("3 found.")
    assert [label.split()[2] for label in found.labels[:3]] == ["Иван", "Иванова", "Иванов"]
    await mila.say("/find Сидроов")
    found = await mila.gets("1 found, one letter off.")
    assert "Сидоров" in found.labels[0]
    await mila.say("/find сидорав иван")
    await mila.gets("1 found, one letter off.")
    await mila.say("/find Петухов")
    await mila.gets("Nothing found.")


async def test_find_without_words_asks_and_the_sign_asks_too(product: Running) -> None:
    mila, member = await manager(product)
    await send(product, member, "Ivan", "+79991234567")
    await mila.say("/find")
    await mila.gets("Whom are you looking for?")
    await mila.say("%%% __ ***")
    await mila.gets("Please write a name")
    await mila.say("Ivan")
    await mila.gets("1 found.")
    await mila.say("🔎")
    await mila.gets("Whom are you looking for?")
    await mila.press("Cancel")
    await mila.say("🔎 ivan")
    await mila.gets("1 found.")
    await mila.say("/find " + "и" * 4000)
    await mila.gets("Too long: 4000 characters, at most 100")


async def test_find_in_russian(product: Running) -> None:
    mila, member = await manager(product, language="ru")
    await send(product, member, "Ёжиков Артём", "+79991234567")
    await mila.say("/find ежиков артем")
    found = await mila.gets("ежиков артем")
    assert "Ёжиков Артём" in found.labels[0]
    await mila.say("/find ежыков")
    found = await mila.gets("ежыков")
    assert "Ёжиков Артём" in found.labels[0]


async def test_only_what_the_asker_may_see(product: Running) -> None:
    mila, member = await manager(product)
    # a chat that was never begun refuses pushes, and whoever cannot be reached loses their leads
    await mila.start()
    anna = await product.member("Anna", "partner", language="en")
    lead = await send(product, member, "Secret Person", "+79991234567")
    for typed in ("Secret", "+79991234567", "4567", "#1", "secrot"):
        await anna.say(f"/find {typed}")
        await anna.gets("Nothing found.")
    oleg, _ = await manager(product, "Oleg")
    await product.product.services.pipeline.take(member, lead.id)
    await oleg.say("/find Secret")
    await oleg.gets("Nothing found.")
    owner = await product.owner()
    await owner.say("/find Secret")
    await owner.press("#1 Secret Person")


async def test_words_follow_the_lead(product: Running) -> None:
    mila, member = await manager(product)
    lead = await send(product, member, "Ivan", "+79991234567")
    leads = product.product.services.leads
    await leads.change(member, lead.id, {"name": "Gregory", "phone": "+79160000007"})
    await mila.say("/find Ivan")
    await mila.gets("Nothing found.")
    await mila.say("/find 0007")
    await mila.gets("1 found.")
    await mila.say("/find gregry")
    await mila.gets("1 found, one letter off.")
    await product.product.services.lead_care.delete(await _owner(product), lead.id)
    await mila.say("/find Gregory")
    await mila.gets("Nothing found.")


async def _owner(product: Running) -> Member:
    await product.owner()
    member = await product.product.services.members.current(1000)
    assert member is not None
    return member


async def test_pages_of_what_was_found_and_the_way_back(product: Running) -> None:
    mila, member = await manager(product)
    for number in range(8):
        await send(product, member, f"Person {number}", f"+7999123450{number}")
    await mila.say("/find person")
    page = await mila.gets("8 found. Page 1 of 2.")
    assert page.labels[0].startswith("🔵 #8")
    await mila.press("➡️", page)
    second = await mila.gets("Page 2 of 2.")
    assert second.id == page.id
    await mila.press("#1 Person 0", second)
    await mila.gets("#1 · Person 0")
    await mila.press("📋 List")
    await mila.gets("Page 2 of 2.")
    await mila.press("✖️ Reset")
    await mila.gets("8 in all.")


async def test_filters_are_combined_shown_and_taken_back(product: Running) -> None:
    mila, member = await manager(product)
    # a chat that was never begun refuses pushes, and whoever cannot be reached loses their leads
    await mila.start()
    await send(product, member, "Poor", "+79991234501", amount=Decimal(1000))
    await send(product, member, "Rich", "+79991234502", amount=Decimal(5_000_000))
    rich = await send(
        product, member, "Rich Web", "+79991234503", amount=Decimal(7_000_000), source="website"
    )
    await product.product.services.pipeline.take(member, rich.id)
    await mila.say("/leads")
    await mila.press("⚙️ Filter")
    await mila.gets("Nothing is chosen yet")
    await mila.press("💰 Amount")
    await mila.press("3,000,000")
    await mila.gets("2 in all.")
    await mila.press("⚙️ Filter")
    await mila.press("📥 Source")
    await mila.press("the website")
    found = await mila.gets("1 in all.")
    assert "💰 from RUB" in found.text
    assert "the website" in found.text
    await mila.press("Mine")
    await mila.gets("1 in all.")
    await mila.press("🗂 Stage")
    await mila.press("🟢 Qualified")
    await mila.gets("No lead fits all of this")
    await mila.press("⚙️ Filter")
    panel = await mila.gets("Filter: mine")
    assert "📋 Show 0 leads" in panel.labels
    await mila.press("🗂 Stage")
    await mila.press("✖️ Any")
    await mila.press("📋 Show 1 lead")
    await mila.gets("1 in all.")
    await mila.press("✖️ Reset")
    await mila.gets("1 in all.")
    await mila.press("All")
    await mila.gets("3 in all.")


async def test_period_and_amount_are_typed_too(product: Running) -> None:
    mila, member = await manager(product)
    await send(product, member, "Poor", "+79991234501", amount=Decimal(1000))
    await send(product, member, "Rich", "+79991234502", amount=Decimal(5_000_000))
    await mila.say("/leads")
    await mila.press("⚙️ Filter")
    await mila.press("💰 Amount")
    await mila.press("⌨️ Type it")
    await mila.say("a lot")
    await mila.gets("could not read the amount")
    await mila.say("500 - 2 thousand")
    found = await mila.gets("1 in all.")
    assert "Poor" in found.labels[0]
    await mila.press("⚙️ Filter")
    await mila.press("📅 Came in")
    await mila.press("⌨️ Type it")
    await mila.say("31.02.2026")
    await mila.gets("could not read these days")
    await mila.say("01.01.2020 - 05.01.2020")
    await mila.gets("No lead fits all of this")
    await mila.press("⚙️ Filter")
    await mila.press("📅 Came in")
    await mila.press("Today")
    await mila.gets("1 in all.")


async def test_view_is_kept_opened_shown_first_renamed_and_deleted(product: Running) -> None:
    mila, member = await manager(product)
    await send(product, member, "Poor", "+79991234501", amount=Decimal(1000))
    await send(product, member, "Rich", "+79991234502", amount=Decimal(5_000_000))
    await mila.say("/leads")
    await mila.press("⚙️ Filter")
    await mila.press("💰 Amount")
    await mila.press("1,000,000")
    await mila.press("⚙️ Filter")
    await mila.press("Keep as a view")
    await mila.say("Hot ones")
    kept = await mila.gets("⭐ Kept.")
    assert "For everybody" not in " ".join(kept.labels)
    await mila.press("Show it first")
    await mila.gets("⭐ Hot ones")
    await mila.say("/leads")
    await mila.gets("1 in all.")
    await mila.press("⚙️ Filter")
    await mila.press("📂 Views")
    await mila.press("✏️")
    await mila.press("✏️ Rename")
    await mila.say("Very hot " * 20)
    await mila.gets("Please shorten it")
    await mila.say("Very hot")
    await mila.gets("Renamed")
    await mila.press("📂 Views")
    await mila.press("Very hot")
    await mila.gets("1 in all.")
    await mila.press("⚙️ Filter")
    await mila.press("📂 Views")
    await mila.press("✏️")
    await mila.press("🗑 Delete")
    await mila.press("Yes, delete")
    await mila.gets("None yet")
    await mila.say("/leads")
    await mila.gets("2 in all.")


async def test_admin_shares_a_view_and_nobody_opens_a_private_one(product: Running) -> None:
    mila, member = await manager(product)
    owner_member = await _owner(product)
    await send(product, member, "Rich", "+79991234502", amount=Decimal(5_000_000))
    views = product.product.services.views
    private = await views.save(owner_member, "Private", LeadQuery(least=Decimal(10)))
    assert await views.opened(member, mark_of(private.id), "all") is None
    assert not await views.saved(member)
    await views.share(owner_member, mark_of(private.id), True)
    await mila.say("/leads")
    await mila.press("⚙️ Filter")
    await mila.press("📂 Views")
    await mila.press("Private 👥")
    await mila.gets("1 in all.")
    await mila.press("⚙️ Filter")
    await mila.press("📂 Views")
    await mila.press("✏️")
    shown = await mila.gets("Private")
    assert "🗑 Delete" not in shown.labels
