"""Where the figures of a soak are written down."""

from collections.abc import Sequence
from pathlib import Path

REPORT = Path("docs/reliability.md")


def write(mark: str, lines: Sequence[str]) -> None:
    """Put the lines between the marks `<!-- mark: begin -->` and `<!-- mark: end -->` of the report."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    head, rest = REPORT.read_text().split(begin)
    tail = rest.split(end)[1]
    REPORT.write_text(f"{head}{begin}\n" + "\n".join(lines) + f"\n{end}{tail}")
