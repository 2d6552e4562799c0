"""One side of the import's comparison, in a process of its own: `python -m benchmarks.table_side SIDE ...`.

It prints what it found, the seconds, and how far its memory rose, as JSON.
"""

import asyncio
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

PEAK = Path("/proc/self/clear_refs")
EMAIL = r"[^@\s<>,;\"']{1,64}@[\w-]+(?:\.[\w-]+)+"


def memory(name: str) -> int:
    """A figure of the kernel's about this process, in MB: VmRSS now, VmHWM at its peak."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) // 1024


def measured(before: int, seconds: float, counts: dict[str, int]) -> dict[str, Any]:
    return {"counts": counts, "seconds": seconds, "memory": memory("VmHWM") - before}


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


async def product_side(file: Path, url: str) -> dict[str, Any]:
    """The file received, guessed, counted in a dry run, and brought in: committed."""
    from benchmarks.table_workplace import open_tables

    async with open_tables(url) as tables:
        content = file.read_bytes()
        before = memory("VmRSS")
        PEAK.write_text("5")
        started = time.perf_counter()
        counts = await tables.bring_in(content)
        return measured(before, time.perf_counter() - started, counts)


def main() -> None:
    side, file = sys.argv[1], Path(sys.argv[2])
    found = pandas_side(file) if side == "pandas" else asyncio.run(product_side(file, sys.argv[3]))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
