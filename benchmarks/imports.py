"""Part `import`: a file of leads brought in, beside pandas and phonenumbers that merely validate it."""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import postgres
from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS, NotTheSame
from benchmarks.table_data import table
from benchmarks.table_run import Sides, Taken
from domain.errors import BadInput
from domain.phone_columns import PhoneColumn
from domain.phones import read_phone
from tests.domain.mixed_phones import mixed_phones

ROWS, NUMBERS = 50_000, 200_000
ENGINES = ("SQLite", "PostgreSQL")
MOST_TIME, MOST_MEMORY, MOST_REPLY = 1.5, 0.5, 1.0
REGIONS = ("RU", "KZ", "DE")

Rounds = list[tuple[Taken, dict[str, Taken]]]


async def measure() -> Result:
    """Validate and bring in, in turn; then once more while people are at work."""
    _same_verdicts()
    rounds: Rounds = []
    with tempfile.TemporaryDirectory(prefix="voronka-bench-") as directory, postgres.server() as server:
        file, sides = Path(directory) / "leads.csv", Sides(Path(directory), server)
        file.write_bytes(table(ROWS))
        for _ in range(ROUNDS):
            pandas = await sides.take("pandas", file)
            brought = {
                engine: await sides.take("product", file, await sides.database(engine), 0)
                for engine in ENGINES
            }
            if any(one.counts != pandas.counts for one in brought.values()):
                raise NotTheSame(f"{pandas.counts}, brought in {[one.counts for one in brought.values()]}")
            rounds.append((pandas, brought))
        busy = {
            engine: await sides.take("product", file, await sides.database(engine), 1) for engine in ENGINES
        }
    return _result(rounds, {engine: sorted(one.more["replies"]) for engine, one in busy.items()})


def _same_verdicts() -> None:
    """Every number gets the verdict that phonenumbers gives it."""
    numbers = list(mixed_phones(NUMBERS))
    for region in REGIONS:
        column, by_the_book = PhoneColumn(region), partial(read_phone, region=region)
        for one in numbers:
            mine, book = _verdict(column.read, one), _verdict(by_the_book, one)
            if mine != book:
                raise NotTheSame(f"{one!r} in {region}: {mine}, by phonenumbers {book}")


def _verdict(read: Callable[[str], str], typed: str) -> str:
    try:
        return read(typed)
    except BadInput as error:
        return error.reason


def _p95(times: Sequence[float]) -> float:
    return times[int(len(times) * 0.95)]


def _ratio(rounds: Rounds, engine: str, name: str) -> float:
    return median(
        _figure(brought[engine], name) / _figure(pandas, _FLOOR[name]) for pandas, brought in rounds
    )


_FLOOR = {"dry_run": "seconds", "committed": "seconds", "told": "seconds", "memory": "memory"}


def _figure(taken: Taken, name: str) -> float:
    return float(getattr(taken, name) if name in ("seconds", "memory") else taken.more[name])


def _row(rounds: Rounds, what: str, name: str, digits: int) -> list[str]:
    cells = [what, f"{median(_figure(pandas, _FLOOR[name]) for pandas, _ in rounds):.{digits}f}"]
    for engine in ENGINES:
        cells.append(f"{median(_figure(brought[engine], name) for _, brought in rounds):.{digits}f}")
        cells.append(f"{_ratio(rounds, engine, name):.2f}x")
    return cells


def _result(rounds: Rounds, replies: dict[str, list[float]]) -> Result:
    goals = [
        Goal(f"{engine}, received to committed", _ratio(rounds, engine, "committed"), MOST_TIME)
        for engine in ENGINES
    ]
    goals += [Goal(f"{engine}, memory", _ratio(rounds, engine, "memory"), MOST_MEMORY) for engine in ENGINES]
    goals += [
        Goal(f"{engine}, 95th percentile of a lead sent meanwhile, over a second", _p95(times), MOST_REPLY)
        for engine, times in replies.items()
    ]
    counts = rounds[0][0].counts
    return Result(
        part="import",
        title="Bringing leads in from a file (`import`)",
        about=(
            f"A CSV of {ROWS:,} rows with ten columns (cp1251, phones as people write them): received, its "
            "columns guessed, counted in a dry run, and brought in by the job, row by row a lead, its "
            "contact points, a history entry and what became of the row. Against pandas and phonenumbers "
            "that read the same file and validate the same columns, and keep nothing. Each side is a process "
            f"of its own, in turn; {ROUNDS} rounds. Both find {counts['new']:,} new rows, {counts['twin']} "
            f"that stand there twice and {counts['bad']:,} bad ones."
        ),
        columns=("Compared", "pandas", "SQLite", "ratio", "PostgreSQL", "ratio"),
        rows=[
            _row(rounds, "dry run alone, s", "dry_run", 2),
            _row(rounds, "**received to committed**, s", "committed", 2),
            _row(rounds, "until every lead is found by its words, and its author told, s", "told", 2),
            _row(rounds, "most memory over that before, MB", "memory", 0),
        ],
        goals=goals,
        notes=[
            f"{NUMBERS:,} mixed numbers get the verdict and the E.164 of phonenumbers, explained for each of "
            f"{', '.join(REGIONS)}.",
            "Replies are `services.leads.leads.create` in the process that imports, ten a second: "
            + ", ".join(f"{engine} {len(times)} of them" for engine, times in replies.items())
            + ".",
            "pandas' memory counts pandas, which is loaded for the file; the product is loaded anyway.",
            f"PostgreSQL: {postgres.SAID}; on the same machine, so that its server takes part of the cores.",
        ],
    )
