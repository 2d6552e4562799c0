"""Connecting a CRM in the chat, its health, and writes that failed."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from domain.leads import LeadDraft
from sandbox.telegram.person import Person
from tests.product import OWNER, Running, running
from tests.waiting import until


@pytest.fixture
async def bare(database_url: str, redis_url: str) -> AsyncIterator[Running]:
    """The product without a CRM."""
    async with running(database_url, redis_url, crm=False) as started:
        yield started


@pytest.fixture
async def impatient(database_url: str, redis_url: str) -> AsyncIterator[Running]:
    """The product that gives a write up after one retry."""
    async with running(database_url, redis_url, retry_delays="1s") as started:
        yield started


async def owner_of(product: Running) -> Person:
    owner = await product.owner()
    await product.product.services.members.change_language(OWNER, "en")
    return owner


async def test_owner_is_led_through_the_set_up(bare: Running) -> None:
    owner = await bare.telegram.person("Olga", id=OWNER, language="en")
    await bare.product.services.members.change_language(OWNER, "en")
    await owner.start()
    await owner.sees("Hello, Olga!")
    await owner.press("Set up")
    assert (await owner.sees("organization called")).text.startswith("1/3")
    await owner.say("Daisy & Co")
    await owner.press("English")
    await owner.press("EspoCRM")
    await owner.sees("Your organization is set up")
    await owner.sees("How shall I sign in to EspoCRM")
    await owner.press("API key (simplest)")
    await owner.sees("The address of your EspoCRM")
    await owner.say("/cancel")
    await owner.gets("nothing about the CRM has changed")
    await owner.start()
    await owner.gets("Menu")


async def test_connecting_mends_one_answer_at_a_time(bare: Running) -> None:
    owner = await owner_of(bare)
    await owner.say("/crm")
    await owner.press("EspoCRM")
    await owner.press("API key (simplest)")
    await owner.gets("The address of your EspoCRM")
    await owner.say("not an address")
    await owner.gets("not a web address")
    await owner.say(bare.espocrm.url)
    await owner.gets("The API key")
    wrong = await owner.say("wrongkey")
    await owner.gets("EspoCRM: no connection")
    assert wrong.id not in [message.id for message in await owner.messages()]
    await owner.press("Other key")
    await owner.sees("The API key")
    await owner.say(bare.espocrm.api_key)
    await owner.gets("EspoCRM is connected")
    assert bare.espocrm.hooks()
    await owner.press("CRM")
    await owner.gets("It works")


async def test_secret_is_nowhere_in_clear(bare: Running) -> None:
    owner = await owner_of(bare)
    await owner.say("/crm")
    await owner.press("EspoCRM")
    await owner.press("HMAC")
    await owner.gets("The address of your EspoCRM")
    await owner.say(bare.espocrm.url)
    await owner.gets("The API key")
    await owner.say(bare.espocrm.api_key)
    await owner.gets("The secret of the API user")
    async with bare.product.db.reading(system=True) as s:
        kept = (
            await s.execute(text("SELECT data FROM dialogs WHERE chat_id = :chat"), {"chat": OWNER})
        ).scalar()
    assert bare.espocrm.url in str(kept)
    assert bare.espocrm.api_key not in str(kept)


async def test_health_test_again_and_disconnect(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/crm")
    await owner.gets("EspoCRM")
    await owner.press("Test again")
    await owner.gets("EspoCRM is connected")
    await owner.press("CRM")
    product.espocrm.fail("down")
    await owner.press("Test again")
    await owner.gets("EspoCRM: no connection")
    product.espocrm.heal()
    await owner.say("/crm")
    await owner.press("Disconnect")
    await owner.press("Yes, disconnect")
    await owner.gets("The CRM is disconnected")
    await owner.press("CRM")
    await owner.gets("In reserve")


async def test_key_can_be_exchanged(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/crm")
    await owner.press("Settings")
    await owner.gets("Key: kept, hidden")
    await owner.press("Key")
    await owner.gets("The API key of your EspoCRM")
    wrong = await owner.say("stale-key")
    await owner.gets("The old value stays in force")
    assert wrong.id not in [message.id for message in await owner.messages()]
    await owner.press("Test again")
    await owner.gets("EspoCRM is connected")
    await owner.say("/crm")
    await owner.press("Settings")
    await owner.press("Key")
    await owner.gets("The API key of your EspoCRM")
    await owner.say(product.espocrm.api_key)
    await owner.gets("EspoCRM is connected")


async def test_failed_write_is_sent_again_or_dropped(impatient: Running) -> None:
    owner = await owner_of(impatient)
    services = impatient.product.services
    member = await services.members.current(OWNER)
    assert member is not None
    impatient.espocrm.fail("down")
    await services.leads.create(member, LeadDraft(name="Ivan <i>", phones=("+79991234567",)))
    await owner.sees("The CRM did not get it", 30)
    await owner.press("Drop")
    await owner.gets("Give it up?")
    await owner.press("Back")
    await owner.gets("Why: the CRM does not answer")
    impatient.espocrm.heal()
    await owner.press("Send again")
    await until(lambda: len(impatient.espocrm.leads()) == 1)


async def test_partner_may_not_touch_the_crm(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/crm")
    await anna.gets("Your role does not allow this")
