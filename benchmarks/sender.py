"""Part `sender`: an announcement to thousands of people while Telegram changes what it takes."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median

from benchmarks import crowd, postgres
from benchmarks.installation import Installation, redis
from benchmarks.report import Goal, Result
from benchmarks.rounds import NotTheSame
from benchmarks.serving import running
from domain.members import Member
from sandbox.telegram.limits import Limits
from sandbox.telegram.server import TelegramSandbox
from services.clock import system_clock
from services.messages.notices import Notices
from services.people.announcements import Announcements
from storage.db import Database
from storage.replicas.signals import RedisSignals

PEOPLE, TIMES = 10_000, 2
TEXT = "The office moves on Monday"
USUAL = 30
"""Messages a second that Telegram takes from a bot; as many may come at once."""

RATES = ((0.0, 10 * USUAL), (0.4, 5 * USUAL), (0.6, 10 * USUAL))
"""From this share of the messages on it takes so many a second."""

MOST = 1.05
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds from the start to the last message; how often Telegram said no; what came how often."""

    seconds: float
    refused: int
    lost: int
    doubled: int

    @property
    def ratio(self) -> float:
        return self.seconds / ideal_seconds()


def ideal_seconds() -> float:
    """The time in which the rates let everything through. What may come at once is left out."""
    ends = [share for share, _ in RATES[1:]] + [1.0]
    return sum(PEOPLE * (end - begin) / rate for (begin, rate), end in zip(RATES, ends, strict=True))


class Telegram:
    """The stand-in with a crowd; its limits change with the number of messages it has taken."""

    def __init__(self, sandbox: TelegramSandbox) -> None:
        self.sandbox = sandbox

    async def take(self, began: float = 0.0) -> float:
        """Take a message for everybody; seconds from `began`, or from the first of them, to the last."""
        taken = 0
        changes = [(int(share * PEOPLE), rate) for share, rate in RATES[1:]]
        world = self.sandbox.world
        async for event in world.api.state.changes.feed(PATIENCE):
            if event is None:
                raise NotTheSame(f"nothing comes any more after {taken} messages")
            taken += "message" in event
            began = began or time.perf_counter()
            if changes and taken >= changes[0][0]:
                world.api.flood.set(_limits(changes.pop(0)[1]))
            if taken == PEOPLE:
                return time.perf_counter() - began
        raise NotTheSame("Telegram has closed")

    def account(self, seconds: float) -> Run:
        """What is in the chats."""
        world = self.sandbox.world
        refused = sum(one["status"] == 429 for one in world.journal.entries("sendMessage"))
        times = Counter(
            sum(
                TEXT in message.data.get("text", "")
                for message in world.api.state.chats[person].messages.values()
            )
            for person in crowd.ids(PEOPLE)
        )
        return Run(seconds, refused, times[0], sum(n for often, n in times.items() if often > 1))


def _limits(rate: float) -> Limits:
    return Limits(
        private_rate=10, private_burst=200, group_rate=200, group_burst=200,
        overall_rate=rate, overall_burst=int(rate),
    )  # fmt: skip


@asynccontextmanager
async def telegram() -> AsyncIterator[Telegram]:
    async with TelegramSandbox(limits=_limits(RATES[0][1])) as sandbox:
        crowd.gather(sandbox, crowd.ids(PEOPLE))
        yield Telegram(sandbox)


async def bare() -> Run:
    """A plain aiogram loop in a process of its own."""
    async with telegram() as at:
        given = [at.sandbox.url, at.sandbox.token, str(crowd.FIRST), str(PEOPLE), TEXT]
        # its process starts meanwhile, which is nobody's sending
        taking = asyncio.create_task(at.take())
        with running(["-m", "benchmarks.bare_sender", *given], {}):
            return at.account(await taking)


async def product(server_url: str, redis_url: str, name: str) -> Run:
    """The role bot in a process of its own; somebody sends an announcement to all."""
    url = await postgres.database(server_url, name)
    db = Database(url)
    organization, owner = await crowd.organization_of(db)
    await crowd.fill(url, organization, PEOPLE)
    async with telegram() as at:
        rate = {"TELEGRAM_RATE": str(RATES[0][1])}
        house = Installation(url, redis_url, at.sandbox.url, at.sandbox.token, rate)
        with house.run("bot"):
            while not at.sandbox.world.api.updates.polling:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            signals = RedisSignals(redis_url)
            announcements = Announcements(db, system_clock, Notices(db, system_clock, signals))
            await _announce(announcements, owner)
            run = at.account(await at.take(time.perf_counter()))
            await signals.close()
    await db.close()
    return run


async def _announce(announcements: Announcements, owner: Member) -> None:
    found = await announcements.draft(owner, [], TEXT)
    await announcements.send(owner, found.announcement.id)


async def measure() -> Result:
    """The loop and the product in turn."""
    pairs: list[tuple[Run, Run]] = []
    with postgres.server() as server_url, redis() as redis_url:
        for number in range(TIMES):
            pairs.append((await bare(), await product(server_url, redis_url, f"sender{number}")))
    return _result(pairs)


def _result(pairs: Sequence[tuple[Run, Run]]) -> Result:
    loop, ours = [one for one, _ in pairs], [one for _, one in pairs]

    def row(what: str, runs: Sequence[Run]) -> list[str]:
        figures = [median(one.seconds for one in runs), median(one.refused for one in runs)]
        counts = [sum(one.lost for one in runs), sum(one.doubled for one in runs)]
        return [what, f"{figures[0]:.1f}", f"{median(one.ratio for one in runs):.2f}x", f"{figures[1]:.0f}",
                *map(str, counts)]  # fmt: skip

    return Result(
        part="sender",
        title="An announcement to 10,000 people (`sender`)",
        about=(
            f"Somebody announces something to {PEOPLE:,} people. Telegram's stand-in takes ten times what "
            f"Telegram does, {RATES[0][1]} messages a second; of the messages from {RATES[1][0]:.0%} to "
            f"{RATES[2][0]:.0%} only {RATES[1][1]}, which it tells by 429 and retry_after alone. "
            "`python -m bot run bot` on PostgreSQL and Redis, from the press on; against the loop that "
            "everybody writes first, in aiogram: send, and sleep for as long as a 429 says. It remembers "
            "nothing. Processes of their own, in turn; the ideal is the time in which the rates let "
            f"everything through, {ideal_seconds():.0f} s. {TIMES} rounds."
        ),
        columns=("Sender", "seconds", "of the ideal", "refused (429)", "lost", "doubled"),
        rows=[row("aiogram in a loop", loop), row("product", ours)],
        goals=[
            Goal("time over the ideal", median(one.ratio for one in ours), MOST),
            Goal("lost or doubled", float(sum(one.lost + one.doubled for one in ours)), 0.0),
        ],
        notes=[
            "A little may come at once beyond the rates, which is why a sender can be below the ideal.",
            f"PostgreSQL: {postgres.SAID}; the stand-in shares the machine.",
        ],
    )
