"""What admins and CRMs get wrong, with every CRM: told by a class of error, and no lead lost or doubled."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from domain.delivery import Delivery
from domain.errors import CrmAccessLost, CrmMisconfigured, VoronkaError
from services.mapping.mappings import Mappings
from storage.db import Database
from storage.hooks_in import hooks
from tests.clock import MovableClock
from tests.crm_adapters.amo import AmoStandIn
from tests.crm_adapters.bitrix import BitrixStandIn
from tests.crm_adapters.retail import RetailStandIn
from tests.crm_adapters.stand_ins import NATIVE_ID, EspoStandIn
from tests.delivery.doors import open_doors
from tests.delivery.house import House, open_house
from tests.delivery.test_neighbours import neighbour

CRMS: dict[str, Callable[[], Any]] = {
    "espocrm": lambda: EspoStandIn("10.0.0", signed=False),
    "bitrix24": BitrixStandIn,
    "amocrm": AmoStandIn,
    "retailcrm": RetailStandIn,
}


@dataclass(frozen=True, slots=True)
class Desk:
    """A house and one of the CRMs, not connected yet."""

    house: House
    crm: Any
    provider: str

    async def connect(self) -> None:
        report = await self.house.integrations.connect(self.house.owner, self.provider, self.crm.settings)
        assert report.usable, report

    async def errors(self) -> set[str]:
        return {row.error for row in await self.house.rows("operations") if row.error}

    def ours(self) -> int:
        return len(self.crm.leads())


@pytest.fixture(params=CRMS)
async def desk(request: pytest.FixtureRequest, db: Database, clock: MovableClock) -> AsyncIterator[Desk]:
    async with CRMS[request.param]() as crm, open_house(db, clock, (crm.address,)) as house:
        house.integrations.subscriptions.public_url = ""
        yield Desk(house, crm, request.param)


async def refusal(desk: Desk, settings: Mapping[str, str]) -> str:
    """Why a connection is not kept: the code of an error, or of a problem."""
    try:
        report = await desk.house.integrations.connect(desk.house.owner, desk.provider, settings)
    except VoronkaError as error:
        return error.code
    return next(problem.code for problem in report.problems if problem.fatal)


async def test_a_key_that_opens_nothing_is_told_and_not_kept(desk: Desk) -> None:
    desk.crm.revoke_key()
    assert await refusal(desk, desk.crm.settings) in ("crm_access_lost", "unauthorized", "key_refused")
    assert await desk.house.rows("integrations") == []


async def test_an_address_that_is_none_is_told_by_its_field(desk: Desk) -> None:
    if desk.provider == "bitrix24":
        pytest.skip("the inbound webhook's address, which is the key, names the portal")
    for address in ("", "not an address", "ftp://crm.example", "https://127.0.0.1:1@evil"):
        assert await refusal(desk, {**desk.crm.settings, "url": address}), address
    assert await desk.house.rows("integrations") == []


async def test_a_key_revoked_while_leads_wait_stops_it_and_nothing_is_lost(desk: Desk) -> None:
    await desk.connect()
    desk.crm.revoke_key()
    first = await desk.house.send()
    await desk.house.work()
    asked = desk.crm.requests()
    second = await desk.house.send("Пётр", "+79161234568")
    assert await desk.house.work() == 0
    assert desk.crm.requests() == asked, "a refused key is not shown again"
    for lead_id in (first, second):
        state = await desk.house.state(lead_id)
        assert (state.state, state.error) == (Delivery.STUCK, CrmAccessLost.code)
    assert await desk.house.told("crm.failed") == 1
    desk.crm.heal()
    desk.house.clock.advance(61)
    await desk.connect()
    await desk.house.work()
    assert desk.ours() == 2
    assert {row.state for row in await desk.house.rows("operations")} == {"done"}


async def test_a_field_taken_away_while_in_use_doubles_nothing(desk: Desk) -> None:
    """Our id has no place any more: what was written before is still found, by its link or its contact."""
    if desk.provider in NATIVE_ID:
        pytest.skip("our id has a place in every record")
    await desk.connect()
    await desk.house.send()
    await desk.house.work()
    assert desk.ours() == 1
    desk.house.clock.advance(3600)
    desk.crm.hide_our_id()
    second = await desk.house.send("Пётр", "+79161234568")
    await desk.house.work()
    told = await desk.errors()
    desk.crm.heal()
    desk.house.clock.advance(61)
    await desk.connect()
    await desk.house.outbox.retry_now(desk.house.owner, second)
    await desk.house.work()
    assert desk.ours() == 2, told
    assert {row.state for row in await desk.house.rows("operations")} == {"done"}


async def test_a_page_instead_of_an_answer_is_an_outage_and_loses_nothing(desk: Desk) -> None:
    await desk.connect()
    desk.crm.show_a_page()
    lead_id = await desk.house.send()
    await desk.house.work()
    state = await desk.house.state(lead_id)
    assert (state.state, state.error) == (Delivery.STUCK, "crm_unavailable")
    desk.crm.heal()
    await desk.house.outbox.retry_now(desk.house.owner, lead_id)
    await desk.house.work()
    assert desk.ours() == 1


async def test_a_record_of_another_organization_named_at_our_hook_is_nobodys(desk: Desk) -> None:
    """Two organizations with one account: each hears of its own leads only, whatever a delivery names."""
    await desk.connect()
    lead_id = await desk.house.send()
    await desk.house.work()
    (link,) = [row for row in await desk.house.rows("links") if row.entity == "lead"]
    stranger = await neighbour(desk.house)
    report = await desk.house.integrations.connect(stranger, desk.provider, desk.crm.settings)
    assert "used_elsewhere" in [problem.code for problem in report.problems]
    theirs = await desk.house.integrations.current(stranger)
    assert theirs is not None
    result = await desk.house.crm_sync.apply_remote(stranger.organization_id, theirs.id, link.external_id)
    assert result.value == "ignored"
    assert (await desk.house.leads.get(desk.house.owner, lead_id)).stage.key == "new"


async def test_a_hook_of_one_crm_takes_no_delivery_of_another(desk: Desk) -> None:
    async with open_doors(desk.house) as doors:
        await desk.connect()
        async with desk.house.db.reading(system=True) as session:
            (integration,) = await desk.house.rows("integrations")
            found = await hooks.of_integration(
                session.scoped(desk.house.organization_id, system=False), integration.id
            )
        keys = [hook.key for hook in found]
        for other in set(CRMS) - {desk.provider}:
            answer = await doors.client.post(f"/webhooks/{other}/{keys[0]}", json=[])
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await desk.house.rows("inbox") == []


WRONG_STAGE = {"bitrix24": "NO_SUCH", "espocrm": "No such", "amocrm": "99999999", "retailcrm": "no-such"}


async def test_an_option_that_the_crm_does_not_have_waits_for_a_mended_mapping(desk: Desk) -> None:
    await desk.connect()
    house = desk.house
    mappings = Mappings(house.db, house.clock, house.signals, house.integrations)
    await mappings.set_option(house.owner, "stage", "new", WRONG_STAGE[desk.provider])
    lead_id = await house.send()
    await house.work()
    assert desk.ours() == 0
    state = await house.state(lead_id)
    assert (state.state, state.error) == (Delivery.STUCK, CrmMisconfigured.code)
    (operation,) = await house.rows("operations")
    assert WRONG_STAGE[desk.provider] in operation.error_reason
    assert await house.told("crm.failed") == 1
    await mappings.undo(house.owner)
    house.clock.advance(61)
    await house.work()
    assert desk.ours() == 1
    assert {row.state for row in await house.rows("operations")} == {"done"}
