"""A backlog goes to a CRM at the CRM's own pace: all of it, once each, without one refused request."""

from collections.abc import Mapping
from typing import Any

import pytest

from crm_adapters.pace import Paces
from domain.leads import LeadDraft
from sandbox.amocrm.server import AmoSandbox
from sandbox.bitrix24.server import Bitrix24Sandbox
from sandbox.retailcrm.server import RetailSandbox
from storage.db import Database
from tests.delivery.house import WORKER, House, open_house

PATIENCE = 200
"""Seconds of the CRM's clock within which a backlog must be gone."""


async def backlog(db: Database, crm: Any, provider: str, settings: Mapping[str, str], count: int) -> None:
    """Connect the CRM, write leads down, and work them off on the CRM's clock."""
    host = crm.url.removeprefix("http://")
    async with open_house(db, crm.clock.now, allow=(host,)) as house:
        house.integrations.connections.paces = Paces(crm.clock.now, sleep=crm.clock.sleep)
        report = await house.integrations.connect(house.owner, provider, settings)
        assert report.usable
        for number in range(count):
            draft = LeadDraft(name=f"Имя{number} Фамилия", phones=(f"+7916000{number:04}",))
            await house.leads.create(house.partner, draft)
        await _work_off(house, crm)
        rows = await house.rows("operations")
        assert [row.state for row in rows] == ["done"] * count
        assert {row.attempts for row in rows} == {0}
        assert [row.failures for row in await house.rows("integrations")] == [0]


async def _work_off(house: House, crm: Any) -> None:
    started = crm.clock.now()
    while any(row.state != "done" for row in await house.rows("operations")):
        assert (crm.clock.now() - started).total_seconds() < PATIENCE
        if not await house.crm_sync.work_once(WORKER):
            await crm.clock.sleep(0.5)


def refused(crm: Any) -> list[int]:
    return [one.status for one in crm.requests() if one.status in (403, 429, 503)]


@pytest.mark.parametrize("leg", ["sqlite"], indirect=True)
async def test_forty_leads_at_once_to_retailcrm(db: Database) -> None:
    async with RetailSandbox(speed=8) as crm:
        await backlog(db, crm, "retailcrm", {"url": crm.url, "api_key": crm.api_key}, 40)
        assert len({order["externalId"] for order in crm.records("orders")}) == 40
        assert refused(crm) == []


@pytest.mark.parametrize("leg", ["sqlite"], indirect=True)
async def test_a_backlog_to_amocrm(db: Database) -> None:
    async with AmoSandbox(speed=8) as crm:
        await backlog(db, crm, "amocrm", {"url": crm.url, "api_key": crm.token}, 30)
        assert len(crm.leads()) == 30
        assert refused(crm) == []


@pytest.mark.parametrize("entity", ["lead", "deal"])
@pytest.mark.parametrize("leg", ["sqlite"], indirect=True)
async def test_a_large_backlog_to_bitrix24_goes_in_batches(db: Database, entity: str) -> None:
    async with Bitrix24Sandbox(speed=5, mode=1 if entity == "lead" else 2) as crm:
        settings = {"url": crm.url, "api_key": crm.hook_url, "entity": entity}
        await backlog(db, crm, "bitrix24", settings, 300)
        assert len({record["originId"] for record in crm.records(entity)}) == 300
        assert refused(crm) == []
        assert len(crm.requests()) < 60
