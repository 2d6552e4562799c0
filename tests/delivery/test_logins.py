"""The address where a CRM's login ends: bound to one member, one CRM, a quarter of an hour, one use."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.errors import BadInput, NotAllowed
from sandbox.amocrm import AmoSandbox
from storage.db import Database
from tests.clock import MovableClock
from tests.delivery.doors import Doors, open_doors
from tests.delivery.house import House, open_house


@pytest.fixture
async def amo(clock: MovableClock) -> AsyncIterator[AmoSandbox]:
    async with AmoSandbox(speed=0, start=clock(), per_second=0) as crm:
        yield crm


@pytest.fixture
async def front(db: Database, clock: MovableClock, amo: AmoSandbox) -> AsyncIterator[Doors]:
    """A house without a CRM that may call amoCRM, and its server."""
    allowed = (amo.url.removeprefix("http://"),)
    async with open_house(db, clock, allowed) as house, open_doors(house) as doors:
        yield doors


async def begin(house: House, crm: AmoSandbox, **changes: str) -> str:
    """The state of a login that has begun."""
    keys = crm.keys
    given = {
        "url": crm.url,
        "client_id": keys.client_id,
        "client_secret": keys.client_secret,
        "redirect_uri": keys.redirect_uri,
    }
    page = await house.logins.begin(house.owner, "amocrm", {**given, **changes})
    return parse_qs(urlsplit(page).query)["state"][0]


async def back(front: Doors, provider: str = "amocrm", **query: str) -> int:
    return (await front.client.get(f"/oauth/{provider}", params=query)).status_code


async def test_a_login_connects_once(front: Doors, amo: AmoSandbox) -> None:
    house, code = front.house, amo.code()
    state = await begin(house, amo)
    assert await back(front, state=state, code=code) == 200
    (view,) = await house.integrations.every(house.owner)
    assert (view.provider, view.active, view.login) == ("amocrm", True, True)
    assert amo.keys.client_secret not in str(view)
    assert await back(front, state=state, code=amo.code()) == 404
    assert await house.told("crm.login") == 1
    assert await house.rows("hooks") == [
        hook for hook in await house.rows("hooks") if hook.provider != "oauth"
    ]


async def test_forged_expired_and_foreign_states_do_nothing(front: Doors, amo: AmoSandbox) -> None:
    house = front.house
    assert await back(front, state="forged", code=amo.code()) == 404
    assert await back(front, code=amo.code()) == 404
    state = await begin(house, amo)
    assert await back(front, "bitrix24", state=state, code=amo.code()) == 404
    state = await begin(house, amo)
    house.clock.advance(16 * 60)
    assert await back(front, state=state, code=amo.code()) == 404
    assert await house.rows("integrations") == []


async def test_another_account_than_the_one_named_is_refused(front: Doors, amo: AmoSandbox) -> None:
    state = await begin(front.house, amo)
    assert await back(front, state=state, code=amo.code(), referer="other.amocrm.ru") == 200
    assert await front.house.rows("integrations") == []
    (notice,) = [one for one in await front.house.rows("notices") if one.kind == "crm.login"]
    assert (notice.params["error"]["field"], notice.params["error"]["reason"]) == ("url", "other_account")


async def test_what_the_login_holds_is_sealed_and_no_webhook(front: Doors, amo: AmoSandbox) -> None:
    state = await begin(front.house, amo)
    (hook,) = [one for one in await front.house.rows("hooks") if one.provider == "oauth"]
    assert amo.keys.client_secret.encode() not in hook.secret
    for provider in ("oauth", "amocrm"):
        answer = await front.client.post(f"/webhooks/{provider}/{state}", data={"a": "b"})
        assert answer.status_code == 404


async def test_only_admins_log_in(front: Doors, amo: AmoSandbox) -> None:
    with pytest.raises(NotAllowed):
        await front.house.logins.begin(front.house.partner, "amocrm", {"url": amo.url})
    with pytest.raises(BadInput) as caught:
        await front.house.logins.begin(front.house.owner, "amocrm", {"url": amo.url, "client_id": "x"})
    assert caught.value.field == "client_secret"


async def test_a_standing_connection_logs_in_again(front: Doors, amo: AmoSandbox) -> None:
    house = front.house
    assert await back(front, state=await begin(house, amo), code=amo.code()) == 200
    (view,) = await house.integrations.every(house.owner)
    (before,) = await house.rows("integrations")
    page = await house.logins.begin(house.owner, "amocrm", {}, integration_id=view.id)
    state = parse_qs(urlsplit(page).query)["state"][0]
    assert await back(front, state=state, code=amo.code()) == 200
    (after,) = await house.rows("integrations")
    assert (after.id, after.active) == (before.id, True)
    assert after.credentials != before.credentials
