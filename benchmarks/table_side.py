"""One side of the import's comparison, in a process of its own: `python -m benchmarks.table_side SIDE ...`.

It prints what it found, the seconds, and how far its memory rose, as JSON.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.table_data import sheet_row
from domain.leads import LeadDraft
from services.exporting.columns import USUAL as TITLES

PEAK = Path("/proc/self/clear_refs")
EMAIL = r"[^@\s<>,;\"']{1,64}@[\w-]+(?:\.[\w-]+)+"


def memory(name: str) -> int:
    """A figure of the kernel's about this process, in MB: VmRSS now, VmHWM at its peak."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) // 1024


def measured(before: int, seconds: float, counts: dict[str, int]) -> dict[str, Any]:
    return {"counts": counts, "seconds": seconds, "memory": max(1, memory("VmHWM") - before)}


def pandas_side(file: Path) -> dict[str, Any]:
    """Every row validated with pandas and phonenumbers; nothing is stored. The memory is from before pandas
    is loaded, the time from after."""
    before = memory("VmRSS")
    import pandas
    import phonenumbers

    content = file.read_bytes()
    PEAK.write_text("5")
    started = time.perf_counter()
    counts = _validate(pandas, phonenumbers, content)
    return measured(before, time.perf_counter() - started, counts)


def _validate(pandas: Any, phonenumbers: Any, content: bytes) -> dict[str, int]:
    from io import BytesIO

    frame = pandas.read_csv(BytesIO(content), sep=";", encoding="cp1251", dtype=str, keep_default_na=False)

    def e164(typed: str) -> str:
        if not typed:
            return ""
        try:
            number = phonenumbers.parse(typed.removesuffix(".0"), "RU")
        except phonenumbers.NumberParseException:
            return "!"
        if not phonenumbers.is_valid_number(number):
            return "!"
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    frame["e164"] = frame["Phone"].map(e164)
    email = frame["E-mail"].str.strip().str.lower()
    amount = pandas.to_numeric(frame["Amount"].str.replace(" ", ""), errors="coerce")
    created = pandas.to_datetime(frame["Created"], format="%d.%m.%Y %H:%M", errors="coerce")
    bad = (
        (frame["e164"] == "!")
        | ((email != "") & ~email.str.fullmatch(EMAIL))
        | ((frame["INN"] != "") & ~frame["INN"].map(_inn_holds))
        | (frame["Amount"] != "") & ~(amount > 0)
        | created.isna()
        | ((frame["Name"].str.strip() == "") & (frame["Company"].str.strip() == ""))
        | ((frame["e164"] == "") & (email == ""))
    )
    good = frame[~bad]
    twin = good["e164"].duplicated() & (good["e164"] != "")
    twin |= email[~bad].duplicated() & (email[~bad] != "")
    return {"new": int(len(good) - twin.sum()), "twin": int(twin.sum()), "bad": int(bad.sum())}


def _inn_holds(inn: str) -> bool:
    if len(inn) != 10 or not inn.isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(inn, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=False))
    return total % 11 % 10 == int(inn[9])


async def product_side(file: Path, url: str, people: int) -> dict[str, Any]:
    """The file received, guessed, counted in a dry run, and brought in: committed. Meanwhile so many people
    send a lead and look for it, one after the other."""
    from benchmarks.table_workplace import open_tables

    async with open_tables(url) as tables:
        before = memory("VmRSS")
        PEAK.write_text("5")
        over = asyncio.Event()
        served = asyncio.create_task(_serve(tables, over)) if people else None
        found = await tables.bring_in(file)
        over.set()
        replies = await served if served is not None else []
        said = measured(before, found.committed, found.counts)
        return {**said, **asdict(found), "replies": replies}


async def _serve(tables: Any, over: asyncio.Event) -> list[float]:
    """Somebody sends a lead (duplicate check, history, audit, notices) ten times a second; seconds each."""
    took: list[float] = []
    while not over.is_set():
        begun = time.perf_counter()
        draft = LeadDraft(name="Walk In", phones=(f"+7999{len(took):07d}",))
        await tables.leads.create(tables.owner, draft)
        took.append(time.perf_counter() - begun)
        await asyncio.sleep(max(0.0, 0.1 - took[-1]))
    return took


def plain_xlsx(path: Path, rows: int) -> dict[str, Any]:
    """The same sheet with bare xlsxwriter in constant memory mode, from rows that are at hand."""
    import xlsxwriter

    table = [list(TITLES), *(sheet_row(number) for number in range(rows, 0, -1))]
    before = memory("VmRSS")
    PEAK.write_text("5")
    started = time.perf_counter()
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet, moment = book.add_worksheet(), book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        for place, row in enumerate(table):
            for column, value in enumerate(row):
                if value.__class__ is datetime:
                    sheet.write_datetime(place, column, value, moment)
                elif value.__class__ is not str:
                    sheet.write_number(place, column, value)
                elif value:
                    sheet.write_string(place, column, value)
    return measured(before, time.perf_counter() - started, {"rows": rows})


async def product_xlsx(path: Path, url: str) -> dict[str, Any]:
    """Everything read from the database at `url` and written as a spreadsheet."""
    from benchmarks.table_workplace import open_tables

    async with open_tables(url) as tables:
        before = memory("VmRSS")
        PEAK.write_text("5")
        started = time.perf_counter()
        rows = await tables.write_to(path, "xlsx")
        return measured(before, time.perf_counter() - started, {"rows": rows})


SIDES: dict[str, Callable[..., Any]] = {
    "pandas": lambda file: pandas_side(Path(file)),
    "product": lambda file, url, people: asyncio.run(product_side(Path(file), url, int(people))),
    "xlsxwriter": lambda path, rows: plain_xlsx(Path(path), int(rows)),
    "export": lambda path, url: asyncio.run(product_xlsx(Path(path), url)),
}


def main() -> None:
    side, *given = sys.argv[1:]
    print(json.dumps(SIDES[side](*given)))


if __name__ == "__main__":
    main()
