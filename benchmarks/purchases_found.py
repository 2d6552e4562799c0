"""Finding purchases by their ids among millions."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from benchmarks import postgres
from benchmarks.rounds import ROUNDS, NotTheSame
from storage.db import Database, Session
from storage.tables import transactions as rows
from storage.transactions import transactions

MANY = int(os.environ.get("BENCH_TRANSACTIONS", "5000000"))
LOOKUPS, PAGE, WARM = 5000, 1000, 200
_STEP = 7919
"""Keys this far apart lie on pages of their own."""

_FILL = """
INSERT INTO transactions (id, organization_id, source_id, external_id, kind, amount, currency, happened_at,
    phone, customer, description, lines, refers_to, digest, created_at, updated_at)
SELECT gen_random_uuid(), $1::uuid, $2::uuid, 'b' || n, 'sale', 10000, 'RUB', now(), '+7916' || (n % 1000000),
    '', '', '[]', '', md5(n::text), now(), now() FROM generate_series($3::int, $4::int) AS n"""

_FUNCTION = """
CREATE FUNCTION lookups(tenant uuid, source uuid, many bigint, first bigint, times int)
RETURNS double precision[] LANGUAGE plpgsql AS $$
DECLARE
    took double precision[] := '{{}}';
    wanted_key varchar;
    began timestamptz;
BEGIN
    FOR number IN first .. first + times - 1 LOOP
        wanted_key := 'b' || (number * {step}) % many + 1;
        began := clock_timestamp();
        PERFORM * FROM ({statement}) AS found;
        took := took || 1000 * extract(epoch FROM clock_timestamp() - began)::double precision;
        IF NOT FOUND THEN RAISE EXCEPTION '% was not found', wanted_key; END IF;
    END LOOP;
    RETURN took;
END $$"""


@dataclass(frozen=True, slots=True)
class Found:
    """Milliseconds: median and 99th percentile of one lookup, one record's share of a page."""

    middle: float
    slow: float
    of_page: float


async def lookups(db: Database, url: str, organization_id: UUID, source_id: UUID) -> Found:
    """Fill the source's table with MANY, and look some up. The percentiles are the medians of the rounds'."""
    connection = await postgres.connect(url)
    try:
        for first in range(1, MANY + 1, 250_000):
            await connection.execute(_FILL, organization_id, source_id, first, min(first + 249_999, MANY))
        await connection.execute("ANALYZE transactions")
        await connection.execute(_FUNCTION.format(step=_STEP, statement=_statement()))
    finally:
        await connection.close()
    async with db.reading(organization_id) as s:
        rounds = [await _round(s, organization_id, source_id, number) for number in range(ROUNDS)]
        shares = [await _page(s, source_id, number) for number in range(ROUNDS * 4)]
    return Found(
        median(median(one) for one in rounds),
        median(one[int(len(one) * 0.99)] for one in rounds),
        median(shares[2:]),
    )


def _statement() -> str:
    """What the product asks, with the function's names in it."""
    name = sa.literal_column
    own = sa.and_(rows.c.organization_id == name("tenant"), rows.c.source_id == name("source"))
    asked = transactions.each_by_itself(own, name("ARRAY[wanted_key]::varchar[]"))
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(asked.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


async def _round(s: Session, organization_id: UUID, source_id: UUID, number: int) -> Sequence[float]:
    """Milliseconds of each lookup, sorted."""
    first = number * (LOOKUPS + WARM)
    asked = sa.func.lookups(organization_id, source_id, MANY, first, LOOKUPS + WARM)
    took: list[float] = await s.scalar(sa.select(asked))
    return sorted(took[WARM:])


async def _page(s: Session, source_id: UUID, number: int) -> float:
    """Milliseconds a record of a page takes from the program."""
    keys = {f"b{((number * PAGE + place) * _STEP) % MANY + 1}" for place in range(PAGE)}
    began = time.perf_counter()
    found = await transactions.standing(s, source_id, keys)
    took = time.perf_counter() - began
    if found.keys() != keys:
        raise NotTheSame(f"{len(found)} of {len(keys)} were found")
    return took * 1000 / len(keys)
