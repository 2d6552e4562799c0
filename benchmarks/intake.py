"""Part `intake`: webhooks that are committed before they are answered, beside a bare handler."""

import hashlib
import hmac
import json
from itertools import count
from statistics import quantiles
from uuid import UUID

from benchmarks import postgres
from benchmarks.pouring import Answer, pace, post, pour
from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS, Compared, NotTheSame, compare
from benchmarks.serving import SECRET_KEY, Server, bare, product
from services.clock import system_clock
from services.people.organizations import Organizations
from storage.db import Database
from storage.delivery import integrations
from storage.hooks_in import hooks
from storage.hooks_in.hooks import Hook, hook_context
from storage.ids import new_id
from storage.secrets import Vault

REQUESTS, AT_ONCE = 4_000, 64
PER_SECOND, SECONDS = 500, 60
LEAST, SLOWEST = 0.6, 0.050
KEY, SECRET, WEBHOOK = "benchmarkbenchmark", "shared-secret", "hook-1"
PATH = f"/webhooks/twenty/{KEY}"


class Bodies:
    """Deliveries, no two alike."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def next(self) -> bytes:
        number = next(self._numbers)
        told = {
            "webhookId": WEBHOOK,
            "eventName": "opportunity.updated",
            "eventDate": f"2026-03-04T10:00:00.{number:06d}Z",
            "objectMetadata": {"id": "2020", "nameSingular": "opportunity"},
            "record": {"id": f"5f0c7a3e-5a0b-4f57-9d5b-{number % 1000:012d}", "stage": "MEETING",
                       "name": "Offer for an office", "amount": {"amountMicros": number * 1000}},
            "updatedFields": ["stage"],
        }  # fmt: skip
        return json.dumps(told).encode()


def signed(body: bytes) -> dict[str, str]:
    mark = hmac.new(SECRET.encode(), b"1772618400000:" + body, hashlib.sha256).hexdigest()
    return {"X-Twenty-Webhook-Signature": mark, "X-Twenty-Webhook-Timestamp": "1772618400000"}


async def prepare(url: str) -> None:
    """An organization whose CRM is connected and calls back at KEY."""
    db, clock = Database(url), system_clock
    organization = await Organizations(db, clock).ensure_first("B", "en", "RU", "Europe/Moscow", [1001])
    async with db.transaction(organization) as s:
        integration = new_id()
        await integrations.add(s, integration, "twenty", {"url": "http://crm.example"}, clock())
        await integrations.only_active(s, integration)
        await hooks.add(s, _hook(organization, integration), clock())
    await db.close()


def _hook(organization: UUID, integration: UUID) -> Hook:
    hook = Hook(new_id(), organization, KEY, "twenty", integration, "*.*", WEBHOOK, None)
    secret = Vault(SECRET_KEY, ()).seal({"secret": SECRET}, hook_context(hook))
    return Hook(hook.id, organization, KEY, "twenty", integration, "*.*", WEBHOOK, secret)


class Side:
    """Sends to one of the servers."""

    def __init__(self, server: Server, path: str, bodies: Bodies) -> None:
        self.server, self.path, self.bodies = server, path, bodies
        self.sent = 0

    def requests(self, many: int) -> list[bytes]:
        self.sent += many
        made = [self.bodies.next() for _ in range(many)]
        return [post(self.server.port, self.path, body, signed(body)) for body in made]

    async def once(self) -> float:
        """Seconds a request, AT_ONCE at a time."""
        took, statuses = await pour(self.server.port, self.requests(REQUESTS), AT_ONCE)
        if set(statuses) != {200}:
            raise NotTheSame(f"{self.path} answered {sorted(set(statuses))}")
        return took / REQUESTS

    async def steady(self) -> list[Answer]:
        answers = await pace(self.server.port, self.requests(PER_SECOND * SECONDS), PER_SECOND, AT_ONCE)
        if {one.status for one in answers} != {200}:
            raise NotTheSame(f"{self.path} answered otherwise at {PER_SECOND} a second")
        return answers


async def measure() -> Result:
    """Both servers on one PostgreSQL, in turn."""
    with postgres.server() as at:
        url = await postgres.database(at, "intake")
        await prepare(url)
        with product(url) as ours, bare("benchmarks.bare_intake", url) as floor:
            bodies = Bodies()
            product_side, floor_side = Side(ours, PATH, bodies), Side(floor, "/in", bodies)
            compared = await compare(floor_side.once, product_side.once, 1)
            paced = await floor_side.steady(), await product_side.steady()
            await _verify(url, product_side, floor_side)
    return _result(compared, *paced)


async def _verify(url: str, ours: Side, floor: Side) -> None:
    """Every delivery is there once on both sides; a repeated one is no second, a forged one is refused."""
    body = Bodies().next()
    again = post(ours.server.port, PATH, body, signed(body))
    forged = post(ours.server.port, PATH, body, {**signed(body), "X-Twenty-Webhook-Signature": "0" * 64})
    _, statuses = await pour(ours.server.port, [again, forged], 1)
    connection = await postgres.connect(url)
    kept = await connection.fetchval("SELECT count(*) FROM inbox")
    bare_kept = await connection.fetchval("SELECT count(*) FROM bare_inbox")
    await connection.close()
    # the first body of all went to whichever side was asked first
    first = 1 if kept == ours.sent + 1 else 0
    if (kept - first, bare_kept) != (ours.sent, floor.sent) or statuses != [200, 403]:
        raise NotTheSame(f"{ours.sent} and {floor.sent} were sent, {kept} and {bare_kept} kept: {statuses}")


def _p99(answers: list[Answer]) -> float:
    return quantiles([one.seconds for one in answers], n=100, method="inclusive")[-1]


def _result(compared: Compared, bare_paced: list[Answer], paced: list[Answer]) -> Result:
    def row(what: str, cost: float, answers: list[Answer]) -> list[str]:
        middle = quantiles([one.seconds for one in answers], n=2, method="inclusive")[0]
        times = (f"{middle * 1e3:.1f}", f"{_p99(answers) * 1e3:.1f}")
        return [what, f"{1 / cost:.0f}", *times]

    return Result(
        part="intake",
        title="Webhooks taken in (`intake`)",
        about=(
            "`python -m bot run web` takes webhooks of a CRM: HMAC verified, parsed, deduplicated by the "
            "event's id, committed to PostgreSQL before the answer; against aiohttp and asyncpg alone that "
            "commit the bodies that have gathered, and look at nothing. Both are processes of their own on "
            f"one server; {REQUESTS:,} requests a round over {AT_ONCE} connections, {ROUNDS} rounds in turn; "
            f"then {PER_SECOND} a second for {SECONDS} s. Every body is there once on both sides."
        ),
        columns=("Server", "requests/s", f"median at {PER_SECOND}/s, ms", "99th percentile, ms"),
        rows=[
            row("bare handler", compared.floor, bare_paced),
            row("product", compared.product, paced),
        ],
        goals=[
            Goal(f"time of a request (at least {LEAST:.0%} of the requests)", compared.ratio, 1 / LEAST),
            Goal(f"99th percentile over {SLOWEST * 1e3:.0f} ms", _p99(paced) / SLOWEST, 1.0),
        ],
        notes=[
            f"Of the rounds {compared.spread}.",
            f"PostgreSQL: {postgres.SAID}; all on one machine, with what sends the requests.",
        ],
    )
