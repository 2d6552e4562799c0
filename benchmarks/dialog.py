"""Part `dialog`: what a step of a conversation costs beside a bare aiogram FSM."""

import asyncio
import base64
import json
import tempfile
import time
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
from bot.assembly import Product, assemble
from bot.settings import load_settings
from bot.telegram.calls import BotCalls
from bot.telegram.conversing import build_dispatcher
from bot.telegram.lanes import Lanes
from bot.telegram.turns import Turns
from bot.telegram.updates import UpdateWorker
from domain.members import Role
from services.journal import lane_of
from storage import migrations
from storage.messages.updates import JournalEntry
from storage.tables import dialogs, updates

OWNER = 1000
PEOPLE = tuple(range(2001, 2011))
REPEATS = 6
ALONE, TOGETHER = 1, len(PEOPLE)
MOST, AIM = 4.0, 2.5
PATIENCE = 60.0
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
CALLS = 2 * len(STEPS) - 1
"""Calls of Telegram's a walk: a message a step, and an edit of the question that the step has answered."""

PLAIN = ("new", "name", "amount", "cancel")
"""Steps where both sides have the same to do; the bare bot looks for no duplicates."""

Feed = Callable[[list[dict[str, Any]]], Awaitable[object]]
"""Handles a batch of updates, each of another chat, as it came in one answer of Telegram's."""

Cost = dict[str, float]
"""CPU seconds of one update, by the step's name."""

Pairs = list[tuple[Cost, Cost]]


class Walker:
    """Walks everybody through the dialog; knows what each step cost in CPU seconds of this process."""

    def __init__(self, feed: Feed, session: OfflineSession) -> None:
        self.feed, self.session = feed, session
        self._numbers = count(1)
        self.steps = 0

    async def walk(self, batch: int, repeats: int = REPEATS) -> tuple[Cost, list[tuple[object, ...]]]:
        """Mean cost of each step, and everything that was sent; `batch` people walk at a time."""
        spent = dict.fromkeys((name for name, _ in STEPS), 0.0)
        for _ in range(repeats):
            for first in range(0, len(PEOPLE), batch):
                for name, text in STEPS:
                    people = PEOPLE[first : first + batch]
                    updates = [text_update(next(self._numbers), person, text) for person in people]
                    started = time.process_time()
                    await self.feed(updates)
                    spent[name] += time.process_time() - started
                    self.steps += len(updates)
        times = repeats * len(PEOPLE)
        return {name: seconds / times for name, seconds in spent.items()}, self.session.take()


@asynccontextmanager
async def product_walker(url: str) -> AsyncIterator[tuple[Walker, Product]]:
    """The product on the database at `url`, fed as its poller feeds it."""
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
        calls, turns = BotCalls(bot), Turns()
        worker = UpdateWorker(bot, dispatcher, services.journal, services.members, calls, turns, "en")

        lanes = Lanes(worker.handle)

        async def feed(batch: list[dict[str, Any]]) -> None:
            entries = [(one["update_id"], lane_of(one), json.dumps(one, ensure_ascii=False)) for one in batch]
            fresh = await services.journal.store(entries)
            for update_id, lane, body in entries:
                if update_id in fresh:
                    lanes.add(JournalEntry(update_id, lane, body, "pending", None))
            await lanes.drain(PATIENCE)

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
    _, sent = await product.walk(ALONE, repeats=1)
    messages = [said for said in sent if said[1] == "SendMessage"]
    replies = {name: _reply(said) for (name, _), said in zip(STEPS, messages, strict=False)}
    session = OfflineSession()
    bot, dispatcher = Bot(TOKEN, session=session), BareDialog(replies).dispatcher()

    async def feed(batch: list[dict[str, Any]]) -> None:
        await asyncio.gather(*(dispatcher.feed_raw_update(bot, update) for update in batch))

    return Walker(feed, session)


def _reply(said: tuple[object, ...]) -> Reply:
    _, _, text, keyboard = said
    assert isinstance(text, str)
    assert isinstance(keyboard, dict), text
    rows = keyboard["inline_keyboard"]
    return Reply(text, tuple(tuple((one["text"], one["callback_data"]) for one in row) for row in rows))


async def _verify(walker: Walker, product: Product) -> None:
    """Every step is in the journal as done, and every dialog is left."""
    await product.services.journal.settle()
    async with product.db.reading(system=True) as s:
        states = await s.rows(sa.select(updates.c.state, sa.func.count()).group_by(updates.c.state))
        left = await s.rows(sa.select(dialogs.c.state).where(dialogs.c.telegram_id.in_(PEOPLE)))
    if [tuple(row) for row in states] != [("done", walker.steps)]:
        raise NotTheSame(f"the journal holds {states} after {walker.steps} steps")
    if [row.state for row in left] != [None] * len(PEOPLE):
        raise NotTheSame(f"dialogs are left at {left}")


async def compare_on(url: str) -> dict[int, Pairs]:
    """Costs of bare and product, a pair a round, by the size of the batches."""
    found: dict[int, Pairs] = {ALONE: [], TOGETHER: []}
    async with product_walker(url) as (ours, product):
        bare = await bare_walker(ours)
        for number in range(ROUNDS + 1):
            for batch, pairs in found.items():
                floor, expected = await bare.walk(batch)
                cost, sent = await ours.walk(batch)
                if sent != expected or len(sent) != REPEATS * len(PEOPLE) * CALLS:
                    raise NotTheSame("bare and product said different things")
                if number:
                    pairs.append((floor, cost))
        await _verify(ours, product)
    return found


def _over(pairs: Pairs, names: tuple[str, ...]) -> tuple[float, float, float]:
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
    lines: list[tuple[str, tuple[str, ...], int]] = [(TITLES[name], (name,), ALONE) for name, _ in STEPS]
    lines += [("**mean of the four without a check**", PLAIN, ALONE)]
    lines += [(f"the same, {TOGETHER} chats at once", PLAIN, TOGETHER)]
    rows = []
    for title, names, batch in lines:
        bare, on_lite, lite_ratio = _over(lite[batch], names)
        bare_too, on_big, big_ratio = _over(big[batch], names)
        rows.append([title, f"{(bare + bare_too) / 2:.0f}", f"{on_lite:.0f}", f"{lite_ratio:.2f}x",
                     f"{on_big:.0f}", f"{big_ratio:.2f}x"])  # fmt: skip
    return Result(
        part="dialog",
        title="A step of a conversation (`dialog`)",
        about=(
            "CPU time of the bot's process for one step: journal, rights, language, dialog in SQL, answer "
            "through the journal; against the same dialog in bare aiogram with MemoryStorage. Both are fed "
            "raw updates and answer into a session that has everything but the network. "
            "The same words and buttons went out on both sides, and the same questions were tidied up."
        ),
        columns=("Step", "bare, µs", "SQLite, µs", "ratio", "PostgreSQL, µs", "ratio"),
        rows=rows,
        goals=[
            Goal(f"{name}, {manner}", _over(found[batch], PLAIN)[2], MOST)
            for name, found in (("SQLite", lite), ("PostgreSQL", big))
            for batch, manner in ((ALONE, "one chat after the other"), (TOGETHER, f"{TOGETHER} at once"))
        ],
        notes=[
            f"The aim beyond the goal is {AIM}x.",
            "A step follows the other at once: the journal's mark `done` shares the next transaction.",
            f"PostgreSQL: {postgres.SAID}. The server's own CPU is not in the figure.",
        ],
    )
