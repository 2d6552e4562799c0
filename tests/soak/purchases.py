"""Part `purchases`: each told one to three times by poll and webhook at once, out of order, to two workers
are killed; counted, and written down.

Options: --events, --kills, --seed; --dry leaves docs/reliability.md as it is.
"""

import argparse
import asyncio
import os
import platform
import sys
from datetime import UTC, datetime

from benchmarks import postgres
from tests.soak.written import write
from tests.transactions.crowd import Outcome, crowd

MARK = "purchases"
PATIENCE = 300.0
"""Seconds without any progress after which a run is given up."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak --part purchases", description=__doc__)
    for name, default in (("events", 100_000), ("kills", 30), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--dry", action="store_true")
    given = parser.parse_args(arguments)
    outcome = asyncio.run(_run(given.events, given.kills, given.seed))
    lines = report(outcome, given.seed)
    sys.stdout.write("\n".join(lines) + "\n")
    if not given.dry:
        write(MARK, lines)
    return 0 if outcome.is_clean and outcome.rows == given.events else 1


async def _run(events: int, kills: int, seed: int) -> Outcome:
    with postgres.server() as server_url:
        url = await postgres.database(server_url, "purchases")
        return await crowd(url, events, kills, seed, PATIENCE)


def report(outcome: Outcome, seed: int) -> list[str]:
    """The run in Markdown, with every count that must be nought."""
    figures = {
        "purchases": outcome.rows,
        "webhook deliveries beside the poll": outcome.deliveries,
        "kill -9 of a worker": outcome.kills,
        "of them in the middle of work": outcome.caught,
        "purchases that are not as they were told last": outcome.rows - outcome.right,
        "purchases with a wrong bonus": outcome.bonus_errors,
        "sum of all bonus accounts": outcome.ledger.normalize() + 0,
    }
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    return [
        f"Run of {day}: 2 workers, seed {seed}; {outcome.seconds / 60:.1f} minutes on {machine}.",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {count:,} |" for name, count in figures.items()),
    ]
