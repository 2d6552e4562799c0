"""Part `web`: from the start of the web process to the first delivery that is committed, and its memory."""

import asyncio
import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import asyncpg
from sqlalchemy import make_url

from benchmarks import postgres
from benchmarks.intake import PATH, Bodies, prepare, signed
from benchmarks.pouring import Line, post
from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS, NotTheSame
from benchmarks.serving import free_port, running, settings

PATIENCE = 60.0
IDLE = 3.0
"""Seconds after the first delivery in which nothing comes, before the memory is read."""

MOST_TIME, MOST_MEMORY = 1.5, 90.0
HIDDEN = """
import runpy, sys
for name in ("rich", "click", "pygments"):
    sys.modules[name] = None
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
"""Starts a module without the packages that only development brings and that libraries load when they see
them: structlog and httpx would print in colours."""


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds and CPU seconds to the first delivery that is committed; memory (MiB, resident) when nothing
    comes."""

    seconds: float
    cpu: float
    memory: float


class Starts:
    """Starts one of the two and waits for its first answer."""

    def __init__(self, url: str, bodies: Bodies) -> None:
        self.url, self.bodies = url, bodies
        self.taken = {"bare": 0, "product": 0}

    async def product(self) -> Start:
        port = free_port()
        body = self.bodies.next()
        first = post(port, PATH, body, signed(body))
        return await self._start("product", ["bot", "run", "web"], settings(self.url, port), port, first)

    async def bare(self) -> Start:
        port = free_port()
        bare_url = make_url(self.url).set(username=postgres.SUPERUSER)
        arguments = ["benchmarks.bare_web", bare_url.render_as_string(hide_password=False), str(port)]
        first = post(port, "/in", self.bodies.next(), {})
        return await self._start("bare", arguments, settings(self.url, port), port, first)

    async def _start(
        self, name: str, arguments: list[str], environment: Mapping[str, str], port: int, first: bytes
    ) -> Start:
        started = time.perf_counter()
        with running(["-c", HIDDEN, *arguments], environment) as process:
            status = await _first_answer(port, first)
            seconds, cpu = time.perf_counter() - started, _cpu(process.pid)
            if status != 200 or process.poll() is not None:
                raise NotTheSame(f"{name} answered {status}")
            self.taken[name] += 1
            await asyncio.sleep(IDLE)
            return Start(seconds, cpu, _resident(process.pid))


async def _first_answer(port: int, request: bytes) -> int:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            line = await Line.open(port)
        except OSError:
            await asyncio.sleep(0.002)
            continue
        try:
            return await line.ask(request)
        finally:
            line.close()
    raise RuntimeError("nobody listens")


def _cpu(process: int) -> float:
    # proc(5): the name in brackets may hold anything; utime and stime are the 14th and 15th field
    told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _resident(process: int) -> float:
    """MiB. Linux alone tells it of another process without a library."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


async def measure() -> Result:
    """Both in turn on one PostgreSQL that is up to date."""
    if not sys.platform.startswith("linux"):
        raise RuntimeError("the part web reads /proc")
    with postgres.server() as at:
        url = await postgres.database(at, "web")
        await prepare(url)
        starts = Starts(url, Bodies())
        # the first starts find cold files and are not counted
        await starts.bare()
        await starts.product()
        pairs = [(await starts.bare(), await starts.product()) for _ in range(ROUNDS)]
        await _verify(await postgres.connect(url), starts)
    return _result(pairs)


async def _verify(connection: asyncpg.Connection, starts: Starts) -> None:
    kept = await connection.fetchval("SELECT count(*) FROM inbox")
    bare_kept = await connection.fetchval("SELECT count(*) FROM bare_bodies")
    await connection.close()
    if {"bare": bare_kept, "product": kept} != starts.taken:
        raise NotTheSame(f"{starts.taken} were answered, {bare_kept} and {kept} are there")


def _result(pairs: list[tuple[Start, Start]]) -> Result:
    ratio = median(product.seconds / bare.seconds for bare, product in pairs)
    memory = median(product.memory for _, product in pairs)

    def row(what: str, starts: list[Start]) -> list[str]:
        return [
            what,
            f"{median(one.seconds for one in starts):.2f}",
            f"{median(one.cpu for one in starts):.2f}",
            f"{median(one.memory for one in starts):.0f}",
        ]

    return Result(
        part="web",
        title="The web process from its start (`web`)",
        about=(
            "From exec of `python -m bot run web` to the answer to a CRM's webhook that is verified and "
            "committed to PostgreSQL, against aiohttp, SQLAlchemy and asyncpg alone that insert the body; "
            f"then the resident memory after {IDLE:.0f} s in which nothing came. In turn, {ROUNDS} rounds; "
            "every delivery is there."
        ),
        columns=("Process", "first delivery, s", "CPU, s", "memory, MiB"),
        rows=[
            row("aiohttp, SQLAlchemy, asyncpg", [bare for bare, _ in pairs]),
            row("product", [product for _, product in pairs]),
        ],
        goals=[
            Goal("time to the first delivery", ratio, MOST_TIME),
            Goal(f"memory over {MOST_MEMORY:.0f} MiB", memory / MOST_MEMORY, 1.0),
        ],
        notes=[f"PostgreSQL: {postgres.SAID}; packages of development were hidden from both."],
    )
