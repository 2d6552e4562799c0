"""Logging in to a CRM in the browser, from the chat and back to it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from crm_adapters.bitrix24 import settings
from sandbox.amocrm import AmoSandbox
from sandbox.amocrm.seed import Keys
from sandbox.bitrix24 import Bitrix24Sandbox
from sandbox.telegram.person import Person
from tests.chat.crm_people import active, beside, choose, dialog_of, is_in_chat, owner_of
from tests.product import Running, free_port


def amo(port: int) -> AmoSandbox:
    """An account whose integration sends the browser back to the product on `port`."""
    keys = Keys(redirect_uri=f"http://127.0.0.1:{port}/oauth/amocrm")
    return AmoSandbox(speed=200, per_second=0, keys=keys)


def at(port: int) -> dict[str, Any]:
    return {"http_port": port, "public_url": f"http://127.0.0.1:{port}"}


async def give(owner: Person, crm: AmoSandbox) -> str:
    """Answer the questions of OAuth up to the login; its address."""
    await choose(owner, "amoCRM", "OAuth")
    await owner.gets("The address of your amoCRM account")
    await owner.say(crm.url)
    asked = await owner.gets("The integration's id")
    assert crm.keys.redirect_uri in asked.text
    await owner.say(crm.keys.client_id)
    await owner.gets("secret key")
    secret = await owner.say(crm.keys.client_secret)
    offered = await owner.gets("Now log in to amoCRM")
    assert not await is_in_chat(owner, secret.id)
    return str(next(one.url for one in offered.buttons if one.url))


async def agree(product: Running, page: str) -> httpx.Response:
    """What the browser does: the consent page, and back to us."""
    return await product.http.get(page, follow_redirects=True)


async def test_amocrm_by_a_login_in_the_browser(database_url: str, redis_url: str) -> None:
    port = free_port()
    async with amo(port) as crm, beside(crm, database_url, redis_url, **at(port)) as product:
        owner = await owner_of(product)
        page = await give(owner, crm)
        assert crm.keys.client_secret not in page
        back = await agree(product, page)
        assert (back.status_code, "go back to Telegram" in back.text) == (200, True)
        await owner.sees("amoCRM is connected")
        assert await active(product) == [("amocrm", True)]
        kept = await dialog_of(product)
        assert crm.keys.client_id not in kept
        assert "review" not in kept
        again = await product.http.get(str(back.url))
        assert again.status_code == 404


async def test_a_login_that_was_declined_can_be_tried_again(database_url: str, redis_url: str) -> None:
    port = free_port()
    async with amo(port) as crm, beside(crm, database_url, redis_url, **at(port)) as product:
        owner = await owner_of(product)
        page = await give(owner, crm)
        state = parse_qs(urlsplit(page).query)["state"][0]
        query: Mapping[str, str] = {"state": state, "error": "access_denied"}
        declined = await product.http.get(crm.keys.redirect_uri, params=query)
        assert declined.status_code == 200
        await owner.sees("gave no access")
        await owner.press("Try again")
        offered = await owner.gets("Now log in to amoCRM")
        await agree(product, str(next(one.url for one in offered.buttons if one.url)))
        await owner.sees("amoCRM is connected")


@pytest.mark.parametrize("leg", ["sqlite"], indirect=True)
async def test_the_code_can_be_pasted_by_hand(database_url: str, redis_url: str) -> None:
    port = free_port()
    async with amo(port) as crm, beside(crm, database_url, redis_url, **at(port)) as product:
        owner = await owner_of(product)
        await give(owner, crm)
        await owner.press("Paste the code")
        await owner.gets("Paste the code, or the whole address")
        pasted = await owner.say(f"https://example.com/?code={crm.code()}&state=x")
        await owner.gets("amoCRM is connected")
        assert not await is_in_chat(owner, pasted.id)


@pytest.mark.parametrize("leg", ["sqlite"], indirect=True)
async def test_a_used_code_is_told_and_nothing_is_lost(database_url: str, redis_url: str) -> None:
    port = free_port()
    async with amo(port) as crm, beside(crm, database_url, redis_url, **at(port)) as product:
        owner = await owner_of(product)
        await give(owner, crm)
        await owner.press("Paste the code")
        await owner.gets("Paste the code, or the whole address")
        await owner.say("def5used")
        await owner.gets("no longer accepts the login")
        await owner.press("Application key")
        await owner.gets("secret key")
        await owner.say(crm.keys.client_secret)
        offered = await owner.gets("Now log in to amoCRM")
        await agree(product, str(next(one.url for one in offered.buttons if one.url)))
        await owner.sees("amoCRM is connected")


async def test_bitrix24_as_a_local_application_learns_its_token(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    async with (
        Bitrix24Sandbox() as crm,
        beside(crm, database_url, redis_url, **at(port)) as product,
    ):
        # the vendor's one login server stands at a fixed address outside
        monkeypatch.setattr(settings, "WORLD_OAUTH", crm.url)
        owner = await owner_of(product)
        await choose(owner, "Bitrix24", "Local application")
        await owner.gets("The address of your Bitrix24 portal")
        await owner.say(crm.url)
        await owner.gets("The application's id")
        await owner.say(crm.keys.client_id)
        await owner.gets("The application's key")
        await owner.say(crm.keys.client_secret)
        offered = await owner.gets("Now log in to Bitrix24")
        page = urlsplit(str(next(one.url for one in offered.buttons if one.url)))
        assert page.path == "/oauth/authorize/"
        back = {"code": crm.new_code(), "state": parse_qs(page.query)["state"][0], "domain": page.netloc}
        await product.http.get(f"{product.url}/oauth/bitrix24", params=back)
        await owner.sees("Bitrix24 is connected")
        assert len(crm.handlers()) == 3
        crm.create(title="Извне")
        await crm.deliver_now()
        assert [one.status for one in crm.state.deliveries] == [200]
