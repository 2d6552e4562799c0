"""Part `lead`: creating a lead beside the two statements that nobody can do without, and at two sizes."""

import time
from itertools import count

import asyncpg

from benchmarks import postgres
from benchmarks.lead_data import Loaded, known_phone, load
from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS, Compared, NotTheSame, compare
from domain.errors import DuplicateLead
from domain.leads import LeadDraft
from storage.ids import new_id

SMALL, LARGE = 10_000, 1_000_000
CREATES = 200
MOST_OVER_BARE, MOST_OVER_SMALL = 6.0, 1.3

DUPLICATES = """
SELECT leads.id, leads.number FROM leads JOIN contact_points ON contact_points.lead_id = leads.id
WHERE contact_points.organization_id = $1 AND contact_points.value = ANY($2)
  AND leads.organization_id = $1 AND leads.withdrawn_at IS NULL
"""
INSERT = """
INSERT INTO leads (id, organization_id, number, name, company, note, source, referral_code, stage_id,
                   sender_id, created_at, updated_at)
VALUES ($1, $2, $3, $4, '', $5, 'chat', $6, $7, $8, now(), now())
"""
NOTE = "Asks about an offer, wants to be called in the evening"


class Creator:
    """Creates leads through the use case."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self._phones = count(9_990_000_000)
        self.created = 0

    async def once(self) -> float:
        phone = f"+7{next(self._phones)}"
        draft = LeadDraft(name="Ivan Petrov", phones=(phone,), emails=(f"i{phone}@example.com",), note=NOTE)
        started = time.perf_counter()
        await self.loaded.leads.create(self.loaded.partner, draft)
        took = time.perf_counter() - started
        self.created += 1
        return took

    async def verify(self) -> None:
        """Every lead is there with its contacts, and a phone that is known is refused."""
        connection = await postgres.connect(self.loaded.url)
        leads = await connection.fetchval(
            "SELECT count(*) FROM leads WHERE number > $1 AND number < $2", self.loaded.count, 10**9
        )
        points = await connection.fetchval("SELECT count(*) FROM contact_points WHERE value LIKE '+7999%'")
        await connection.close()
        if (leads, points) != (self.created, self.created):
            raise NotTheSame(f"{self.created} were created, {leads} leads and {points} phones are there")
        try:
            await self.loaded.leads.create(
                self.loaded.partner, LeadDraft(name="Again", phones=(known_phone(self.loaded.count),))
            )
        except DuplicateLead:
            return
        raise NotTheSame("a known phone was accepted")


class Bare:
    """The two statements by asyncpg, each a transaction of its own, on prepared statements."""

    def __init__(self, loaded: Loaded, connection: asyncpg.Connection) -> None:
        self.loaded, self.connection = loaded, connection
        self._numbers = count(10**9)
        self.created = 0

    async def once(self) -> float:
        number = next(self._numbers)
        started = time.perf_counter()
        await self.create(number, f"+7{5_000_000_000 + number}")
        took = time.perf_counter() - started
        self.created += 1
        return took

    async def create(self, number: int, phone: str) -> bool:
        """False for a duplicate."""
        partner = self.loaded.partner
        values = [phone, f"i{phone}@example.com"]
        if await self.connection.fetch(DUPLICATES, partner.organization_id, values):
            return False
        await self.connection.execute(
            INSERT, new_id(), partner.organization_id, number, "Ivan Petrov", NOTE, partner.referral_code,
            self.loaded.stage_id, partner.id,
        )  # fmt: skip
        return True

    async def verify(self) -> None:
        leads = await self.connection.fetchval("SELECT count(*) FROM leads WHERE number >= $1", 10**9)
        if leads != self.created:
            raise NotTheSame(f"bare: {self.created} were created, {leads} are there")
        if await self.create(0, known_phone(self.loaded.count)):
            raise NotTheSame("bare: a known phone was accepted")


async def measure() -> Result:
    """Load both databases, then compare."""
    with postgres.server() as url:
        small = await load(await postgres.database(url, "small"), SMALL)
        started = time.perf_counter()
        large = await load(await postgres.database(url, "large"), LARGE)
        loading = time.perf_counter() - started
        on_small, on_large = Creator(small), Creator(large)
        bare = Bare(large, await postgres.connect(large.url))
        over_bare = await compare(bare.once, on_large.once, CREATES)
        over_small = await compare(on_small.once, on_large.once, CREATES)
        for side in (on_small, on_large, bare):
            await side.verify()
        await bare.connection.close()
        await small.db.close()
        await large.db.close()
    return _result(over_bare, over_small, loading)


def _result(over_bare: Compared, over_small: Compared, loading: float) -> Result:
    def row(what: str, floor: float, product: float, compared: Compared) -> list[str]:
        times = (f"{floor * 1e3:.2f}", f"{product * 1e3:.2f}")
        return [what, *times, f"{compared.ratio:.2f}x", compared.spread]

    return Result(
        part="lead",
        title="Creating a lead among a million (`lead`)",
        about=(
            "Time of `services.leads.leads.create` (duplicate check, lead, contacts, history, audit, the "
            "CRM's operation, pushes to two people and the receipt, in one transaction), against two asyncpg "
            "statements that select duplicates and insert the lead alone. Median of "
            f"{CREATES} creates a round, each in turn with one of the other side; {ROUNDS} rounds. "
            "Both sides refuse a known phone."
        ),
        columns=("Compared", "floor, ms", "product, ms", "ratio", "of the rounds"),
        rows=[
            row("two bare statements, 1,000,000 leads", over_bare.floor, over_bare.product, over_bare),
            row("10,000 leads against 1,000,000", over_small.floor, over_small.product, over_small),
        ],
        goals=[
            Goal("over the bare statements", over_bare.ratio, MOST_OVER_BARE),
            Goal("1,000,000 over 10,000", over_small.ratio, MOST_OVER_SMALL),
        ],
        notes=[
            f"PostgreSQL: {postgres.SAID}; all on one machine.",
            f"Loading a million leads with contacts and history took {loading:.0f} s.",
        ],
    )
