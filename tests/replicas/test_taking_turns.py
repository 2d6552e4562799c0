"""What replicas share out: updates of a chat, work that only one does, and turns in a chat."""

import asyncio
import json
import os
import subprocess
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from redis import Redis

from bot import only_one
from bot.only_one import LEASE, OnlyOne
from bot.owners import is_dead, new_owner
from bot.telegram.lanes import Lanes
from bot.telegram.turns import Turns
from services.journal import LEASE as CHAT_LEASE
from services.journal import Journal
from storage.db import Database
from storage.messages.updates import JournalEntry
from storage.replicas import locks
from storage.replicas.short_locks import ShortLocks
from storage.replicas.signals import LocalSignals
from storage.tables import locks as lock_rows
from tests.clock import MovableClock

CHATS = 10_000


@pytest.fixture
def one(db: Database, clock: MovableClock) -> Journal:
    return Journal(db, clock, LocalSignals(), "one")


@pytest.fixture
def other(db: Database, clock: MovableClock) -> Journal:
    return Journal(db, clock, LocalSignals(), "other")


def message(update_id: int, chat_id: int) -> dict[str, object]:
    return {"update_id": update_id, "message": {"chat": {"id": chat_id}}}


async def come(journal: Journal, *numbers: tuple[int, int]) -> None:
    """By the webhook: (update id, chat)."""
    for update_id, chat_id in numbers:
        update = message(update_id, chat_id)
        await journal.accept(update, json.dumps(update).encode())


async def got(journal: Journal, lanes: int = 100) -> list[int]:
    return [entry.update_id for entry in await journal.unfinished(lanes)]


async def finish(journal: Journal, *update_ids: int) -> None:
    await journal.answered(update_ids)
    await journal.settle()


async def test_a_chat_belongs_to_whoever_has_its_first_update(one: Journal, other: Journal) -> None:
    await come(one, (1, 7), (2, 7), (3, 8))
    assert await got(one, lanes=1) == [1, 2]
    assert await got(other) == [3]
    await come(one, (4, 7), (5, 8))
    assert await got(other) == [5]
    await finish(one, 1)
    assert await got(other) == []
    assert await got(one) == [4]
    await finish(one, 2, 4)
    await come(one, (6, 7))
    assert await got(other) == [6]


async def test_what_a_killed_replica_had_goes_on_in_order(
    one: Journal, other: Journal, clock: MovableClock
) -> None:
    await come(one, (1, 7), (2, 7))
    assert await got(one) == [1, 2]
    await come(one, (3, 7))
    clock.advance(CHAT_LEASE.total_seconds() - 1)
    await one.keep([1])
    clock.advance(2)
    # the second is free again, but the first is not: it would come before it
    assert await got(other) == []
    clock.advance(CHAT_LEASE.total_seconds())
    assert await got(other) == [1, 2, 3]
    async with one.handling(1, 7, 7) as late:
        assert not late.fresh
    async with other.handling(1, 7, 7) as work:
        assert work.fresh
    await other.let_go()
    assert await got(one) == [2, 3]


async def test_a_new_poller_lets_the_one_before_finish(one: Journal, other: Journal) -> None:
    assert await one.store([(1, 7, "{}"), (2, 8, "{}")]) == [1, 2]
    other.begin_polling()
    assert await other.store([(2, 8, "{}"), (3, 7, "{}"), (4, 9, "{}")]) == [4]
    assert await got(other) == []
    await finish(one, 1)
    assert await got(other) == [3]
    await finish(one, 2)
    assert await other.store([(5, 8, "{}")]) == [5]


async def test_a_replica_that_starts_frees_what_the_dead_have_left(db: Database, clock: MovableClock) -> None:
    ended = subprocess.Popen(["true"])  # noqa: ASYNC220
    ended.wait()
    name = new_owner()
    dead = name.replace(f":{os.getpid()}:", f":{ended.pid}:")
    assert (is_dead(dead), is_dead(name), is_dead("elsewhere:1:abcdef012345")) == (True, False, False)
    await Journal(db, clock, LocalSignals(), dead).store([(1, 7, "{}")])
    await Journal(db, clock, LocalSignals(), name).store([(2, 8, "{}")])
    starting = Journal(db, clock, LocalSignals(), "starting")
    await starting.take_over(is_dead)
    assert await got(starting) == [1]


async def test_ten_replicas_at_once_keep_every_chat_in_order(db: Database, clock: MovableClock) -> None:
    journals = [Journal(db, clock, LocalSignals(), f"replica {n}") for n in range(10)]
    await asyncio.gather(
        *(come(journals[0], *((n * 20 + chat, chat) for n in range(10))) for chat in range(1, 9))
    )
    handled: dict[int, list[int]] = defaultdict(list)

    async def work(journal: Journal) -> None:
        while sum(map(len, handled.values())) < 80:
            for entry in await journal.unfinished(2):
                async with journal.handling(entry.update_id, entry.lane, entry.lane) as update:
                    assert update.fresh
                    handled[entry.lane].append(entry.update_id)

    await asyncio.gather(*map(work, journals))
    assert dict(handled) == {chat: [n * 20 + chat for n in range(10)] for chat in range(1, 9)}


