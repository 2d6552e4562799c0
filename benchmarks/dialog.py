"""Part `dialog`: what a step of a conversation costs beside a bare aiogram FSM."""

import base64
import json
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa
from aiogram import Bot

from benchmarks import postgres
from benchmarks.bare_dialog import BareDialog, Reply
from benchmarks.offline import TOKEN, OfflineSession, text_update
from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS, NotTheSame
from bot.app import Product, assemble, build_dispatcher
from bot.calls import BotCalls
from bot.settings import load_settings
from bot.updates import UpdateWorker
from domain.members import Role
from services.journal import lane_of
from storage import migrations
from storage.tables import dialogs, updates
from storage.updates import JournalEntry

OWNER = 1000
PEOPLE = tuple(range(2001, 2011))
REPEATS = 6
MOST, AIM = 4.0, 2.5
STEPS = (
    ("new", "/new"),
    ("phone", "+7 916 123-45-67"),
    ("name", "Ivan Petrov"),
    ("amount", "3 000 000"),
    ("cancel", "/cancel"),
)
TITLES = {
    "new": "command that opens the form",
    "phone": "phone, with its duplicate check",
    "name": "answer",
    "amount": "answer, an amount",
    "cancel": "command that leaves it",
}
PLAIN = ("new", "name", "amount", "cancel")
"""Steps where both sides have the same to do; the bare bot looks for no duplicates."""

Feed = Callable[[dict[str, Any]], Awaitable[object]]
Cost = dict[str, float]


class Walker:
    """Walks everybody through the dialog; knows what each step cost in CPU seconds of this process."""

    def __init__(self, feed: Feed, session: OfflineSession) -> None:
        self.feed, self.session = feed, session
        self._numbers = count(1)
        self.steps = 0

    async def walk(self, repeats: int = REPEATS) -> tuple[Cost, list[tuple[object, ...]]]:
        """Mean cost of each step, and everything that was sent."""
        spent: Counter[str] = Counter()
        for _ in range(repeats):
            for person in PEOPLE:
                for name, text in STEPS:
                    update = text_update(next(self._numbers), person, text)
                    started = time.process_time()
                    await self.feed(update)
                    spent[name] += time.process_time() - started
                    self.steps += 1
        times = repeats * len(PEOPLE)
        return {name: spent[name] / times for name, _ in STEPS}, self.session.take()


@asynccontextmanager
async def product_walker(url: str) -> AsyncIterator[tuple[Walker, Product]]:
    """The product on the database at `url`, fed as its poller feeds it, one update at a time."""
    await migrations.upgrade(url)
    settings = load_settings(
        bot_token=TOKEN,
        database_url=url,
        secret_key=base64.b64encode(b"k" * 32).decode(),
        admin_ids=(OWNER,),
        organization_name="Bench",
        default_language="en",
    )
    async with assemble(settings) as product:
        await _register(product)
        session = OfflineSession()
        bot = Bot(TOKEN, session=session)
        services = product.services
        dispatcher = build_dispatcher(product, "bench_bot")
        worker = UpdateWorker(bot, dispatcher, services.journal, services.members, BotCalls(bot), "en")

        async def feed(update: dict[str, Any]) -> None:
            entry = (update["update_id"], lane_of(update), json.dumps(update, ensure_ascii=False))
            for update_id in await services.journal.store([entry]):
                await worker.handle(JournalEntry(update_id, entry[1], entry[2], "pending", None))

        yield Walker(feed, session), product


async def _register(product: Product) -> None:
    members = product.services.members
    await members.arrive(OWNER, "", "Olga", "en", "")
    owner = await members.current(OWNER)
    assert owner is not None
    invite = await members.invite(owner, Role.PARTNER)
    for person in PEOPLE:
        arrival = await members.arrive(person, "", "Paul", "en", invite.code)
        agreed = await members.give_consent(arrival.member, "1", "text")
        await members.register(agreed, f"+7916000{person:04d}", Role.PARTNER)


