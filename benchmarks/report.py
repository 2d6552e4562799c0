"""What a part found, as text: on the screen and in docs/benchmarks.md."""

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

`make bench` runs every part, `make bench PART=dialog` one of them, each in a few minutes. Product and
floor do the same work in turn within one run, the work is checked on both sides, and the figure is the
median of five rounds' ratios. Absolute times depend on the machine and are here for orientation only.
"""


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio and the most it may be."""

    name: str
    ratio: float
    most: float

    @property
    def held(self) -> bool:
        return self.ratio <= self.most

    def __str__(self) -> str:
        verdict = "held" if self.held else "**missed**"
        return f"{self.name}: {self.ratio:.2f}x, at most {self.most:g}x: {verdict}"


@dataclass(frozen=True, slots=True)
class Result:
    """One part's table. `about` says what was measured and how, `notes` what to keep in mind."""

    part: str
    title: str
    about: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        lines = [f"## {self.title}", "", self.about, "", _row(self.columns)]
        lines.append(_row(["---", *["---:"] * (len(self.columns) - 1)]))
        lines += [_row(row) for row in self.rows]
        lines += ["", *(f"- {one}" for one in (*self.goals, *self.notes))]
        return "\n".join([*lines, "", f"Measured on {machine()}."])


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}"


def keep(result: Result, order: Sequence[str]) -> None:
    """Write the part into the document; the other parts keep what they found last."""
    found = _parts(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    found[result.part] = result.markdown()
    known = [part for part in order if part in found]
    blocks = [f"<!-- part {part} -->\n{found[part]}\n<!-- end -->\n" for part in known]
    FILE.write_text("\n".join([HEAD, *blocks]), encoding="utf-8")


def _parts(text: str) -> dict[str, str]:
    return dict(re.findall(r"<!-- part (\w+) -->\n(.*?)\n<!-- end -->", text, re.DOTALL))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
