"""How fast messages go to Telegram, in one process and in several that share a Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis import Redis

from storage.replicas.sending_pace import CHAT_BURST, GROUP_MINUTE, LocalPace, RedisPace, SendingPace, Sort

RATE = 50
BURST = 10


@pytest.fixture(params=["alone", "shared", "redis gone"])
async def paces(request: pytest.FixtureRequest) -> AsyncIterator[tuple[SendingPace, SendingPace]]:
    """Those of two processes; without Redis there is one."""
    if request.param == "alone":
        alone = LocalPace(RATE)
        yield alone, alone
        return
    if request.param == "redis gone":
        gone = RedisPace("redis://127.0.0.1:1", "42", RATE)
        yield gone, gone
        await gone.close()
        return
    url = request.getfixturevalue("valkey_url")
    with Redis.from_url(url) as client:
        client.flushall()
    both = RedisPace(url, "42", RATE), RedisPace(url, "42", RATE)
    yield both
    for pace in both:
        await pace.close()


async def at_once(paces: tuple[SendingPace, ...], sort: Sort, chats: list[int]) -> int:
    """How many of these go without waiting, asked of one process and the other in turn."""
    found = [await paces[n % len(paces)].take(sort, chat) for n, chat in enumerate(chats)]
    return sum(not one.seconds for one in found)


async def test_all_messages_together_have_a_limit(paces: tuple[SendingPace, SendingPace]) -> None:
    passed = await at_once(paces, Sort.PUSH, list(range(1, 41)))
    assert BURST <= passed < 30


async def test_answers_go_first_and_what_is_for_many_last(paces: tuple[SendingPace, SendingPace]) -> None:
    assert await at_once(paces, Sort.BULK, list(range(1, 9))) < 8
    # room comes with time: on a slow machine one or two more pass
    assert any([(await paces[0].take(Sort.BULK, chat)).seconds for chat in range(100, 120)])
    assert not (await paces[0].take(Sort.PUSH, 10)).seconds
    assert await at_once(paces, Sort.ANSWER, [0] * 40) == 40
    wait = await paces[0].take(Sort.PUSH, 12)
    # what answers have taken too much of is not held against pushes for long
    assert 0 < wait.seconds < 1
    assert not wait.of_chat


async def test_a_chat_and_a_group_have_their_own(paces: tuple[SendingPace, SendingPace]) -> None:
    for chat, most in ((7, CHAT_BURST), (-7, GROUP_MINUTE)):
        passed = 0
        for n in range(100):
            wait = await paces[n % 2].take(Sort.PUSH, chat)
            if wait.of_chat:
                break
            passed += not wait.seconds
            await asyncio.sleep(wait.seconds)
        assert most <= passed <= most + 1
    assert wait.seconds > 30
    assert not (await paces[1].take(Sort.ANSWER)).seconds


async def test_all_wait_as_long_as_telegram_says_and_are_slower_then(
    paces: tuple[SendingPace, SendingPace],
) -> None:
    await paces[0].flood(0.3)
    for sort in Sort:
        wait = await paces[1].take(sort, 7)
        assert 0.1 < wait.seconds <= 0.3
        assert not wait.of_chat
    await asyncio.sleep(0.3)
    waits = [(await paces[1].take(Sort.PUSH, chat)).seconds for chat in range(100, 140)]
    # at full speed nobody waits for longer than that
    assert max(waits) > 1 / RATE