async def test_nothing_is_kept_of_ten_thousand_chats() -> None:
    turns, entered = Turns(), 0

    async def handle(entry: JournalEntry) -> None:
        nonlocal entered
        async with turns.of(entry.lane):
            entered += 1
            await asyncio.sleep(0)

    lanes = Lanes(handle)
    for chat in range(CHATS):
        lanes.add(JournalEntry(chat, chat, "", "pending", None))
    assert len(lanes) == CHATS
    await lanes.drain(60)
    assert (entered, len(lanes), len(turns), list(lanes.held())) == (CHATS, 0, 0, [])


async def test_a_chat_whose_update_cannot_even_be_put_aside_is_left_to_the_journal() -> None:
    left: list[int] = []

    async def handle(entry: JournalEntry) -> None:
        raise OSError(f"the database is away, {entry.update_id}")

    async def give_back(ids: object) -> None:
        left.extend(ids)  # type: ignore[arg-type]

    lanes = Lanes(handle, give_back=give_back)
    for number in (1, 2):
        lanes.add(JournalEntry(number, 7, "", "pending", None))
    await lanes.drain(10)
    assert (left, len(lanes)) == ([1, 2], 0)


class Post:
    """Somebody who wants to do what only one may."""

    def __init__(self, db: Database, owner: str) -> None:
        self.began, self.ended, self.waits = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.only = OnlyOne(db, MovableClock(), "post", owner, self.work, self.waits.set)
        self.task: asyncio.Task[None] | None = None

    async def work(self) -> None:
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()

    def start(self) -> None:
        self.task = asyncio.ensure_future(self.only.loop())

    async def stop(self) -> None:
        assert self.task is not None
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
async def posts(db: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Post, Post]]:
    monkeypatch.setattr(only_one, "BEAT", 0.05)
    both = Post(db, "first"), Post(db, "second")
    both[0].start()
    await both[0].began.wait()
    both[1].start()
    await both[1].waits.wait()
    yield both
    for post in both:
        await post.stop()


async def expire(db: Database) -> None:
    async with db.transaction(system=True) as s:
        await s.execute(lock_rows.update().values(held_until=MovableClock()() - LEASE))


async def test_the_second_waits_and_takes_over_when_the_first_ends(posts: tuple[Post, Post]) -> None:
    first, second = posts
    assert not second.began.is_set()
    await first.stop()
    assert first.ended.is_set()
    await asyncio.wait_for(second.began.wait(), 10)


async def test_whoever_has_lost_the_lock_stops(posts: tuple[Post, Post], db: Database) -> None:
    first, second = posts
    async with db.transaction(system=True) as s:
        assert await locks.take(s, "post", "second", MovableClock()(), LEASE, instead_of="first") == "second"
    await asyncio.wait_for(first.ended.wait(), 10)
    await asyncio.wait_for(second.began.wait(), 10)
    await asyncio.wait_for(first.waits.wait(), 10)


async def test_a_lock_that_nobody_renews_is_free(db: Database) -> None:
    now = MovableClock()()
    async with db.transaction(system=True) as s:
        assert await locks.take(s, "post", "killed", now, LEASE) == "killed"
    async with db.transaction(system=True) as s:
        assert await locks.take(s, "post", "next", now, LEASE) == "killed"
    await expire(db)
    async with db.transaction(system=True) as s:
        assert await locks.take(s, "post", "next", now, LEASE) == "next"
        assert await s.scalar(sa.select(sa.func.count()).select_from(lock_rows)) == 1


async def test_two_processes_take_turns_in_a_chat_over_redis(valkey_url: str) -> None:
    shared = ShortLocks(valkey_url, "one"), ShortLocks(valkey_url, "other")
    one, other = Turns(shared[0]), Turns(shared[1])
    async with one.of(7) as ours:
        assert ours
        async with other.of(7, 0.0) as theirs, other.of(8) as elsewhere:
            assert (theirs, elsewhere) == (False, True)
    async with other.of(7) as theirs:
        assert theirs
    for locked in shared:
        await locked.close()
    with Redis.from_url(valkey_url) as client:
        assert client.keys("voronka:lock:*") == []


async def test_turns_do_not_depend_on_redis() -> None:
    gone = ShortLocks("redis://127.0.0.1:1", "one")
    async with Turns(gone).of(7) as ours:
        assert ours
    await gone.close()
