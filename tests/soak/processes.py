"""`python -m bot run ROLE` as processes that can be killed and come back, forked from one that has
done its imports: those of a bot take seconds.

What a killed process held is free after LEASE here instead of a minute; nothing else is changed.
"""

import asyncio
import ctypes
import importlib
import os
import signal
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.__main__ import main
from tests.forks import PROCESSES

LEASE = timedelta(seconds=3)
HELD_IN = (
    "services.delivery.inbox",
    "services.hooks_in.kept",
    "services.messages.notices",
    "services.hooks_out.sender",
)
IMPORTED = ("bot.assembly", "bot.telegram.conversing", "bot.app", "bot.watching.logs", "bot.starting")
STARTS_WITHIN = 40.0
PR_SET_PDEATHSIG = 1


class Processes:
    """Processes by the name of their role."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self.environment = folder, dict(environment)
        self.running: dict[str, int] = {}
        self._line, theirs = Pipe()
        self._first = PROCESSES.Process(target=_bear, args=(theirs, self.environment), daemon=True)
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._first.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self.running):
            await self.kill(name)
        self._first.kill()
        await asyncio.to_thread(self._first.join)
        self._line.close()

    async def start(self, name: str) -> None:
        """Start the role; one with a door is waited for. Raises RuntimeError when it ends instead."""
        log = self.folder / f"{name}.log"
        async with self._turn:
            self._line.send((["run", name], str(log)))
            self.running[name] = await asyncio.to_thread(self._line.recv)
        port = int(self.environment["HTTP_PORT"])
        if name in ("web", "all"):
            async with asyncio.timeout(STARTS_WITHIN):
                while self.lives(name) and not _listens(port):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        if not self.lives(name):
            raise RuntimeError(log.read_text()[-2000:])

    def lives(self, name: str) -> bool:
        try:
            os.kill(self.running[name], 0)
        except ProcessLookupError:
            return False
        return True

    async def kill(self, name: str) -> None:
        """kill -9, without a word."""
        with suppress(ProcessLookupError):
            os.kill(self.running[name], signal.SIGKILL)
        while self.lives(name):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        del self.running[name]

    async def be_one(self, one: bool, roles: Iterable[str]) -> None:
        """Let one process have all roles, or each a process of its own; those that go are killed too."""
        wanted = ("all",) if one else tuple(roles)
        if set(wanted) == set(self.running):
            return
        for name in list(self.running):
            await self.kill(name)
        await asyncio.gather(*(self.start(name) for name in wanted))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _bear(line: Connection, environment: dict[str, str]) -> None:
    """Import what the product needs, then fork a process whenever the line asks for one."""
    os.environ.update(environment)
    for name in (*HELD_IN, *IMPORTED):
        importlib.import_module(name)
    for name in HELD_IN:
        importlib.import_module(name).LEASE = LEASE  # type: ignore[attr-defined]
    importlib.import_module("storage.replicas.pace").TICKET_LIVES = LEASE.total_seconds()  # type: ignore[attr-defined]
    # whoever ends is gone at once
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with suppress(EOFError):
        while True:
            arguments, log = line.recv()
            process = os.fork()
            if not process:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                line.close()
                _become(arguments, log)
            line.send(process)


def _become(arguments: list[str], log: str) -> None:
    # nobody is left behind when the run is ended from outside
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    output = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    code = 1
    try:
        code = main(arguments)
    finally:
        os._exit(code)
