"""Part `start`: from the start of a process to its first reply, beside a bare aiogram echo bot."""

import base64
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS
from sandbox.telegram.limits import Limits
from sandbox.telegram.server import TelegramSandbox

PATIENCE = 120.0
MOST_TIME, MOST_MEMORY = 3.0, 3.0


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds to the first reply; CPU seconds and most memory (MiB) of the process until then."""

    seconds: float
    cpu: float
    memory: float


class Bots:
    """Starts bots on one local Telegram, each time with a new person who has pressed Start."""

    def __init__(self, telegram: TelegramSandbox, directory: Path) -> None:
        self.telegram, self.directory = telegram, directory
        self._numbers = count(1)

    async def start(self, module: str, *arguments: str, environment: Mapping[str, str]) -> Start:
        """Start `python -m module`, wait for its reply to the person, end it."""
        person = await self.telegram.person(f"Paul {next(self._numbers)}", language="en")
        await person.start()
        started = time.perf_counter()
        process = self._run(module, *arguments, environment=environment)
        try:
            await person.gets(timeout=PATIENCE)
            seconds = time.perf_counter() - started
        finally:
            used = _end(process)
        return Start(seconds, used.ru_utime + used.ru_stime, _mebibytes(used))

    def _run(self, module: str, *arguments: str, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        with (self.directory / "bot.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )

    async def echo(self) -> Start:
        given = {"API_URL": self.telegram.url, "TOKEN": self.telegram.token}
        return await self.start("benchmarks.echo_bot", environment=given)

    async def product(self, database: Path) -> Start:
        given = {
            "ENV_FILE": "",
            "BOT_TOKEN": self.telegram.token,
            "BOT_API_URL": self.telegram.url,
            "DATABASE_URL": f"sqlite+aiosqlite:///{database}",
            "SECRET_KEY": base64.b64encode(b"k" * 32).decode(),
            "HTTP_PORT": "0",
            "ADMIN_IDS": "1",
        }
        return await self.start("bot", "run", environment=given)


def _end(process: "subprocess.Popen[bytes]") -> resource.struct_rusage:
    """Kill the process; what it has used."""
    process.send_signal(signal.SIGKILL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used


def _mebibytes(used: resource.struct_rusage) -> float:
    # kibibytes on Linux, bytes on macOS
    return used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


async def measure() -> Result:
    """Echo bot, product on a new database and product on one that is there, in turn."""
    echo: list[Start] = []
    fresh: list[Start] = []
    again: list[Start] = []
    with tempfile.TemporaryDirectory(prefix="voronka-bench-") as directory:
        async with TelegramSandbox(limits=Limits(on=False)) as telegram:
            bots = Bots(telegram, Path(directory))
            # the first starts find cold files and are not counted
            await bots.echo()
            await bots.product(Path(directory) / "0.db")
            for number in range(1, ROUNDS + 1):
                database = Path(directory) / f"{number}.db"
                echo.append(await bots.echo())
                fresh.append(await bots.product(database))
                again.append(await bots.product(database))
    return _result(echo, fresh, again)


def _row(what: str, starts: list[Start], floor: list[Start]) -> list[str]:
    cells = [what]
    for name, digits in (("seconds", 2), ("cpu", 2), ("memory", 0)):
        found = median(getattr(one, name) for one in starts)
        cells += [f"{found:.{digits}f}", f"{_ratio(name, starts, floor):.2f}x"]
    return cells


def _ratio(name: str, starts: list[Start], floor: list[Start]) -> float:
    pairs = zip(floor, starts, strict=True)
    return median(float(getattr(product, name) / getattr(bare, name)) for bare, product in pairs)


def _result(echo: list[Start], fresh: list[Start], again: list[Start]) -> Result:
    return Result(
        part="start",
        title="To the first reply (`start`)",
        about=(
            "`python -m bot run` (every role, SQLite) against an echo bot in bare aiogram, both processes on "
            "a local Telegram where somebody has already pressed Start: seconds until the reply is in the "
            "chat, CPU seconds and most memory of the process until then."
        ),
        columns=("Bot", "seconds", "ratio", "CPU, s", "ratio", "memory, MiB", "ratio"),
        rows=[
            _row("echo bot", echo, echo),
            _row("product, database at hand", again, echo),
            _row("product, makes its database", fresh, echo),
        ],
        goals=[
            Goal("time to the first reply, database at hand", _ratio("seconds", again, echo), MOST_TIME),
            Goal("memory", _ratio("memory", again, echo), MOST_MEMORY),
        ],
    )
