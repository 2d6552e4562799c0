"""Purchases told several times by poll and webhook at once, to workers that die: one row, one bonus."""

from pathlib import Path

from tests import forks
from tests.databases import PostgresDatabases
from tests.transactions.crowd import crowd


async def test_two_thousand_purchases_are_here_once_through_three_kills(
    postgres_databases: PostgresDatabases, tmp_path: Path
) -> None:
    forks.begin()
    url = await postgres_databases.migrated(tmp_path)
    outcome = await crowd(url, events=2000, kills=3)
    assert outcome.is_clean, outcome
    assert (outcome.rows, outcome.kills) == (2000, 3)
    assert outcome.caught, "nobody was killed at work: the run proves nothing"
