"""What every adapter promises about webhooks: registered once, proved, understood."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from crm_adapters import PROVIDERS, base
from domain.crm import CrmEventKind
from domain.errors import (
    BadInput,
    CrmUnsupported,
    WebhookRefused,
)
from tests.crm_adapters.stand_ins import STAGES, Side, lead

# Who tells our own changes too: the product knows them by reading the record back.
TELL_OWN_CHANGES = {"bitrix24", "amocrm", "twenty"}
# Nothing but the account can be compared: a body is believed after reading the record back alone.
UNSIGNED = {"amocrm"}


@pytest.fixture
def hooked(side: Side) -> Side:
    """A side whose adapter registers webhooks itself."""
    if not isinstance(side.adapter, base.Webhooks):
        pytest.skip("registers no webhooks by API")
    return side


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


async def test_a_change_there_is_told_signed_and_understood(hooked: Side) -> None:
    provider = PROVIDERS[hooked.provider]
    ref = await hooked.adapter.create_lead(lead())
    async with mailbox() as (url, got):
        kinds = {}
        for event in provider.manifest.webhook_events:
            subscription = await hooked.adapter.subscribe(event, f"{url}/{event}")
            kinds[subscription.external_id] = (event, subscription.secret)
        hooked.crm.set_status(ref.id, hooked.adapter.stage_status("qualified", "qualified"))
        other = hooked.crm.create_lead("Сафин")
        hooked.crm.delete_lead(ref.id)
        await hooked.crm.deliver()
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


async def test_a_delivery_tampered_with_or_meant_for_another_is_refused(hooked: Side) -> None:
    provider = PROVIDERS[hooked.provider]
    event = provider.manifest.webhook_events[0]
    ref = await hooked.adapter.create_lead(lead())
    async with mailbox() as (url, got):
        mine = await hooked.adapter.subscribe(event, f"{url}/mine")
        hooked.crm.set_status(ref.id, hooked.adapter.stage_status("qualified", "qualified"))
        hooked.crm.delete_lead(hooked.crm.create_lead("Сафин"))
        await hooked.crm.deliver()
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
        if hooked.provider in UNSIGNED and forgery[-1] == mine.secret:
            continue
        with pytest.raises(WebhookRefused):
            provider.verify(*forgery)


async def test_our_own_changes_are_not_told(hooked: Side) -> None:
    async with mailbox() as (url, got):
        for event in PROVIDERS[hooked.provider].manifest.webhook_events:
            await hooked.adapter.subscribe(event, f"{url}/{event}")
        ref = await hooked.adapter.create_lead(lead())
        await hooked.adapter.update_lead(ref.id, lead(stage=STAGES["call"]), frozenset({"stage"}))
        await hooked.crm.deliver()
    parse = PROVIDERS[hooked.provider].parse
    told = {item.external_id for _, body in got for item in parse("", body)}
    assert told == ({ref.id} if hooked.provider in TELL_OWN_CHANGES else set())


async def test_subscribing_twice_is_one_registration(hooked: Side) -> None:
    event = PROVIDERS[hooked.provider].manifest.webhook_events[0]
    url = "http://127.0.0.1:9/hook"
    first = await hooked.adapter.subscribe(event, url)
    second = await hooked.adapter.subscribe(event, url)
    assert hooked.crm.registrations() == [(event, url)]
    assert second.secret
    assert (second.event, second.url) == (event, url)
    for external_id in (second.external_id, second.external_id, first.external_id):
        await hooked.adapter.unsubscribe(external_id)
    assert hooked.crm.registrations() == []


async def test_an_event_that_does_not_exist(hooked: Side) -> None:
    with pytest.raises(CrmUnsupported):
        await hooked.adapter.subscribe("Lead.explode", "http://127.0.0.1:9/hook")
    assert hooked.crm.registrations() == []


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"[1]", b'[{"id": 5}]', b"[null]"])
def test_a_body_that_is_no_delivery(name: str, body: bytes) -> None:
    provider = PROVIDERS[name]
    with pytest.raises(BadInput) as caught:
        provider.parse(provider.manifest.webhook_events[0], body)
    assert caught.value.field == "body"
