"""`python -m tests.soak --part kills`: whole processes killed again and again, written down.

Two runs: one with Redis, and one in which Redis is gone at every kill. Options: --kills, --events (before
each kill), --seed; --dry leaves docs/reliability.md as it is.
"""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import postgres
from tests import servers
from tests.product import free_port
from tests.soak.kill_setting import Plan
from tests.soak.kills import KillOutcome, kills
from tests.soak.written import write


def main(arguments: list[str]) -> int:
    """0 where nothing that was accepted is lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak --part kills", description=__doc__)
    for name, default in (("kills", 100), ("events", 1000), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--dry", action="store_true")
    given = parser.parse_args(arguments)
    plans = [
        Plan.of(given.events, kills=given.kills, seed=given.seed, lose_redis=lose) for lose in (False, True)
    ]
    outcomes = [asyncio.run(_run(plan)) for plan in plans]
    lines = report(outcomes)
    sys.stdout.write("\n".join(lines) + "\n")
    if not given.dry:
        write("kills", lines)
    return int(any(one.account.faults for one in outcomes))


async def _run(plan: Plan) -> KillOutcome:
    folder = Path(tempfile.mkdtemp(prefix="voronka-kills-"))
    with postgres.server() as server_url:
        database_url = await postgres.database(server_url, "kills")
        redis_url = servers.ensure("vk", "valkey", folder, os.getpid())
        try:
            return await kills(plan, folder, database_url, redis_url, free_port())
        finally:
            servers.release(folder)


def report(outcomes: list[KillOutcome]) -> list[str]:
    """The runs beside one another in Markdown, with every count that must be nought."""
    first = outcomes[0]
    killed = [Counter(one.killed) for one in outcomes]
    rows = {
        "kill -9": [len(one.killed) for one in outcomes],
        **{f"of them {name}": [one[name] for one in killed] for name in sorted(killed[0])},
        "under way at the kills": [one.under_way for one in outcomes],
    }
    for name in vars(first.account):
        rows[name.replace("_", " ")] = [getattr(one.account, name) for one in outcomes]
    minutes = " and ".join(f"{one.seconds / 60:.1f}" for one in outcomes)
    return [
        f"Run of {datetime.now(UTC):%Y-%m-%d}: {first.plan.events:,} events before each kill, seed "
        f"{first.plan.seed}; {minutes} minutes on {os.cpu_count()} cores, Python "
        f"{platform.python_version()}.",
        "",
        "| | with Redis | Redis gone at each kill |",
        "|---|---|---|",
        *(f"| {name} | {' | '.join(f'{value:,}' for value in values)} |" for name, values in rows.items()),
    ]
