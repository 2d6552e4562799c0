"""Part `export`: all leads as a spreadsheet, beside bare xlsxwriter that writes the same cells."""

import tempfile
from itertools import zip_longest
from pathlib import Path
from statistics import median

from python_calamine import CalamineWorkbook

from benchmarks import postgres
from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS, NotTheSame
from benchmarks.table_run import Sides, Taken
from benchmarks.table_workplace import open_tables

LEADS = 100_000
ENGINES = ("SQLite", "PostgreSQL")
MOST = 1.1

Rounds = list[tuple[Taken, dict[str, Taken]]]


async def measure() -> Result:
    """Write the same sheet in turn, and compare the files."""
    rounds: Rounds = []
    with tempfile.TemporaryDirectory(prefix="voronka-bench-") as directory, postgres.server() as server:
        sides = Sides(Path(directory), server)
        urls = {engine: await sides.database(engine) for engine in ENGINES}
        for url in urls.values():
            async with open_tables(url) as tables:
                await tables.fill(LEADS)
        bare = Path(directory) / "bare.xlsx"
        files = {engine: Path(directory) / f"{engine}.xlsx" for engine in ENGINES}
        for _ in range(ROUNDS):
            floor = await sides.take("xlsxwriter", bare, LEADS)
            written = {engine: await sides.take("export", files[engine], urls[engine]) for engine in ENGINES}
            rounds.append((floor, written))
        for file in files.values():
            _same_cells(bare, file)
    return _result(rounds)


def _same_cells(one: Path, other: Path) -> None:
    sheets = [CalamineWorkbook.from_path(file).get_sheet_by_index(0).iter_rows() for file in (one, other)]
    for number, (expected, found) in enumerate(zip_longest(*sheets)):
        # the first row holds the titles; moments may differ by the rounding of a day's fraction
        if expected is None or found is None or (number and expected[:9] != found[:9]):
            raise NotTheSame(f"row {number}: {expected} is {found}")


def _ratio(rounds: Rounds, engine: str, name: str) -> float:
    return median(float(getattr(written[engine], name) / getattr(floor, name)) for floor, written in rounds)


def _row(rounds: Rounds, what: str, name: str, digits: int) -> list[str]:
    cells = [what, f"{median(getattr(floor, name) for floor, _ in rounds):.{digits}f}"]
    for engine in ENGINES:
        cells.append(f"{median(getattr(written[engine], name) for _, written in rounds):.{digits}f}")
        cells.append(f"{_ratio(rounds, engine, name):.2f}x")
    return cells


def _result(rounds: Rounds) -> Result:
    return Result(
        part="export",
        title="A list as a spreadsheet (`export`)",
        about=(
            f"`services.exporting` writes {LEADS:,} leads with the ten usual columns as XLSX, read from the "
            "database page by page; against bare xlsxwriter in constant memory mode that writes the same "
            f"cells from a list it has at hand. Each side is a process of its own, in turn; {ROUNDS} rounds. "
            "The files hold the same cells."
        ),
        columns=("Compared", "xlsxwriter", "SQLite", "ratio", "PostgreSQL", "ratio"),
        rows=[
            _row(rounds, "time, s", "seconds", 2),
            _row(rounds, "most memory over that before, MB", "memory", 0),
        ],
        goals=[Goal(f"{engine}, time", _ratio(rounds, engine, "seconds"), MOST) for engine in ENGINES],
        notes=[f"PostgreSQL: {postgres.SAID}; all on one machine."],
    )
