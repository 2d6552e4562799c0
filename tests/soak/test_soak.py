"""Kill -9, lost answers, and still one record a lead: the short soak. `make soak` runs the long one."""

from pathlib import Path

from redis import Redis

from tests.databases import PostgresDatabases
from tests.soak.run import Plan, soak


async def test_every_lead_is_in_the_crm_once_through_kills_and_lost_answers(
    postgres_databases: PostgresDatabases, valkey_url: str, tmp_path: Path
) -> None:
    database_url = await postgres_databases.migrated(tmp_path)
    with Redis.from_url(valkey_url) as redis:
        redis.flushall()
    outcome = await soak(Plan(leads=200, forms=0, kills=3), tmp_path, database_url, valkey_url)
    account = outcome.account
    assert account.is_clean, account.faults
    assert (account.leads, account.records) == (200, 200)
    assert account.pushes >= 500
    assert outcome.kills == 3
    assert account.attempts_lost, "no answer was lost: the run proves nothing"
