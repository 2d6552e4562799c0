"""Ten thousand deliveries at once: all kept before they are answered, each record read back few times."""

import asyncio
import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from services.delivery.inbox import TOGETHER
from storage.hooks_in.inbox import InboxState
from tests.delivery.doors import Doors
from tests.delivery.house import House
from tests.delivery.test_road_in import signatures
from tests.waiting import worked_off

FLOOD, AT_ONCE, LEADS = 10_000, 100, 5
LONGEST = 60.0
"""Seconds for taking them all and for working them off; they take about ten."""


def request(doors: Doors, path: str, body: bytes, signed: dict[str, str]) -> bytes:
    """One POST of a connection that stays open."""
    host = urlsplit(str(doors.client.base_url)).netloc
    headers = {"Host": host, "Content-Type": "application/json", "Content-Length": str(len(body)), **signed}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def sender(doors: Doors, requests: Sequence[bytes]) -> list[tuple[int, str]]:
    """Send one after the other over one connection; (status, what the answer says) of each."""
    address = urlsplit(str(doors.client.base_url))
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    answers = []
    for one in requests:
        writer.write(one)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line[:15] == b"Content-Length:")
        body = json.loads(await reader.readexactly(length))
        answers.append((int(head.split()[1]), body["status"]))
    writer.close()
    return answers


async def pour(doors: Doors, requests: Sequence[bytes]) -> Counter[tuple[int, str]]:
    """Send all of them over AT_ONCE connections; how many were answered how."""
    answers = await asyncio.gather(*(sender(doors, requests[n::AT_ONCE]) for n in range(AT_ONCE)))
    return Counter(one for own in answers for one in own)


async def flood_of(doors: Doors, records: Sequence[str]) -> list[bytes]:
    """Requests about our records and about records of strangers, half and half, no two alike."""
    hook = await doors.hook("Lead.update")
    secret = await doors.secret(hook)
    found = []
    for n in range(FLOOD):
        record = records[n % len(records)] if n % 2 else f"stranger{n}"
        body = json.dumps([{"id": record, "status": "In Process", "n": n}]).encode()
        signed = signatures(hook.external_id, secret, body)
        found.append(request(doors, f"/webhooks/espocrm/{hook.key}", body, signed))
    return found


async def moved_there(house: House) -> list[str]:
    """Leads of ours that somebody has moved at the CRM; the ids of their records."""
    for n in range(LEADS):
        await house.send(f"Лид {n}", f"+7916{n:07d}")
    await house.work()
    records = [str(one["id"]) for one in house.crm.leads()]
    for record in records:
        house.crm.set_status(record, "In Process")
    return records


async def test_ten_thousand_deliveries_at_once_are_kept_and_followed(doors: Doors) -> None:
    house = doors.house
    records = await moved_there(house)
    requests = await flood_of(doors, records)
    began = time.monotonic()
    assert await pour(doors, requests) == {(200, "accepted"): FLOOD}
    rows = await house.rows("inbox")
    bodies = {hashlib.sha256(row.body).digest() for row in rows}
    assert len(rows) == len(bodies) == FLOOD, "none is lost, none is kept twice"
    await worked_off(house.inbox.work_once)
    took = time.monotonic() - began
    states = Counter(row.state for row in await house.rows("inbox"))
    assert states == {InboxState.DONE.value: FLOOD // 2, InboxState.IGNORED.value: FLOOD // 2}
    for row in await house.rows("leads"):
        assert (await house.leads.get(house.owner, row.id)).stage.key == "meeting"
    assert await house.told("lead.stage") == LEADS, "the same news many times is one news"
    reads = [one for one in house.crm.requests("GET") if any(record in str(one) for record in records)]
    assert len(reads) <= LEADS * (FLOOD // TOGETHER + 5), "one reading for all deliveries of a group"
    assert took < LONGEST, f"{took:.1f} s"


async def test_the_same_flood_once_more_changes_nothing(doors: Doors) -> None:
    house = doors.house
    records = await moved_there(house)
    requests = (await flood_of(doors, records))[: FLOOD // 10]
    for _ in range(2):
        assert (await pour(doors, requests)).total() == len(requests)
        await worked_off(house.inbox.work_once)
    assert await house.told("lead.stage") == LEADS
    assert len(house.crm.leads()) == LEADS
    history = [row for row in await house.rows("lead_history") if row.field == "stage"]
    assert len(history) == LEADS
    assert {row.state for row in await house.rows("operations")} == {"done"}