async def bare_walker(product: Walker) -> Walker:
    """The bare bot, with the product's own words: one walk of the product shows them."""
    _, sent = await product.walk(repeats=1)
    replies = {name: _reply(said) for (name, _), said in zip(STEPS, sent, strict=False)}
    session = OfflineSession()
    bot, dispatcher = Bot(TOKEN, session=session), BareDialog(replies).dispatcher()

    async def feed(update: dict[str, Any]) -> None:
        await dispatcher.feed_raw_update(bot, update)

    return Walker(feed, session)


def _reply(said: tuple[object, ...]) -> Reply:
    _, text, keyboard = said
    assert isinstance(text, str)
    assert isinstance(keyboard, dict), text
    rows = keyboard["inline_keyboard"]
    return Reply(text, tuple(tuple((one["text"], one["callback_data"]) for one in row) for row in rows))


async def _verify(walker: Walker, product: Product) -> None:
    """Every step is in the journal as done, and every dialog is left."""
    async with product.db.reading(system=True) as s:
        states = await s.rows(sa.select(updates.c.state, sa.func.count()).group_by(updates.c.state))
        left = await s.rows(sa.select(dialogs.c.state).where(dialogs.c.telegram_id.in_(PEOPLE)))
    if [tuple(row) for row in states] != [("done", walker.steps)]:
        raise NotTheSame(f"the journal holds {states} after {walker.steps} steps")
    if [row.state for row in left] != [None] * len(PEOPLE):
        raise NotTheSame(f"dialogs are left at {left}")


async def compare_on(url: str) -> list[tuple[Cost, Cost]]:
    """Costs of bare and product, a pair a round."""
    async with product_walker(url) as (ours, product):
        bare = await bare_walker(ours)
        pairs: list[tuple[Cost, Cost]] = []
        for number in range(ROUNDS + 1):
            floor, expected = await bare.walk()
            cost, sent = await ours.walk()
            if sent != expected or len(sent) != REPEATS * len(PEOPLE) * len(STEPS):
                raise NotTheSame("bare and product said different things")
            if number:
                pairs.append((floor, cost))
        await _verify(ours, product)
    return pairs


def _over(pairs: list[tuple[Cost, Cost]], names: tuple[str, ...]) -> tuple[float, float, float]:
    """Medians over the rounds: bare and product in microseconds a step, and their ratio."""
    sums = [(sum(a[n] for n in names) / len(names), sum(b[n] for n in names) / len(names)) for a, b in pairs]
    bare, ours = median(a for a, _ in sums) * 1e6, median(b for _, b in sums) * 1e6
    return bare, ours, median(b / a for a, b in sums)


async def measure() -> Result:
    """Bare aiogram against the product on SQLite and on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="voronka-bench-") as directory:
        lite = await compare_on(f"sqlite+aiosqlite:///{Path(directory) / 'bench.db'}")
    with postgres.server() as url:
        big = await compare_on(await postgres.database(url, "dialog"))
    rows = []
    lines = [(TITLES[name], (name,)) for name, _ in STEPS]
    for title, names in [*lines, ("**mean of those without a check**", PLAIN)]:
        bare, on_lite, lite_ratio = _over(lite, names)
        _, on_big, big_ratio = _over(big, names)
        rows.append([title, f"{bare:.0f}", f"{on_lite:.0f}", f"{lite_ratio:.2f}x",
                     f"{on_big:.0f}", f"{big_ratio:.2f}x"])  # fmt: skip
    return Result(
        part="dialog",
        title="A step of a conversation (`dialog`)",
        about=(
            "CPU time of the bot's process for one step: journal, rights, language, dialog in SQL, answer "
            "through the journal; against the same dialog in bare aiogram with MemoryStorage. Both are fed "
            "raw updates one by one and answer into a session that has everything but the network. "
            "The same words and buttons went out on both sides."
        ),
        columns=("Step", "bare, µs", "SQLite, µs", "ratio", "PostgreSQL, µs", "ratio"),
        rows=rows,
        goals=[
            Goal("SQLite", _over(lite, PLAIN)[2], MOST),
            Goal("PostgreSQL", _over(big, PLAIN)[2], MOST),
        ],
        notes=[
            f"The aim beyond the goal is {AIM}x.",
            "One update a transaction is the worst case: under load the poller journals a batch at once.",
            f"PostgreSQL: {postgres.SAID}. The server's own CPU is not in the figure.",
        ],
    )
