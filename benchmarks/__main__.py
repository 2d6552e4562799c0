"""`python -m benchmarks [PART ...]`: run the parts, show and keep their tables; 1 when a goal is missed."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module

from benchmarks.report import Result, keep

PARTS = (
    "dialog", "lead", "find", "board", "import", "export", "start", "web", "rest", "intake", "engine",
    "bitrix", "outbox", "updates", "sender", "memory", "purchases",
)  # fmt: skip
MODULES = {"import": "imports", "export": "exports"}
"""Where a part's name is a word of Python's, or one of its modules' names."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"one of: {', '.join(PARTS)}; all of them without")
    chosen = parser.parse_args(arguments).part or PARTS
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    held = True
    for part in chosen:
        measure: Callable[[], Awaitable[Result]] = import_module(
            f"benchmarks.{MODULES.get(part, part)}"
        ).measure
        result = asyncio.run(_run(measure))
        print(result.markdown(), end="\n\n")
        keep(result, PARTS)
        held = held and all(goal.held for goal in result.goals)
    return 0 if held else 1


async def _run(measure: Callable[[], Awaitable[Result]]) -> Result:
    return await measure()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
