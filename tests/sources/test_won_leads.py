"""What only amoCRM's won leads do: two ways to walk, people asked for apart, leads that move back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from crm_adapters import build_adapter
from crm_adapters.http import CrmHttp
from domain.errors import BadInput, CrmRejected
from domain.transactions import Unreadable, Window
from tests.sources.more_sides import DealsSide
from tests.sources.sides import PHONE, Side
from tests.sources.walks import Walker, latest


@asynccontextmanager
async def opened(filters: bool = False, **more: str) -> AsyncIterator[Side]:
    source = DealsSide(filters=filters)
    async with source, CrmHttp(now=source.now, allow=[source.address]) as http:
        adapter = build_adapter("amocrm", {**source.settings, **more}, {}, http, source.now)
        yield Side("amocrm", source, adapter, http)


def asked(side: Side, path: str) -> int:
    return sum(one.path.startswith(path) for one in side.source.crm.requests())


@pytest.mark.parametrize("filters", [False, True])
async def test_only_won_leads_count_and_only_their_people_are_asked_for(filters: bool) -> None:
    async with opened(filters) as side:
        won = side.source.sell(1800)
        for number in range(5):
            person = side.source.crm.create("contacts", first_name=f"Н{number}")
            side.source.crm.create(
                "leads", name="Новая", price=5, _embedded={"contacts": [{"id": person["id"]}]}
            )
        side.source.later(60)
        found = await Walker(side).purchases()
        assert [name for name, one in found.items() if not one.cancelled] == [won]
        assert (found[won].phone, found[won].description) == (PHONE, "Сделка")
        assert asked(side, "contacts/" if not filters else "contacts") <= 3


async def test_a_lead_that_is_won_back_counts_again() -> None:
    async with opened() as side:
        walker, name = Walker(side), side.source.sell(100)
        states = []
        for status in (142, 43002, 142):
            side.source.crm.change("leads", int(name), status_id=status)
            side.source.later(3600)
            states.append((await walker.purchases())[name].cancelled)
        assert states == [False, True, False]


async def test_own_statuses_that_mean_sold() -> None:
    async with opened(won_statuses="5001:43002") as side:
        lead = side.source.crm.create("leads", name="x", price=10, status_id=43002)
        side.source.later(60)
        found = await Walker(side).purchases()
        assert found[str(lead["id"])].cancelled is False


@pytest.mark.parametrize("given", ["won", "5001;2", "1:2:3"])
async def test_statuses_that_are_none(given: str) -> None:
    with pytest.raises(BadInput):
        async with opened(won_statuses=given):
            pass


async def test_an_old_month_is_found_by_halves() -> None:
    """Without filters the newest come first: 260 leads of today stand before the month."""
    async with opened() as side:
        side.source.crowd()
        end = side.source.now() + timedelta(seconds=1)
        side.source.later(30 * 86_400)
        for number in range(260):
            side.source.crm.create("leads", name=f"N{number}", price=1)
        window, after, found = Window(end - timedelta(days=5), end, True), "", list[Any]()
        while True:
            page = await side.adapter.transactions(window, after)
            found += page.found
            after = page.next
            if not after:
                break
        assert len(latest(found)) == 260
        assert asked(side, "leads") < 20


async def test_the_currency_is_the_account_s_unless_the_business_has_one() -> None:
    for more, currency in (({}, "KZT"), ({"currency": "USD"}, "USD")):
        async with opened(False, **more) as side:
            side.source.crm.state.account["currency"] = "KZT"
            name = side.source.sell(5)
            assert (await side.adapter.read_transaction(name)).amount.currency == currency


async def test_a_phone_that_is_none_and_a_lead_without_people() -> None:
    async with opened() as side:
        names = [
            side.source.sell(5, phone="нет"),
            str(side.source.crm.create("leads", name="x", price=1)["id"]),
        ]
        side.source.crm.change("leads", int(names[1]), status_id=142)
        side.source.later(60)
        found = await Walker(side).purchases()
        assert [found[name].phone for name in names] == ["", ""]
        assert [bool(found[name].customer) for name in names] == [True, False]


async def test_a_source_that_forgets_the_filter() -> None:
    async with opened(filters=True) as side:
        old = side.source.sell(5)
        side.source.later(86_400 * 10)
        side.source.crm.state.tables["leads"][int(old)]["updated_at"] = 5
        side.source.crm.fail("filters_ignored")
        with pytest.raises(CrmRejected) as caught:
            await Walker(side).go()
        assert caught.value.reason == "the source goes back in time"


async def test_a_won_lead_of_the_future() -> None:
    async with opened() as side:
        name = side.source.sell(5)
        side.source.crm.state.tables["leads"][int(name)]["closed_at"] += 86_400 * 30
        read = await side.adapter.read_transaction(name)
        assert isinstance(read, Unreadable)
        assert (read.field, read.problem) == ("happened_at", "future")
