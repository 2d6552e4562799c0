"""Every documented way of signing in to each CRM, walked through in the chat."""

from dataclasses import replace

import pytest

from sandbox.amocrm import AmoSandbox
from sandbox.bitrix24 import Bitrix24Sandbox
from sandbox.retailcrm import RetailSandbox
from tests.chat.crm_people import active, beside, choose, dialog_of, is_in_chat, owner_of
from tests.product import running

SPEED = 200


async def test_espocrm_signed_requests(database_url: str, redis_url: str) -> None:
    async with running(database_url, redis_url, crm=False) as product:
        owner = await owner_of(product)
        await choose(owner, "EspoCRM", "HMAC")
        await owner.gets("The address of your EspoCRM")
        await owner.say(product.espocrm.url)
        await owner.gets("The API key")
        await owner.say(product.espocrm.hmac_key)
        await owner.gets("The secret of the API user")
        secret = await owner.say(product.espocrm.hmac_secret)
        await owner.gets("EspoCRM is connected")
        assert not await is_in_chat(owner, secret.id)
        assert product.espocrm.hooks()
        assert await active(product) == [("espocrm", True)]
        kept = await dialog_of(product)
        assert product.espocrm.url not in kept
        assert "review" not in kept


async def test_bitrix24_by_its_inbound_webhook(database_url: str, redis_url: str) -> None:
    async with (
        Bitrix24Sandbox(speed=SPEED) as crm,
        beside(crm, database_url, redis_url) as product,
    ):
        owner = await owner_of(product)
        await choose(owner, "Bitrix24", "Inbound webhook")
        question = await owner.gets("The address of the inbound webhook")
        assert "Developer resources" in question.text
        wrong = await owner.say("1/no hook")
        await owner.gets("cannot be read")
        assert not await is_in_chat(owner, wrong.id)
        given = await owner.say(crm.hook_url)
        verdict = await owner.gets("Bitrix24 is connected")
        assert "Webhook by hand" in verdict.text
        assert not await is_in_chat(owner, given.id)
        assert crm.keys.code not in str([m.text for m in await owner.messages()])


async def test_a_portal_without_leads_is_offered_deals(database_url: str, redis_url: str) -> None:
    async with (
        Bitrix24Sandbox(speed=SPEED, mode=2) as crm,
        beside(crm, database_url, redis_url) as product,
    ):
        owner = await owner_of(product)
        await choose(owner, "Bitrix24", "Inbound webhook")
        await owner.gets("The address of the inbound webhook")
        await owner.say(crm.hook_url)
        refused = await owner.gets("leads cannot be written yet")
        assert "Leads are switched off" in refused.text
        await owner.press("deal")
        await owner.gets("Bitrix24 is connected")


async def test_a_portal_address_with_the_key_inside_leaves_the_chat(
    database_url: str, redis_url: str
) -> None:
    async with (
        Bitrix24Sandbox(speed=SPEED) as crm,
        beside(crm, database_url, redis_url) as product,
    ):
        owner = await owner_of(product)
        await choose(owner, "Bitrix24", "Local application")
        await owner.gets("The address of your Bitrix24 portal")
        given = await owner.say(crm.hook_url)
        await owner.gets("holds its secret")
        assert not await is_in_chat(owner, given.id)
        assert crm.keys.code not in await dialog_of(product)


async def test_amocrm_by_a_long_lived_token(database_url: str, redis_url: str) -> None:
    async with AmoSandbox(speed=SPEED, per_second=0) as crm, beside(crm, database_url, redis_url) as product:
        owner = await owner_of(product)
        await choose(owner, "amoCRM", "Long-lived token")
        await owner.gets("The address of your amoCRM account")
        await owner.say(f"{crm.url}/leads/pipeline/?skip_filter=Y#top")
        await owner.gets("The long-lived token")
        token = await owner.say(crm.token)
        await owner.gets("amoCRM is connected")
        assert not await is_in_chat(owner, token.id)
        assert crm.hooks()
        for question in ("access_token", "expires_at", "refresh_token"):
            assert question not in str([m.text for m in await owner.messages()])


async def test_retailcrm_asks_which_of_two_shops(database_url: str, redis_url: str) -> None:
    async with RetailSandbox(speed=SPEED) as crm, beside(crm, database_url, redis_url) as product:
        owner = await owner_of(product)
        await choose(owner, "RetailCRM")
        await owner.gets("The address of your RetailCRM")
        await owner.say(crm.url)
        await owner.gets("The API key of your RetailCRM")
        await owner.say(crm.keys.two_sites)
        await owner.gets("The code of the shop")
        await owner.press("Skip")
        await owner.gets("The key sees several shops (main, second)")
        await owner.press("second")
        await owner.gets("RetailCRM is connected")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("key_revoked", "refuses the key"),
        ("html_200", "answered in an unexpected way|does not answer"),
        ("down", "does not answer"),
    ],
)
@pytest.mark.parametrize("leg", ["sqlite"], indirect=True)
async def test_what_keeps_a_crm_from_being_connected_is_told(
    database_url: str, redis_url: str, fault: str, words: str
) -> None:
    async with AmoSandbox(speed=SPEED, per_second=0) as crm, beside(crm, database_url, redis_url) as product:
        owner = await owner_of(product)
        await choose(owner, "amoCRM", "Long-lived token")
        await owner.gets("The address of your amoCRM account")
        await owner.say(crm.url)
        await owner.gets("The long-lived token")
        crm.fail(fault)
        await owner.say(crm.token)
        told = await owner.gets("no connection")
        assert any(one in told.text for one in words.split("|")), told.text
        assert await active(product) == []
        crm.heal()
        await owner.press("Try again")
        await owner.gets("amoCRM is connected")


@pytest.mark.parametrize("leg", ["sqlite"], indirect=True)
async def test_a_missing_right_is_named(database_url: str, redis_url: str) -> None:
    async with RetailSandbox(speed=SPEED) as crm, beside(crm, database_url, redis_url) as product:
        key = crm.state.keys[crm.api_key]
        crm.state.keys[crm.api_key] = replace(key, scopes=key.scopes - {"order_write"})
        owner = await owner_of(product)
        await choose(owner, "RetailCRM")
        await owner.gets("The address of your RetailCRM")
        await owner.say(crm.url)
        await owner.gets("The API key")
        await owner.say(crm.api_key)
        await owner.gets("The code of the shop")
        await owner.press("Skip")
        told = await owner.gets("leads cannot be written yet")
        assert "write on order" in told.text


async def test_a_restart_in_the_middle_keeps_the_dialog(database_url: str, redis_url: str) -> None:
    async with running(database_url, redis_url, crm=False) as product:
        owner = await owner_of(product)
        await choose(owner, "EspoCRM", "API key")
        await owner.gets("The address of your EspoCRM")
        await owner.say(product.espocrm.url)
        await owner.gets("The API key")
        await product.restart()
        await owner.say(product.espocrm.api_key)
        await owner.gets("EspoCRM is connected", 20)
