"""Leads in any chat by the bot's name: only what the asker may see, and nothing personal unless asked for."""

from decimal import Decimal
from typing import Any

from domain.leads import LeadDraft
from domain.members import Member
from sandbox.telegram.person import Person
from tests.product import Running

PHONE = "+79991234567"


async def with_lead(product: Running) -> tuple[Person, Member]:
    mila = await product.member("Mila", "manager", language="en")
    member = await product.product.services.members.current(mila.id)
    assert member is not None
    draft = LeadDraft(name="Ivan <Petrov>", phones=(PHONE,), amount=Decimal(3_000_000), note="owes everybody")
    await product.product.services.leads.create(member, draft, receipt=False)
    return mila, member


def said(result: dict[str, Any]) -> str:
    return str(result["input_message_content"]["message_text"])


async def test_card_has_number_name_and_stage_and_the_phone_only_when_asked(product: Running) -> None:
    mila, _ = await with_lead(product)
    [result] = await mila.inline("petrov")
    assert result["title"] == "#1 Ivan <Petrov>"
    assert "RUB" in result["description"]
    assert said(result) == "<b>#1 · Ivan &lt;Petrov&gt;</b>\n🔵 New"
    [hidden] = await mila.inline("petrov +")
    assert "+7•" in said(hidden)
    assert "123" not in said(hidden)
    [whole] = await mila.inline("petrov ++")
    assert "+7 999 123-45-67" in said(whole)
    assert len({one["id"] for one in (result, hidden, whole)}) == 3


async def test_answer_is_personal_and_kept_shortly(product: Running) -> None:
    mila, _ = await with_lead(product)
    assert await mila.inline("")
    [call] = (await product.telegram.calls("answerInlineQuery"))[-1:]
    params = call["params"]
    assert str(params["is_personal"]).lower() == "true"
    assert int(params["cache_time"]) <= 10


async def test_others_find_nothing_and_strangers_are_shown_the_way_in(product: Running) -> None:
    await with_lead(product)
    anna = await product.member("Anna", "partner", language="en")
    stranger = await product.telegram.person("Zed", language="en")
    for person, words in (
        (anna, "Nothing found. Open the bot"),
        (stranger, "Open the bot to look for leads"),
    ):
        assert await person.inline("petrov") == []
        button = (await product.telegram.calls("answerInlineQuery"))[-1]["params"]["button"]
        assert words in str(button)


async def test_rough_queries_are_answered(product: Running) -> None:
    mila, member = await with_lead(product)
    assert await mila.inline("%") == []
    assert await mila.inline("я" * 250) == []
    assert await mila.inline("petrv")
    for number in range(8):
        draft = LeadDraft(name=f"Person {number}", phones=(f"+7999000000{number}",))
        await product.product.services.leads.create(member, draft, receipt=False)
    assert len(await mila.inline("person")) == 6
    assert str((await product.telegram.calls("answerInlineQuery"))[-1]["params"]["next_offset"]) == "1"
