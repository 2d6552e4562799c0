"""Each source through the product's own reading: connected, read whole, read on, nothing written twice."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from crm_adapters.http import CrmHttp
from domain.errors import WebhookRefused
from sandbox.iiko.orders import item
from services.connections.settings import account_of, read_settings
from storage.db import Database
from tests.sources.every import SOURCES
from tests.sources.sides import OWN, IikoSide, SourceStandIn, YclientsSide
from tests.transactions.shop import Shop, Till, open_shop


@pytest.mark.parametrize("provider", SOURCES)
async def test_purchases_become_rows_and_stay_the_same_rows(db: Database, provider: str) -> None:
    make = next(iter(SOURCES[provider].values()))
    async with (
        make() as source,
        CrmHttp(now=source.now, time_limit=10.0, allow=[source.address]) as http,
        open_shop(db, source.now, Till()) as shop,
    ):
        shop.integrations.connections.http = http
        kept, given_back = source.sell(1800), source.sell(500)
        source.later(60)
        given = {name: value for name, value in source.settings.items() if name not in OWN}
        report, connected = await shop.sources.connect(shop.owner, provider, given, months=1)
        assert connected is not None
        assert report.account == source.account
        assert await shop.read(connected) == "done"
        before = {row.external_id: row for row in await shop.rows("transactions")}
        assert {name: before[name].amount for name in before} == {kept: 1800, given_back: 500}

        source.later(3600)
        source.edit(kept, 2000)
        source.cancel(given_back)
        new = source.sell(70)
        source.later(1)
        assert await shop.read(connected) == "done"
        after = {row.external_id: row for row in await shop.rows("transactions")}
        assert {name: (row.amount, row.cancelled) for name, row in after.items() if name != given_back} == {
            kept: (2000, False),
            new: (70, False),
        }
        assert after[given_back].cancelled
        assert {after[name].id for name in before} == {row.id for row in before.values()}

        source.later(60)
        assert await shop.read(connected) == "done"
        assert {row.external_id: row for row in await shop.rows("transactions")} == after


def test_where_the_business_is_outlives_a_change_of_the_key() -> None:
    kept = read_settings("iiko", {"api_login": "a1b2c3d4", "zone": "Asia/Kamchatka", "currency": "KZT"})
    mended = read_settings("iiko", {**kept, "api_login": "other-login"})
    assert (mended["zone"], mended["currency"]) == ("Asia/Kamchatka", "KZT")
    assert mended["account"] != kept["account"]
    assert account_of("iiko", kept) == account_of("iiko", {**kept, "zone": "Europe/Moscow"})
    assert account_of("iiko", kept) != account_of("iiko", mended)


def told_by_iiko(source: Any, _url: str) -> tuple[Mapping[str, str], bytes]:
    """An order of the hall, which no walk finds: closed, and told of with our token."""
    order = source.crm.order(hall=True, items=[item("Рамен", 300)], phone="+79990001122")
    source.crm.change(order, status="Closed")
    (outgoing,) = source.crm.state.outgoing
    source.crm.state.outgoing.clear()
    return {"authorization": outgoing.token}, json.dumps(outgoing.events).encode()


def told_by_yclients(source: Any, url: str) -> tuple[Mapping[str, str], bytes]:
    """What the cash book says of a visit just paid."""
    source.crm.set_webhook(url)
    source.sell(300)
    told = [one.body for one in source.crm.state.outgoing if one.body["resource"] == "finances_operation"]
    source.crm.state.outgoing.clear()
    return {}, json.dumps(told[0]).encode()


@pytest.mark.parametrize(
    ("provider", "make", "told"),
    [("iiko", IikoSide, told_by_iiko), ("yclients", YclientsSide, told_by_yclients)],
)
async def test_a_webhook_brings_a_purchase_at_once(db: Database, provider: str, make: Any, told: Any) -> None:
    async with (
        make() as source,
        CrmHttp(now=source.now, time_limit=10.0, allow=[source.address]) as http,
        open_shop(db, source.now, Till()) as shop,
    ):
        shop.integrations.connections.http = http
        key = await _connected(shop, provider, source)
        headers, body = told(source, f"http://127.0.0.1:9/webhooks/{provider}/{key}")
        await shop.intake.receive(provider, key, headers, body)
        await shop.intake.receive(provider, key, headers, body)
        await shop.inbox.work_once()
        (row,) = await shop.rows("transactions")
        assert (row.amount, row.cancelled, row.phone) == (300, False, "+79990001122")
        with pytest.raises(WebhookRefused):
            await shop.intake.receive(provider, key, {"authorization": "x"}, b'{"company_id": 5}')


async def _connected(shop: Shop, provider: str, source: SourceStandIn) -> str:
    """Connect it; the key of its address for webhooks."""
    given = {name: value for name, value in source.settings.items() if name not in OWN}
    _report, connected = await shop.sources.connect(shop.owner, provider, given)
    assert connected is not None
    await shop.read(connected)
    (hook,) = await shop.rows("hooks")
    return str(hook.key)
