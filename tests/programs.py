"""`python -m bot ...` as a process of its own, without the seconds that its imports take each time.

Each run is a fork of the tests' server of processes. It speaks English where its environment names no other
language.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.__main__ import main
from tests.forks import PROCESSES

STOPS_WITHIN, LONGEST = 15.0, 60.0


@contextmanager
def started(arguments: Sequence[str], environment: Mapping[str, str], said: Path) -> Iterator[BaseProcess]:
    """`python -m bot` with these arguments, running; it is asked to stop in the end, and killed if it does
    not within STOPS_WITHIN seconds. What it says goes into the file."""
    process = PROCESSES.Process(target=_run, args=(list(arguments), dict(environment), str(said)))
    process.start()
    try:
        yield process
    finally:
        process.terminate()
        process.join(STOPS_WITHIN)
        if process.is_alive():
            process.kill()
            process.join()


async def run(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """The exit code of `python -m bot` with these arguments and this environment, and all that it said."""
    with tempfile.TemporaryDirectory() as directory:
        said = Path(directory) / "said"
        process = PROCESSES.Process(target=_run, args=(list(arguments), dict(environment), str(said)))
        process.start()
        await asyncio.to_thread(process.join, LONGEST)
        if process.is_alive():
            process.kill()
            await asyncio.to_thread(process.join)
        return process.exitcode or 0, said.read_text(encoding="utf-8")


def _run(arguments: list[str], environment: dict[str, str], said: str) -> None:
    output = os.open(said, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.environ.clear()
    os.environ.update({"DEFAULT_LANGUAGE": "en", **environment})
    sys.exit(main(arguments))
