"""`python -m bot ...` as a process of its own, without the seconds that its imports take each time.

A server of processes imports the program once a worker; each run is a fork of that server.
"""

import asyncio
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.__main__ import main

PRELOADED = ["tests.programs", "bot.crm_commands", "bot.crm_moves", "bot.crm_diff", "bot.assembly"]
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(PRELOADED)


async def run(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """The exit code of `python -m bot` with these arguments and this environment, and all that it said."""
    with tempfile.TemporaryDirectory() as directory:
        said = Path(directory) / "said"
        process = _processes.Process(target=_run, args=(list(arguments), dict(environment), str(said)))
        process.start()
        await asyncio.to_thread(process.join)
        return process.exitcode or 0, said.read_text(encoding="utf-8")


def _run(arguments: list[str], environment: dict[str, str], said: str) -> None:
    output = os.open(said, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.environ.clear()
    os.environ.update(environment)
    sys.exit(main(arguments))
