"""Kill -9 of whole processes: whatever was accepted has its effect once. `make soak` runs the long one."""

from pathlib import Path

from redis import Redis

from tests.databases import PostgresDatabases
from tests.product import free_port
from tests.soak.kill_setting import Plan
from tests.soak.kills import kills


async def test_whatever_was_accepted_before_a_kill_has_its_effect_once(
    postgres_databases: PostgresDatabases, valkey_url: str, tmp_path: Path
) -> None:
    database_url = await postgres_databases.migrated(tmp_path)
    with Redis.from_url(valkey_url) as redis:
        redis.flushall()
    plan = Plan()
    outcome = await kills(plan, tmp_path, database_url, valkey_url, free_port())
    account = outcome.account
    assert not account.faults
    assert outcome.killed == ("web", "bot", "worker", "all", "all")
    assert account.forms + account.hooks + account.chats >= 5 * 200
    assert outcome.under_way, "nothing was under way at the kills: the run proves nothing"
