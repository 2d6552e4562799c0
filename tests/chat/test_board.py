"""The board: counts and sums by stage, filters, and the way to a card and back."""

from decimal import Decimal

import pytest

from domain.leads import LeadDraft
from handlers.buttons import BoardButton
from sandbox.telegram.person import Person
from tests.chat.forging import press_forged
from tests.chat.lead_cards import add
from tests.product import Running


async def manager(product: Running, language: str = "en") -> Person:
    mila = await product.member("Mila", "manager", language=language)
    await mila.start()
    return mila


async def fill(
    product: Running, count: int, amount: int = 0, source: str = "telegram", start: int = 0
) -> None:
    for number in range(start, start + count):
        await add(
            product,
            LeadDraft(
                name=f"Ivan {number}",
                phones=(f"+7999123{number:04d}",),
                amount=Decimal(amount) if amount else None,
                source=source,
            ),
        )


async def test_empty_board_has_every_stage(product: Running) -> None:
    mila = await manager(product)
    await mila.say("/pipeline")
    board = await mila.gets("📊 Sales")
    assert "▱▱▱▱▱▱▱▱ 0" in board.text
    assert "🔴 Refused" in board.text
    assert "In all: 0" in board.text


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_counts_and_sums_by_stage(product: Running, language: str) -> None:
    await fill(product, 3, 1_500_000)
    await fill(product, 1, start=3)
    mila = await manager(product, language)
    await mila.say("/pipeline")
    board = await mila.gets("📊")
    first = next(line for line in board.text.splitlines() if "▰" in line)
    assert "▰▰▰▰▰▰▰▰ 4" in first
    assert "".join(character for character in first if character.isdigit()) == "44500000"


async def test_stage_list_card_and_back_to_the_same_page(product: Running) -> None:
    await fill(product, 10, 100)
    mila = await manager(product)
    await mila.say("/pipeline")
    board = await mila.gets("📊 Sales")
    await mila.press("🔵 New · 10", board)
    page = await mila.gets("Page 1 of 2.")
    assert page.id == board.id
    assert "RUB" in page.text or "₽" in page.text
    await mila.press("➡️", page)
    second = await mila.gets("Page 2 of 2.")
    await mila.press("#1 Ivan 0", second)
    card = await mila.gets("#1 · Ivan 0")
    assert card.id == board.id
    await mila.press("🙋 Take", card)
    await mila.press("📊 Board", await mila.gets("You are responsible"))
    back = await mila.gets("Page 2 of 2.")
    assert back.id == board.id
    await mila.press("📊 Board", back)
    await mila.gets("In all: 10")


async def test_filters_whose_period_and_source(product: Running) -> None:
    await fill(product, 2)
    await fill(product, 1, source="website", start=2)
    mila = await manager(product)
    services = product.product.services
    member = await services.members.current(mila.id)
    assert member is not None
    await mila.say("/pipeline")
    board = await mila.gets("In all: 3")
    await mila.press("Mine", board)
    board = await mila.gets("In all: 0")
    assert "• Mine" in board.labels
    await mila.press("Free", board)
    board = await mila.gets("In all: 3")
    await mila.press("📨", board)
    await mila.press("the website", await mila.gets("Leads from where?"))
    board = await mila.gets("In all: 1")
    assert "Free · All the time · the website" in board.text
    await mila.press("📅", board)
    await mila.press("Today", await mila.gets("came in when?"))
    board = await mila.gets("Free · Today · the website")
    assert "In all: 1" in board.text
    await mila.press("🔵 New · 1", board)
    listed = await mila.gets("1 lead")
    await mila.press("#3 Ivan 2", listed)
    await mila.press("📊 Board", await mila.gets("#3 · Ivan 2"))
    back = await mila.gets("1 lead")
    await mila.press("📊 Board", back)
    await mila.gets("Free · Today · the website")


async def test_refresh_edits_in_place(product: Running) -> None:
    mila = await manager(product)
    await mila.say("/pipeline")
    board = await mila.gets("In all: 0")
    await fill(product, 1)
    await mila.press("🔄 Refresh", board)
    assert (await mila.gets("In all: 1")).id == board.id


async def test_partner_sees_only_their_own(product: Running) -> None:
    await fill(product, 2)
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.say("/pipeline")
    await anna.gets("In all: 0")
    await anna.say("Petr +7 999 765-43-21")
    await anna.gets("🧾")
    await anna.say("/pipeline")
    await anna.gets("In all: 1")


async def test_other_pipeline_and_a_stage_that_is_gone(product: Running) -> None:
    services = product.product.services
    mila = await manager(product)
    owner = await services.members.current(1000)
    assert owner is not None
    credit = await services.pipelines_setup.add(owner, "credit")
    await mila.say("/pipeline")
    await mila.press("🔀 Another pipeline", await mila.gets("📊 Sales"))
    await mila.press("Credit brokerage", await mila.gets("Which pipeline?"))
    board = await mila.gets("📊 Credit brokerage")
    await services.stages_setup.remove(owner, credit.stages[1].id)
    query = await mila.press("🟡 Documents · 0", board)
    assert "taken this stage away" in (await mila.answer(query))["text"]
    await services.pipelines_setup.archive(owner, credit.id)
    await mila.press("🔄 Refresh", board)
    await mila.gets("📊 Sales")


@pytest.mark.parametrize("chosen", ["", "zz", "mtffff", "ae" + "f" * 30])
async def test_forged_places_show_a_board_or_say_why_not(product: Running, chosen: str) -> None:
    await fill(product, 1)
    mila = await manager(product)
    await mila.say("/pipeline")
    await mila.gets("In all: 1")
    await press_forged(product, mila, BoardButton(do="show", at="0" * 12, chosen=chosen).pack())
    await mila.gets("📊 Sales")
    answer = await press_forged(product, mila, BoardButton(do="list", at="", chosen=chosen, page=9).pack())
    assert "taken this stage away" in str(answer["text"])
