"""Part `engine`: what the outbox itself costs, beside two queue libraries on the same PostgreSQL."""

from statistics import median

from benchmarks import postgres
from benchmarks.queues import Ours, PgQueuerQueue, ProcrastinateQueue
from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS
from benchmarks.workplace import open_workplace, quiet
from crm_adapters.http import CrmHttp
from services.clock import system_clock

JOBS = 10_000
FEWER = 2_000
"""Jobs of procrastinate's side: its rate does not depend on how many wait, and all of them take minutes."""

OVER_PROCRASTINATE, OVER_PGQUEUER = 5.0, 0.8
"""How many times as fast as each of them we want to be."""


async def measure() -> Result:
    """Drain the same number of jobs by each of the three, in turn."""
    quiet()
    rounds: list[tuple[float, float, float]] = []
    with postgres.server() as url:
        http = CrmHttp(now=system_clock)
        async with open_workplace(await postgres.database(url, "ours"), http) as place:
            ours = await Ours.open(place, JOBS)
            pgqueuer = await PgQueuerQueue.open(await postgres.database(url, "pgqueuer"))
            procrastinate = await ProcrastinateQueue.open(await postgres.database(url, "procrastinate"))
            for number in range(ROUNDS + 1):
                mine, first = await ours.drain(JOBS), await pgqueuer.drain(JOBS)
                second = await procrastinate.drain(FEWER) * JOBS / FEWER
                if number:
                    rounds.append((mine, first, second))
            await procrastinate.close()
            await pgqueuer.connection.close()
        await http.aclose()
    return _result(rounds)


def _result(rounds: list[tuple[float, float, float]]) -> Result:
    over_pgqueuer = median(ours / theirs for ours, theirs, _ in rounds)
    over_procrastinate = median(ours / theirs for ours, _, theirs in rounds)
    rates = [JOBS / median(one[side] for one in rounds) for side in range(3)]
    names = ("Voronka's outbox", "PgQueuer", "procrastinate")
    ratios = (1.0, 1 / over_pgqueuer, 1 / over_procrastinate)
    return Result(
        part="engine",
        title="Draining 10,000 operations that do nothing (`engine`)",
        about=(
            "Operations a second that one worker works off, from a backlog of 10,000; the CRM answers "
            "at once. Ours is an update of a linked lead: claimed in its lead's order under a lease, the "
            "lead read and compared with what was sent last, the link brought up to date, marked as done and "
            "whoever sees the lead told, all durable. The others carry out a function that does nothing "
            f"(procrastinate {FEWER:,} times); "
            f"PgQueuer takes {PgQueuerQueue.batch} at a time, procrastinate runs "
            f"{ProcrastinateQueue.at_once} side by side. Each side is checked: every job once, all done."
        ),
        columns=("Queue", "operations/s", "ours over it"),
        rows=[
            [name, f"{rate:.0f}", f"{ratio:.2f}x"]
            for name, rate, ratio in zip(names, rates, ratios, strict=True)
        ],
        goals=[
            Goal("our time over procrastinate's", over_procrastinate, 1 / OVER_PROCRASTINATE),
            Goal("our time over PgQueuer's", over_pgqueuer, 1 / OVER_PGQUEUER),
        ],
        notes=[f"PostgreSQL: {postgres.SAID}; all on one machine."],
    )
