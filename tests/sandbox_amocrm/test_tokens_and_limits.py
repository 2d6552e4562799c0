"""Tokens that are used up, seven requests a second, and the shut-out of those who go on."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sandbox.amocrm import AmoSandbox


@pytest.fixture
async def crm() -> AsyncIterator[AmoSandbox]:
    """Its clock stands still."""
    async with AmoSandbox(speed=0) as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as running:
        yield running


async def exchange(crm: AmoSandbox, client: httpx.AsyncClient, **given: str) -> httpx.Response:
    keys = crm.keys
    body = {
        "client_id": keys.client_id,
        "client_secret": keys.client_secret,
        "redirect_uri": keys.redirect_uri,
    }
    return await client.post(f"{crm.url}/oauth2/access_token", json={**body, **given})


async def status(crm: AmoSandbox, client: httpx.AsyncClient, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return (await client.get(f"{crm.url}/api/v4/account", headers=headers)).status_code


async def test_the_consent_brings_a_code_for_a_pair(crm: AmoSandbox, client: httpx.AsyncClient) -> None:
    query = {"client_id": crm.keys.client_id, "state": "s1", "mode": "popup"}
    back = (await client.get(f"{crm.url}/oauth", params=query)).headers["location"]
    shown = parse_qs(urlsplit(back).query)
    assert back.startswith(crm.keys.redirect_uri)
    assert (shown["state"], shown["platform"]) == (["s1"], ["1"])
    answer = await exchange(crm, client, grant_type="authorization_code", code=shown["code"][0])
    pair = answer.json()
    assert (pair["token_type"], pair["expires_in"]) == ("Bearer", 86400)
    assert await status(crm, client, pair["access_token"]) == 200
    again = await exchange(crm, client, grant_type="authorization_code", code=shown["code"][0])
    assert (again.status_code, again.headers["content-type"]) == (400, "application/problem+json")


async def test_tokens_are_long_and_tell_whose_they_are(crm: AmoSandbox) -> None:
    assert len(crm.token) > 1000
    middle = crm.token.split(".")[1]
    claims: Any = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    assert claims["account_id"] == crm.state.account["id"]


async def test_a_refresh_token_works_once(crm: AmoSandbox, client: httpx.AsyncClient) -> None:
    pair = crm.pair()
    first = await exchange(crm, client, grant_type="refresh_token", refresh_token=pair["refresh_token"])
    second = await exchange(crm, client, grant_type="refresh_token", refresh_token=pair["refresh_token"])
    assert (first.status_code, second.status_code) == (200, 400)
    assert "revoked" in second.json()["hint"]
    assert first.json()["refresh_token"] != pair["refresh_token"]


@pytest.mark.parametrize(
    ("given", "hours"),
    [
        ({"redirect_uri": "https://other.example"}, 0),
        ({"client_secret": "x"}, 0),
        ({"grant_type": "password"}, 0),
        ({}, 24 * 92),
    ],
)
async def test_a_refused_refresh(
    crm: AmoSandbox, client: httpx.AsyncClient, given: dict[str, str], hours: int
) -> None:
    token = crm.pair()["refresh_token"]
    crm.clock.advance(hours * 3600)
    body = {"grant_type": "refresh_token", "refresh_token": token, **given}
    assert (await exchange(crm, client, **body)).status_code == 400


async def test_an_access_token_ends_after_a_day(crm: AmoSandbox, client: httpx.AsyncClient) -> None:
    token = crm.pair()["access_token"]
    crm.clock.advance(86_399)
    assert await status(crm, client, token) == 200
    crm.clock.advance(2)
    assert await status(crm, client, token) == 401
    assert await status(crm, client, crm.token) == 200


async def test_where_the_account_lives_now(crm: AmoSandbox, client: httpx.AsyncClient) -> None:
    url = f"{crm.url}/oauth2/account/current/subdomain"
    answer = await client.get(url, headers={"X-Refresh-Token": crm.pair()["refresh_token"]})
    assert answer.json()["domain"] == "acme.amocrm.ru"
    assert (await client.get(url)).status_code == 401


async def test_seven_requests_a_second(crm: AmoSandbox, client: httpx.AsyncClient) -> None:
    assert [await status(crm, client, crm.token) for _ in range(9)] == [200] * 7 + [429] * 2
    crm.clock.advance(1.01)
    assert await status(crm, client, crm.token) == 200


async def test_who_goes_on_is_shut_out(crm: AmoSandbox, client: httpx.AsyncClient) -> None:
    seen = [await status(crm, client, crm.token) for _ in range(30)]
    assert (seen[6], seen[7], seen[-1]) == (200, 429, 403)
    crm.clock.advance(60)
    assert await status(crm, client, crm.token) == 403
    crm.clock.advance(300)
    assert await status(crm, client, crm.token) == 200
