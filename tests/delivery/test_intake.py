"""Deliveries that share a transaction: none suffers from another's, and none waits for a person who left."""

import asyncio
import json
from collections import Counter
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa
from aiohttp.web import TCPSite
from sqlalchemy.ext.asyncio import create_async_engine

import web.bodies
from sandbox.espocrm.delivery import signatures
from storage.tables import updates
from tests.databases import OWNER
from tests.delivery.doors import TELEGRAM_SECRET, Doors
from tests.delivery.house import House
from tests.delivery.test_flood import request
from web.app import build_runner

TOGETHER, POISON = 40, 7
REFUSES = {
    "sqlite": "CREATE TRIGGER no_poison BEFORE INSERT ON inbox WHEN instr(NEW.body, 'poison') > 0 "
    "BEGIN SELECT RAISE(ABORT, 'poison'); END",
    "postgresql": "ALTER TABLE inbox ADD CONSTRAINT no_poison CHECK (position('poison'::bytea IN body) = 0)",
}
FORM = {"name": "Иван", "phone": "+79161234567", "email": "ivan@example.com", "referral_code": "site"}
TAKES = {
    "sqlite": "DROP TRIGGER no_poison",
    "postgresql": "ALTER TABLE inbox DROP CONSTRAINT no_poison",
}


async def update(doors: Doors, number: int) -> httpx.Response:
    told = {"update_id": number, "message": {"chat": {"id": number % 3}}}
    headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
    return await doors.client.post("/telegram/webhook", json=told, headers=headers)


async def journalled(house: House) -> list[int]:
    """Updates in the order in which they would be handled."""
    async with house.db.reading(system=True) as s:
        return [row.update_id for row in await s.rows(sa.select(updates).order_by(updates.c.update_id))]


async def test_what_comes_at_once_shares_transactions(doors: Doors) -> None:
    engine, commits = doors.house.db.engine.sync_engine, list[object]()
    count = commits.append
    sa.event.listen(engine, "commit", count)
    try:
        answers = await asyncio.gather(*(update(doors, number) for number in range(TOGETHER)))
    finally:
        sa.event.remove(engine, "commit", count)
    assert {one.status_code for one in answers} == {200}
    assert await journalled(doors.house) == list(range(TOGETHER))
    assert len(commits) < TOGETHER / 2


async def test_a_delivery_that_cannot_be_kept_fails_alone_among_all_kinds(doors: Doors) -> None:
    house, dialect = doors.house, doors.house.db.engine.dialect.name
    hook = await doors.hook("Lead.update")
    secret = await doors.secret(hook)
    path = f"/webhooks/espocrm/{hook.key}"

    async def deliver(number: int) -> httpx.Response:
        poison = "poison" if number % (TOGETHER // POISON) == 3 else ""
        body = json.dumps([{"id": f"stranger{number}", "note": poison}]).encode()
        headers = {"Content-Type": "application/json", **signatures(hook.external_id, secret, body)}
        return await doors.client.post(path, content=body, headers=headers)

    owners = sa.make_url(house.db.url)
    engine = create_async_engine(owners.set(username=OWNER) if dialect != "sqlite" else owners)
    async with engine.begin() as connection:
        await connection.exec_driver_sql(REFUSES[dialect])
    try:
        kinds = (one for n in range(TOGETHER) for one in (deliver(n), update(doors, n % (TOGETHER // 2))))
        every = await asyncio.gather(*kinds, doors.submit(FORM), doors.submit(FORM))
    finally:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(TAKES[dialect])
        await engine.dispose()
    answers, others = every[: 2 * TOGETHER : 2], (*every[1 : 2 * TOGETHER : 2], *every[-2:])
    assert {one.status_code for one in others} == {200}
    assert len(await journalled(house)) == TOGETHER // 2, "the same update again is none"
    counted = Counter(one.status_code for one in answers)
    bodies = [row.body for row in await house.rows("inbox") if row.hook_id == hook.id]
    assert counted == {200: len(bodies), 503: TOGETHER - len(bodies)}
    assert counted[503] == len([n for n in range(TOGETHER) if n % (TOGETHER // POISON) == 3])
    assert not [body for body in bodies if b"poison" in body]
    refused = next(one for one in answers if one.status_code == 503)
    assert refused.json()["code"] == "unavailable", "its sender tries again"


async def test_a_sender_that_hangs_up_holds_nobody_up(doors: Doors) -> None:
    hook = await doors.hook("Lead.update")
    secret = await doors.secret(hook)
    address = urlsplit(str(doors.client.base_url))

    async def leave(number: int) -> None:
        body = json.dumps([{"id": f"left{number}"}]).encode()
        signed = signatures(hook.external_id, secret, body)
        _reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(request(doors, f"/webhooks/espocrm/{hook.key}", body, signed))
        await writer.drain()
        writer.transport.abort()

    await asyncio.gather(*map(leave, range(20)))
    body = json.dumps([{"id": "stays"}]).encode()
    headers = {"Content-Type": "application/json", **signatures(hook.external_id, secret, body)}
    answer = await doors.client.post(f"/webhooks/espocrm/{hook.key}", content=body, headers=headers)
    assert answer.status_code == 200
    assert b"stays" in b"".join(row.body for row in await doors.house.rows("inbox"))


async def test_whoever_sends_slowly_is_cut_off(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.bodies, "PATIENCE", 0.2)
    hook = await doors.hook("Lead.update")
    runner = build_runner(doors.services, idle=0.3)
    await runner.setup()
    await TCPSite(runner, "127.0.0.1", 0).start()
    head = f"POST /webhooks/espocrm/{hook.key} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    try:
        answers = await asyncio.gather(*(
            _drip(runner.addresses[0][1], begun)
            for begun in (head, *(f"{head}Content-Length: {most}\r\n\r\n[" for most in (100, 10**8)))
        ))  # fmt: skip
    finally:
        await runner.cleanup()
    slow_headers, slow_body, too_large = answers
    assert slow_headers == b"", "the connection was closed"
    assert b" 408 " in slow_body.split(b"\r\n")[0]
    assert b" 413 " in too_large.split(b"\r\n")[0], "before it is here"


async def _drip(port: int, begun: str) -> bytes:
    """The first bytes of the answer to a request that never ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begun.encode())
    async with asyncio.timeout(10):
        answer = await reader.read(1000)
    writer.close()
    return answer
