"""Connections that stand: mended, chosen, heard again, left."""

from collections.abc import AsyncIterator

import pytest

from domain.crm import Problem
from domain.errors import BadInput, CrmAccessLost, NotFound, TooLate
from sandbox.amocrm import AmoSandbox
from sandbox.bitrix24 import Bitrix24Sandbox
from services.connections.settings import account_of, seeded
from storage.db import Database
from tests.clock import MovableClock
from tests.delivery.doors import Doors, open_doors
from tests.delivery.house import House, open_house
from tests.delivery.test_neighbours import neighbour


@pytest.fixture
async def amo(clock: MovableClock) -> AsyncIterator[AmoSandbox]:
    async with AmoSandbox(speed=0, start=clock(), per_second=0) as crm:
        yield crm


@pytest.fixture
async def both(db: Database, clock: MovableClock, amo: AmoSandbox) -> AsyncIterator[Doors]:
    """A house with an EspoCRM, that may call amoCRM too, and its server."""
    allowed = (amo.url.removeprefix("http://"),)
    async with open_house(db, clock, allowed) as house, open_doors(house) as doors:
        await house.connect()
        yield doors


async def test_the_old_key_stays_in_force_until_a_new_one_works(house: House) -> None:
    (view,) = await house.integrations.every(house.owner)
    with pytest.raises(CrmAccessLost):
        await house.changes.change(house.owner, view.id, {"api_key": "stale"})
    await house.send()
    await house.work()
    assert len(house.crm.leads()) == 1
    signed = {"api_key": house.crm.hmac_key, "secret": house.crm.hmac_secret}
    report = await house.changes.change(house.owner, view.id, signed)
    assert report.usable
    (changed,) = await house.integrations.every(house.owner)
    assert (changed.id, changed.way, changed.active) == (view.id, "hmac", True)
    await house.send("Пётр", "+79161234568")
    await house.work()
    assert len(house.crm.leads()) == 2


async def test_one_account_twice_is_refused_and_named(house: House) -> None:
    (view,) = await house.integrations.every(house.owner)
    written = {"url": f"{house.crm.url}/api/v1/", "api_key": "k"}
    with pytest.raises(BadInput) as caught:
        await house.integrations.connect(house.owner, "espocrm", written, another=True)
    assert (caught.value.reason, caught.value.params["integration"]) == ("already_connected", str(view.id))


async def test_the_neighbours_account_is_told_without_a_name(house: House) -> None:
    stranger = await neighbour(house)
    report = await house.integrations.connect(stranger, "espocrm", house.settings, another=True)
    assert Problem("used_elsewhere") in report.problems


async def test_what_is_not_ours_does_not_exist(house: House) -> None:
    (view,) = await house.integrations.every(house.owner)
    stranger = await neighbour(house)
    for attempt in (
        house.integrations.view(stranger, view.id),
        house.integrations.retest(stranger, view.id),
        house.changes.activate(stranger, view.id),
        house.changes.rename(stranger, view.id, "x"),
        house.changes.set_mode(stranger, view.id, "dry_run"),
        house.changes.change(stranger, view.id, {"api_key": "x"}),
        house.changes.remove(stranger, view.id),
        house.changes.by_hand(stranger, view.id),
        house.logins.begin(stranger, "amocrm", {}, integration_id=view.id),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_one_in_use_is_not_removed(house: House) -> None:
    (view,) = await house.integrations.every(house.owner)
    with pytest.raises(TooLate):
        await house.changes.remove(house.owner, view.id)


async def test_a_reserve_that_does_not_work_is_not_made_active(both: Doors, amo: AmoSandbox) -> None:
    house = both.house
    await house.integrations.connect(
        house.owner, "amocrm", {"url": amo.url, "api_key": amo.token}, another=True
    )
    reserve = next(one for one in await house.integrations.every(house.owner) if not one.active)
    amo.fail("key_revoked")
    with pytest.raises(CrmAccessLost):
        await house.changes.activate(house.owner, reserve.id)
    active = await house.integrations.current(house.owner)
    assert active is not None
    assert active.provider == "espocrm"
    amo.heal()
    await house.changes.activate(house.owner, reserve.id)
    assert (len(amo.hooks()), house.crm.hooks()) == (1, [])


async def test_a_hook_that_was_switched_off_is_registered_again_within_a_day(
    both: Doors, amo: AmoSandbox
) -> None:
    house = both.house
    await house.integrations.connect(house.owner, "amocrm", {"url": amo.url, "api_key": amo.token})
    (hook,) = amo.state.hooks.values()
    hook["disabled"] = True
    await house.integrations.check_at_start()
    assert hook["disabled"], "looked at once a day only"
    house.clock.advance(24 * 3600)
    amo.state.clock.advance(24 * 3600)
    await house.integrations.check_at_start()
    assert [one["disabled"] for one in amo.hooks()] == [False]


async def test_espocrm_is_told_to_forget_an_address_that_could_not_be_taken_back(both: Doors) -> None:
    hook = await both.hook("Lead.update")
    both.house.down()
    await both.house.integrations.disconnect(both.house.owner)
    answer = await both.client.post(f"/webhooks/espocrm/{hook.key}", json=[])
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")


async def test_bitrix24s_token_is_learnt_from_the_first_delivery(db: Database, clock: MovableClock) -> None:
    async with (
        Bitrix24Sandbox(speed=0, start=clock()) as crm,
        open_house(db, clock, (crm.url.removeprefix("http://"),)) as house,
        open_doors(house) as doors,
    ):
        keys = {"client_id": crm.keys.client_id, "client_secret": crm.keys.client_secret}
        given = {"url": crm.url, "oauth_url": crm.url, **keys, **crm.tokens()}
        await house.integrations.connect(house.owner, "bitrix24", given)
        crm.create(title="Извне")
        await crm.deliver_now()
        (delivery,) = crm.state.deliveries
        assert delivery.status == 200
        forged = delivery.body.replace(crm.keys.application_token, "another")
        assert forged != delivery.body
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await doors.client.post(delivery.url, content=forged, headers=kind)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("provider", "secret"),
    [
        ("espocrm", {"secret": "s"}),
        ("bitrix24", {"application_token": "s"}),
        ("retailcrm", {"webhook_secret": "s"}),
        ("amocrm", {}),
    ],
)
def test_the_operators_secret_reaches_the_right_setting(provider: str, secret: dict[str, str]) -> None:
    assert seeded(provider, "u", "k", "s") == {"url": "u", "api_key": "k", **secret}


@pytest.mark.parametrize(
    ("provider", "one", "other", "same"),
    [
        ("espocrm", "https://crm.example.com", "http://CRM.example.com:443/#Lead", True),
        ("espocrm", "https://example.com/a", "https://example.com/b", False),
        ("bitrix24", "https://acme.bitrix24.ru", "https://acme.bitrix24.ru/crm/lead/", True),
        ("amocrm", "https://acme.amocrm.ru", "https://acme2.amocrm.ru", False),
    ],
)
def test_an_account_is_known_by_its_address(provider: str, one: str, other: str, same: bool) -> None:
    found = [account_of(provider, {"url": url}) for url in (one, other)]
    assert (found[0] == found[1]) is same
