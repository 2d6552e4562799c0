"""What every adapter promises about webhooks: registered once, proved, understood."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from crm_adapters import PROVIDERS
from domain.crm import CrmEventKind
from domain.errors import (
    BadInput,
    CrmUnsupported,
    WebhookRefused,
)
from tests.crm_adapters.stand_ins import STAGES, Side, lead


@asynccontextmanager
async def mailbox() -> AsyncIterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A receiver on 127.0.0.1 that answers 200 and keeps headers and raw body."""
    got: list[tuple[dict[str, str], bytes]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        pairs = (line.split(":", 1) for line in head.split("\r\n")[1:] if ":" in line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        got.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", got


async def test_a_change_there_is_told_signed_and_understood(side: Side) -> None:
    provider = PROVIDERS[side.provider]
    ref = await side.adapter.create_lead(lead())
    async with mailbox() as (url, got):
        kinds = {}
        for event in provider.manifest.webhook_events:
            subscription = await side.adapter.subscribe(event, f"{url}/{event}")
            kinds[subscription.external_id] = (event, subscription.secret)
        side.crm.set_status(ref.id, side.adapter.stage_status("qualified", "qualified"))
        other = side.crm.create_lead("Сафин")
        side.crm.delete_lead(ref.id)
        await side.crm.deliver()
    seen = set()
    for headers, body in got:
        for hook, (event, secret) in kinds.items():
            try:
                provider.verify(headers, body, hook, secret)
            except WebhookRefused:
                continue
            seen |= {(item.kind, item.external_id) for item in provider.parse(event, body)}
    assert seen == {
        (CrmEventKind.LEAD_CHANGED, ref.id),
        (CrmEventKind.LEAD_CREATED, other),
        (CrmEventKind.LEAD_DELETED, ref.id),
    }


async def test_a_delivery_tampered_with_or_meant_for_another_is_refused(side: Side) -> None:
    provider = PROVIDERS[side.provider]
    event = provider.manifest.webhook_events[0]
    ref = await side.adapter.create_lead(lead())
    async with mailbox() as (url, got):
        mine = await side.adapter.subscribe(event, f"{url}/mine")
        side.crm.set_status(ref.id, side.adapter.stage_status("qualified", "qualified"))
        side.crm.delete_lead(side.crm.create_lead("Сафин"))
        await side.crm.deliver()
    headers, body = got[0]
    provider.verify(headers, body, mine.external_id, mine.secret)
    forgeries: tuple[tuple[dict[str, str], bytes, str, str], ...] = (
        (headers, body + b" ", mine.external_id, mine.secret),
        (headers, body, "another", mine.secret),
        (headers, body, mine.external_id, "another"),
        (headers, body, mine.external_id, ""),
        ({}, body, mine.external_id, mine.secret),
    )
    for forgery in forgeries:
        with pytest.raises(WebhookRefused):
            provider.verify(*forgery)


async def test_our_own_changes_are_not_told(side: Side) -> None:
    async with mailbox() as (url, got):
        for event in PROVIDERS[side.provider].manifest.webhook_events:
            await side.adapter.subscribe(event, f"{url}/{event}")
        ref = await side.adapter.create_lead(lead())
        await side.adapter.update_lead(ref.id, lead(stage=STAGES["call"]), frozenset({"stage"}))
        await side.crm.deliver()
    assert got == []


async def test_subscribing_twice_is_one_registration(side: Side) -> None:
    event = PROVIDERS[side.provider].manifest.webhook_events[0]
    url = "http://127.0.0.1:9/hook"
    first = await side.adapter.subscribe(event, url)
    second = await side.adapter.subscribe(event, url)
    assert side.crm.registrations() == [(event, url)]
    assert second.secret
    assert (second.event, second.url) == (event, url)
    for external_id in (second.external_id, second.external_id, first.external_id):
        await side.adapter.unsubscribe(external_id)
    assert side.crm.registrations() == []


async def test_an_event_that_does_not_exist(side: Side) -> None:
    with pytest.raises(CrmUnsupported):
        await side.adapter.subscribe("Lead.explode", "http://127.0.0.1:9/hook")
    assert side.crm.registrations() == []


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"[1]", b'[{"id": 5}]', b"[null]"])
def test_a_body_that_is_no_delivery(name: str, body: bytes) -> None:
    provider = PROVIDERS[name]
    with pytest.raises(BadInput) as caught:
        provider.parse(provider.manifest.webhook_events[0], body)
    assert caught.value.field == "body"
