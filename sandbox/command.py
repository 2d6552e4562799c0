"""What the commands of the CRM stand-ins share: `python -m sandbox NAME ...`."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from sandbox.stand_in import StandIn


def add_arguments(parser: argparse.ArgumentParser, port: int, secrets: Mapping[str, str]) -> None:
    """Address, clock, and a flag for each secret: its name -> what it is."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port, help="0 takes a free one")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast its clock runs")
    for name, text in secrets.items():
        parser.add_argument(f"--{name.replace('_', '-')}", help=f"{text}; random by default")


def given(options: argparse.Namespace, names: Iterable[str]) -> dict[str, str]:
    """The secrets that were named on the command line."""
    return {name: value for name in names if (value := getattr(options, name))}


def run(stand_in: StandIn[Any], describe: Callable[[], str]) -> int:
    """Serve until Ctrl-C; `describe` says how to reach it once its address is known."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(stand_in, describe))
    return 0


async def _serve(stand_in: StandIn[Any], describe: Callable[[], str]) -> None:
    async with stand_in:
        sys.stdout.write(describe() + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()
