"""Part `rest`: the REST API among a million leads, beside the statements that nobody can do without."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count

import asyncpg

from benchmarks import postgres
from benchmarks.board import compare as compare_p95
from benchmarks.lead import LARGE, Bare
from benchmarks.lead_data import MANAGER, OWNER, Loaded, known_phone, load
from benchmarks.pouring import Line
from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS, Compared, NotTheSame, compare
from benchmarks.serving import Server, product
from domain.api_keys import SCOPES
from domain.members import Member
from services.api.keys import ApiKeys
from services.clock import system_clock
from storage.people import members as member_rows

CREATES, LISTS = 100, 20
LIMIT = 20
MOST_CREATE, MOST_LIST = 8.0, 3.0

SEEN = """
WHERE leads.organization_id = $1 AND deleted_at IS NULL AND withdrawn_at IS NULL
  AND (assignee_id = $2 OR assignee_id IS NULL)
"""
COUNT = f"SELECT count(*) FROM leads {SEEN}"
PAGE = f"""
SELECT leads.*, stages.name AS stage_name, assignee.name AS assignee_name, sender.name AS sender_name,
       (SELECT array_agg(value ORDER BY position) FROM contact_points
        WHERE contact_points.organization_id = $1 AND contact_points.lead_id = leads.id) AS points
FROM leads JOIN stages ON stages.id = leads.stage_id
LEFT JOIN members AS assignee ON assignee.id = leads.assignee_id
LEFT JOIN members AS sender ON sender.id = leads.sender_id
{SEEN} ORDER BY number DESC LIMIT {LIMIT}
"""


@dataclass
class Caller:
    """One connection to the API, in the name of a manager."""

    server: Server
    line: Line
    key: str
    created: int = 0
    _phones: count = field(default_factory=lambda: count(9_980_000_000))  # type: ignore[type-arg]

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.server.port}",
            f"Authorization: Bearer {self.key}", "Content-Type: application/json",
            f"Content-Length: {len(body)}", "", "",
        ]  # fmt: skip
        return "\r\n".join(lines).encode() + body

    async def create(self) -> float:
        """Seconds from the request to the end of the answer."""
        phone = f"+7{next(self._phones)}"
        given = {"name": "Ivan Petrov", "phones": [phone], "emails": [f"i{phone[1:]}@example.com"],
                 "notes": "Asks about an offer, wants to be called in the evening"}  # fmt: skip
        started = time.perf_counter()
        status = await self.line.ask(self.request("POST", "/api/leads", json.dumps(given).encode()))
        took = time.perf_counter() - started
        if status != 201:
            raise NotTheSame(f"a lead was answered with {status}")
        self.created += 1
        return took

    async def list(self) -> object:
        answer = await self.line.answer(self.request("GET", f"/api/leads?limit={LIMIT}"))
        return json.loads(answer)


async def measure() -> Result:
    """Load a million leads, start the web process over them, compare."""
    with postgres.server() as at:
        loaded = await load(await postgres.database(at, "rest"), LARGE)
        manager = await _member(loaded)
        key, _ = await ApiKeys(loaded.db, system_clock).make(
            await _owner(loaded), "bench", SCOPES, 0, manager.id
        )
        connection = await postgres.connect(loaded.url)
        with product(loaded.url) as server:
            caller = Caller(server, await Line.open(server.port), key)
            await _demand_same(caller, connection, manager)
            listed = await compare_p95("list of 20", _by_hand(connection, manager), caller.list)
            bare = Bare(loaded, connection)
            made = await compare(bare.once, caller.create, CREATES)
            await _verify(caller, bare, connection, loaded)
            caller.line.close()
        await connection.close()
        await loaded.db.close()
    return _result(made, listed.row(), listed.ratio)


async def _member(loaded: Loaded) -> Member:
    """A manager who has half of the leads; the other half is free, so they see every one."""
    async with loaded.db.reading(loaded.partner.organization_id) as s:
        found = await member_rows.member_of(s, MANAGER)
    assert found is not None
    return found


async def _owner(loaded: Loaded) -> Member:
    """Whoever may make keys."""
    async with loaded.db.reading(loaded.partner.organization_id) as s:
        found = await member_rows.member_of(s, OWNER)
    assert found is not None
    return found


def _by_hand(connection: asyncpg.Connection, manager: Member) -> Callable[[], Awaitable[object]]:
    async def ask() -> object:
        await connection.fetchval(COUNT, manager.organization_id, manager.id)
        return await connection.fetch(PAGE, manager.organization_id, manager.id)

    return ask


async def _demand_same(caller: Caller, connection: asyncpg.Connection, manager: Member) -> None:
    told = await caller.list()
    total = await connection.fetchval(COUNT, manager.organization_id, manager.id)
    rows = await connection.fetch(PAGE, manager.organization_id, manager.id)
    assert isinstance(told, dict)
    shown = [(one["number"], one["assigned_to_name"]) for one in told["items"]]
    if (told["total"], shown) != (total, [(row["number"], row["assignee_name"] or "") for row in rows]):
        raise NotTheSame(f"{told['total']} leads by the API, {total} by hand, or others")


async def _verify(caller: Caller, bare: Bare, connection: asyncpg.Connection, loaded: Loaded) -> None:
    """Every lead is there once on both sides, and a known phone is refused on both."""
    await bare.verify()
    points = await connection.fetchval("SELECT count(*) FROM contact_points WHERE value LIKE '+7998%'")
    body = json.dumps({"name": "Again", "phones": [known_phone(loaded.count)]}).encode()
    status = await caller.line.ask(caller.request("POST", "/api/leads", body))
    if points != caller.created or status != 409:
        raise NotTheSame(f"{caller.created} created, {points} there; a known phone was answered {status}")


def _result(made: Compared, listed: list[str], ratio: float) -> Result:
    create = ["create a lead, median", f"{made.floor * 1e3:.2f}", f"{made.product * 1e3:.2f}",
              f"{made.ratio:.2f}x", made.spread]  # fmt: skip
    return Result(
        part="rest",
        title="REST among a million leads (`rest`)",
        about=(
            "Requests over one connection to `python -m bot run web`, from the first byte to the last of "
            "the answer: key, limits, rights, the use case, JSON. Creating a lead (duplicate check, lead, "
            "contacts, history, audit, the CRM's operation, pushes, in one transaction) against two asyncpg "
            f"statements that select duplicates and insert the lead alone, {CREATES} of each a round; a list "
            f"of {LIMIT} with its total against the two statements written by hand that tell the same, "
            f"{LISTS} a round. In turn, {ROUNDS} rounds. Both sides refused a known phone and told the same."
        ),
        columns=("Request", "SQL, ms", "REST, ms", "ratio", "of the rounds"),
        rows=[create, ["list of 20, 95th percentile", *listed[1:]]],
        goals=[
            Goal("create over the two statements", made.ratio, MOST_CREATE),
            Goal("95th percentile of a list over that by hand", ratio, MOST_LIST),
        ],
        notes=[f"PostgreSQL: {postgres.SAID}; all on one machine."],
    )
