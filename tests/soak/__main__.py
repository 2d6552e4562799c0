"""`python -m tests.soak [--part NAME] [options]`: the long soaks on a PostgreSQL that keeps its promises.

Each writes its figures into docs/reliability.md. Without --part those of LEADS_AND_PURCHASES run, one after
another, and take --seed and --dry. With one, the further options are its own: `--part NAME --help` lists
them.
"""

import argparse
import sys
from collections.abc import Callable, Mapping

from tests.soak import kill_report, leads, purchases

PARTS: Mapping[str, Callable[[list[str]], int]] = {
    "leads": leads.main,
    "purchases": purchases.main,
    "kills": kill_report.main,
}
LEADS_AND_PURCHASES = ("leads", "purchases")
"""Half an hour on two idle cores; 200 kills take hours."""


def main(arguments: list[str]) -> int:
    """0 where every part came out clean."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", add_help=False, allow_abbrev=False)
    parser.add_argument("--part", choices=PARTS)
    given, rest = parser.parse_known_args(arguments)
    if given.part is not None:
        return PARTS[given.part](rest)
    whole = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__, parents=[parser])
    whole.add_argument("--seed", type=int)
    whole.add_argument("--dry", action="store_true")
    whole.parse_args(arguments)
    return max(PARTS[name](rest) for name in LEADS_AND_PURCHASES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
