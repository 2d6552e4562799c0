"""Several connections side by side: one active, each with its card."""

import pytest

from domain.leads import LeadDraft
from sandbox.amocrm import AmoSandbox
from sandbox.retailcrm import RetailSandbox
from sandbox.telegram.person import Person
from tests.chat.crm_people import active, beside, is_in_chat, owner_of
from tests.product import OWNER, Running, running
from tests.waiting import until


async def add_amocrm(owner: Person, crm: AmoSandbox) -> None:
    await owner.say("/crm")
    await owner.press("Connect another")
    await owner.gets("One more CRM")
    await owner.press("amoCRM")
    await owner.press("Long-lived token")
    await owner.gets("The address of your amoCRM account")
    await owner.say(crm.url)
    await owner.gets("The long-lived token")
    await owner.say(crm.token)
    await owner.gets("amoCRM is connected")


async def test_another_crm_waits_until_it_is_made_active(database_url: str, redis_url: str) -> None:
    async with (
        AmoSandbox(speed=200, per_second=0) as crm,
        beside(crm, database_url, redis_url, espocrm=True) as product,
    ):
        owner = await owner_of(product)
        await add_amocrm(owner, crm)
        assert await active(product) == [("espocrm", True), ("amocrm", False)]
        assert crm.hooks() == []
        product.espocrm.fail("down")
        await send(product)
        await owner.say("/crm")
        listed = await owner.gets("CRM connections")
        assert "in reserve" in listed.text
        await owner.press("amoCRM")
        await owner.gets("leads do not go here")
        await owner.press("Make active")
        warned = await owner.gets("Make amoCRM active?")
        assert "still waits for EspoCRM" in warned.text
        assert any("Move with all leads" in label for label in warned.labels)
        await owner.press("Yes, make active")
        await owner.gets("amoCRM is connected")
        assert await active(product) == [("amocrm", True), ("espocrm", False)]
        assert crm.hooks()
        await send(product, "+79161112233")
        await until(lambda: len(crm.leads()) == 1, seconds=20)


async def send(product: Running, phone: str = "+79991234567") -> None:
    services = product.product.services
    member = await services.members.current(OWNER)
    assert member is not None
    await services.leads.create(member, LeadDraft(name="Ivan", phones=(phone,)))


async def test_one_account_is_not_connected_twice(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/crm")
    await owner.press("Connect another")
    await owner.press("EspoCRM")
    await owner.press("API key (simplest)")
    await owner.gets("The address of your EspoCRM")
    await owner.say(f"{product.espocrm.url}/#Lead/list")
    await owner.gets("connected already")
    await owner.press("Open the one that stands")
    await owner.gets("It works")
    assert len(await active(product)) == 1


async def test_name_disconnect_and_remove(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/crm")
    await owner.press("Settings")
    await owner.press("Name")
    await owner.gets("What shall this connection be called?")
    await owner.say("Moscow <1>")
    await owner.gets("EspoCRM · Moscow <1>")
    await owner.press("Disconnect")
    await owner.press("Yes, disconnect")
    await owner.gets("The CRM is disconnected")
    assert product.espocrm.hooks() == []
    await owner.press("CRM")
    await owner.press("Remove")
    await owner.gets("for good?")
    await owner.press("Yes, remove")
    await owner.gets("is removed")
    assert await active(product) == []


async def test_a_trial_run_is_confirmed_and_ended(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/crm")
    await owner.press("Trial run")
    await owner.gets("write nothing")
    await owner.press("Yes, trial run")
    await owner.gets("nothing is written to the CRM")
    await send(product)
    await owner.press("Switch to live")
    await owner.gets("really written")
    await owner.press("Yes, live")
    await owner.gets("It works")
    assert product.espocrm.leads() == []


async def test_an_old_button_acts_on_the_active_connection(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/crm")
    card = await owner.gets("EspoCRM")
    gone = card.buttons[0].data
    assert gone is not None
    services = product.product.services
    member = await services.members.current(OWNER)
    assert member is not None
    (view,) = await services.integrations.every(member)
    await services.integrations.disconnect(member)
    await services.connection_changes.remove(member, view.id)
    await owner.press("Test again")
    await owner.gets("Choose yours")


@pytest.mark.parametrize("leg", ["sqlite"], indirect=True)
async def test_a_trigger_of_retailcrm_is_registered_by_hand(database_url: str, redis_url: str) -> None:
    async with RetailSandbox(speed=200) as crm, beside(crm, database_url, redis_url) as product:
        owner = await owner_of(product)
        services = product.product.services
        member = await services.members.current(OWNER)
        assert member is not None
        await services.integrations.connect(member, "retailcrm", {"url": crm.url, "api_key": crm.api_key})
        await owner.say("/crm")
        await owner.gets("press “Webhook by hand”")
        await owner.press("Webhook by hand")
        shown = await owner.gets("Triggers")
        url = next(word for word in shown.text.split() if "/webhooks/retailcrm/" in word)
        pressed = await owner.press("Check")
        assert "Nothing has arrived" in (await owner.answer(pressed))["text"]
        await owner.press("Agree on a secret word")
        await owner.gets("A word of your own")
        word = await owner.say("AbCdEfGh12345678")
        await owner.gets("RetailCRM is connected")
        assert not await is_in_chat(owner, word.id)
        crm.add_trigger("order.created", url, params={"id": "{{ order.id }}"})
        crm.create_order(firstName="Анна")
        await crm.deliver_now()
        assert [one.status for one in crm.state.deliveries] == [403]
        crm.state.triggers.clear()
        crm.add_trigger("order.created", url, params={"id": "{{ order.id }}", "secret": "AbCdEfGh12345678"})
        crm.create_order(firstName="Пётр")
        await crm.deliver_now()
        assert [one.status for one in crm.state.deliveries] == [403, 200]
        await owner.say("/crm")
        await owner.press("Webhook by hand")
        await owner.press("Check")
        await owner.gets("The CRM last told me of a change")


@pytest.mark.parametrize("leg", ["sqlite"], indirect=True)
async def test_the_alert_of_an_outage_leads_to_settings(database_url: str, redis_url: str) -> None:
    async with running(database_url, redis_url) as product:
        owner = await owner_of(product)
        product.espocrm.fail("down")
        for number in range(4):
            await send(product, f"+7999000000{number}")
        await owner.sees("EspoCRM does not work", 40)
        await owner.press("Settings")
        await owner.gets("Settings of EspoCRM")
