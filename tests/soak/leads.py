"""Part `leads`: the long soak of the road to the CRM.

Options: --leads, --forms, --kills, --workers, --seed; --dry leaves docs/reliability.md as it is.
"""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import postgres
from tests import servers
from tests.soak.run import Outcome, Plan, soak
from tests.soak.written import write

MARK = "soak"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak --part leads", description=__doc__)
    for name, default in (("leads", 3900), ("forms", 300), ("kills", 10), ("workers", 2), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--dry", action="store_true")
    options = vars(parser.parse_args(arguments))
    dry = options.pop("dry")
    outcome = asyncio.run(_run(Plan(**options)))
    lines = report(outcome)
    sys.stdout.write("\n".join(lines) + "\n")
    if not dry:
        write(MARK, lines)
    return 0 if outcome.account.is_clean else 1


async def _run(plan: Plan) -> Outcome:
    folder = Path(tempfile.mkdtemp(prefix="voronka-soak-"))
    with postgres.server() as server_url:
        database_url = await postgres.database(server_url, "soak")
        redis_url = servers.ensure("vk", "valkey", folder, os.getpid())
        try:
            return await soak(plan, folder, database_url, redis_url)
        finally:
            servers.release(folder)


def report(outcome: Outcome) -> list[str]:
    """The run in Markdown: what was done to it, what came out, and every count that must be nought."""
    plan, account = outcome.plan, outcome.account
    minutes = outcome.seconds / 60
    figures = {
        "leads accepted": account.leads,
        "of them over the website's form": plan.forms,
        "pushes (creates, stages, notes)": account.pushes,
        "kill -9 of a worker": outcome.kills,
        "pushes under way at a kill": outcome.caught,
        "attempts that ended without an answer": account.attempts_lost,
        "records in the CRM": account.records,
        "leads without a record": account.missing,
        "second records": account.doubled,
        "records that are no lead of ours": account.foreign,
        "pushes not finished": account.unfinished,
        "pushes given up": account.given_up,
        "records on a stage that is not the lead's": account.wrong_status,
        "pushes done before an earlier one of their lead": account.out_of_order,
        "notes written": account.notes,
        "notes missing": account.notes_missing,
        "leads with notes in a wrong order": account.notes_out_of_order,
        "notes that stand twice": account.notes_twice,
    }
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    return [
        f"Run of {day}: {plan.workers} workers, {plan.share:.0%} of the answers dropped after the commit, "
        f"seed {plan.seed}; {minutes:.1f} minutes on {machine}.",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {count:,} |" for name, count in figures.items()),
        "",
        "Clean: every lead has exactly one record." if account.is_clean else f"NOT CLEAN: {account.faults}",
    ]
