"""Announcements: to a role, previewed with the count, sent once, their delivery counted."""

import asyncio
from uuid import UUID

import pytest

from domain.errors import NotFound
from tests.chat.taps import english_owner, has, tap
from tests.product import OWNER, Running


async def test_an_announcement_reaches_its_role_alone_and_is_counted(product: Running) -> None:
    owner = await english_owner(product)
    anna, boris = [await product.member(name, "partner", language="en") for name in ("Anna", "Boris")]
    mila = await product.member("Mila", "manager", language="en")
    for person in (anna, boris, mila):
        await person.start()
        await person.gets("Menu")
    await boris.block()
    await owner.say("/announce")
    await owner.press("Partner", await owner.gets("To whom"))
    await owner.gets("What shall it say?")
    await owner.say("We <b>work</b> on Saturday & Sunday")
    preview = await owner.gets("2 people get it")
    assert "bot is blocked: 1" in preview.text
    assert "We <b>work</b> on Saturday & Sunday" in preview.text
    first, second = await asyncio.gather(*(tap(owner, "ann:send", preview) for _ in range(2)))
    assert first != second
    await owner.sees("Delivered: 1 of 2")
    await owner.sees("Not reached: 1")
    await anna.sees("We <b>work</b> on Saturday")
    said = [one for one in await anna.messages() if "Saturday" in one.text]
    assert len(said) == 1
    assert not [one for one in await mila.messages() if "Saturday" in one.text]


async def test_what_cannot_be_sent_is_refused_with_the_reason(product: Running) -> None:
    owner = await english_owner(product)
    await owner.say("/announce")
    await owner.press("Franchisee", await owner.gets("To whom"))
    await owner.gets("What shall it say?")
    await owner.say("x" * 3001)
    await owner.gets("at most 3000")
    await owner.send_sticker()
    await owner.gets("I can only read text here")
    await owner.say("Hello")
    await owner.gets("nobody")
    await owner.say("/cancel")
    await owner.gets("Nothing was sent")


async def test_a_draft_is_thrown_away_and_its_old_button_sends_nothing(product: Running) -> None:
    owner = await english_owner(product)
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await owner.say("/announce")
    await owner.press("Everybody", await owner.gets("To whom"))
    await owner.gets("What shall it say?")
    await owner.say("Never mind")
    preview = await owner.gets("1 person gets it")
    data = next(button.data for button in preview.buttons if (button.data or "").startswith("ann:send"))
    await tap(owner, "ann:drop", preview)
    await owner.gets("Nothing was sent")
    boss = await product.product.services.members.current(OWNER)
    assert boss is not None
    with pytest.raises(NotFound):
        await product.product.services.announcements.send(boss, UUID(str(data).split(":")[2]))
    assert not [one for one in await anna.messages() if "Never mind" in one.text]
    assert has(preview, "ann:send")
