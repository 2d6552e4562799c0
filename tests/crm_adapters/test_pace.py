"""Nobody is asked faster than his pace: counts, queues and pauses, on a clock that moves only by waiting."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from crm_adapters import PROVIDERS
from crm_adapters.base import Pace
from crm_adapters.pace import LONGEST_WAIT, Lane, LocalLedger, Paces, account_of
from domain.errors import CrmRateLimited
from tests.clock import MovableClock

BUCKET = Pace(burst=5, per_second=2, at_once=100)


class Waits:
    """A clock that is moved by whoever sleeps, and what each of them slept."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)
        await asyncio.sleep(0)

    def lane(self, pace: Pace = BUCKET) -> Lane:
        return Paces(self.clock, sleep=self.sleep).lane("crm:host", pace)


async def passes(lane: Lane, times: int = 1) -> None:
    for _ in range(times):
        async with lane.slot():
            pass


async def test_a_burst_goes_at_once_and_then_so_many_a_second() -> None:
    waits = Waits()
    lane, start = waits.lane(), waits.clock()
    await passes(lane, 5)
    assert waits.clock() == start
    await passes(lane, 20)
    assert (waits.clock() - start).total_seconds() == pytest.approx(10)


async def test_a_rest_gives_the_burst_back_and_no_more_than_that() -> None:
    waits = Waits()
    lane = waits.lane()
    await passes(lane, 5)
    waits.clock.advance(3600)
    start = waits.clock()
    await passes(lane, 7)
    assert (waits.clock() - start).total_seconds() == pytest.approx(1)


async def test_in_no_second_more_than_the_pace_allows_however_late_somebody_wakes() -> None:
    clock, left = MovableClock(), []

    async def oversleep(seconds: float) -> None:
        clock.advance(seconds + 0.7)

    lane = Paces(clock, sleep=oversleep).lane("crm:host", Pace(burst=2, per_second=5))
    for _ in range(30):
        async with lane.slot():
            left.append(clock())
    for first in left:
        assert sum(first <= other < first + timedelta(seconds=1) for other in left) <= 7


async def test_first_come_first_served() -> None:
    waits, order = Waits(), []
    lane = waits.lane(Pace(burst=1, per_second=10, at_once=3))

    async def one(number: int) -> None:
        async with lane.slot():
            order.append(number)
            await asyncio.sleep(0.001)

    await asyncio.gather(*(one(number) for number in range(12)))
    assert order == list(range(12))


async def test_no_more_than_so_many_are_unanswered() -> None:
    waits, under_way, most = Waits(), 0, 0
    lane = waits.lane(Pace(burst=100, per_second=float("inf"), at_once=3))

    async def one() -> None:
        nonlocal under_way, most
        async with lane.slot():
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.001)
            under_way -= 1

    await asyncio.gather(*(one() for _ in range(20)))
    assert (most, waits.slept) == (3, [])


async def test_a_place_is_free_again_after_an_error_and_after_a_cancelled_wait() -> None:
    waits = Waits()
    lane = waits.lane(Pace(burst=100, per_second=100, at_once=1))
    with pytest.raises(ZeroDivisionError):
        async with lane.slot():
            raise ZeroDivisionError
    async with lane.slot():
        waiting = [asyncio.create_task(passes(lane)) for _ in range(3)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    await passes(lane, 3)


async def test_a_long_wait_is_the_outboxs_and_tells_until_when() -> None:
    clock = MovableClock()
    ledger = LocalLedger(clock)
    lane = Lane("crm:host", BUCKET, ledger, clock, asyncio.sleep)
    await lane.hold(clock() + timedelta(seconds=60))
    with pytest.raises(CrmRateLimited) as caught:
        await passes(lane)
    assert caught.value.retry_at == clock() + timedelta(seconds=60)
    await lane.hold(clock() + timedelta(seconds=1))
    clock.advance(59)
    await ledger.hold("crm:host", 30)
    with pytest.raises(CrmRateLimited):
        await passes(lane)
    clock.advance(31)
    await passes(lane)


async def test_a_queue_that_is_too_long_is_not_joined() -> None:
    clock = MovableClock()
    gate = asyncio.Event()

    async def stand_still(seconds: float) -> None:
        await gate.wait()
        clock.advance(seconds)

    lane = Paces(clock, sleep=stand_still).lane("crm:host", Pace(burst=1, per_second=2))
    tasks = [asyncio.create_task(passes(lane)) for _ in range(20)]
    await asyncio.sleep(0.01)
    refused = [task for task in tasks if task.done() and task.exception()]
    assert len(refused) == 20 - 1 - 1 - int(LONGEST_WAIT * 2)
    gate.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(task.exception() is None for task in tasks) == 20 - len(refused)


async def test_a_clock_set_back_holds_nobody_for_long() -> None:
    clock = MovableClock(datetime(2026, 3, 2, tzinfo=UTC))
    ledger = LocalLedger(clock)
    for _ in range(5):
        await ledger.take("a", 5, 2, 9, "t")
    clock.advance(-86400)
    assert await ledger.take("a", 5, 2, 9, "t") <= 0.5


async def test_accounts_have_lanes_of_their_own() -> None:
    waits = Waits()
    paces = Paces(waits.clock, sleep=waits.sleep)
    one, other = (paces.lane(account, BUCKET) for account in ("crm:one", "crm:other"))
    await passes(one, 5)
    await passes(other, 5)
    assert waits.slept == []
    assert paces.lane("crm:one", BUCKET) is one


@pytest.mark.parametrize(
    ("url", "account"),
    [
        ("https://Acme.bitrix24.ru/crm/lead/", "x:acme.bitrix24.ru"),
        ("https://acme.bitrix24.ru", "x:acme.bitrix24.ru"),
        ("http://crm.local:8080/espo", "x:crm.local:8080"),
        ("https://лид.рф/", "x:xn--d1ahi.xn--p1ai"),
        ("", ""),
        ("not an address", ""),
    ],
)
def test_two_pages_of_one_account_are_one(url: str, account: str) -> None:
    assert account_of("x", {"url": url}) == account


@pytest.mark.parametrize(("name", "most"), [("amocrm", 7), ("retailcrm", 10)])
def test_what_a_pace_lets_through_within_a_second_fits_the_limit(name: str, most: int) -> None:
    pace = PROVIDERS[name].manifest.pace
    assert pace.burst + pace.per_second <= most


def test_bitrix24s_bucket_never_overflows() -> None:
    pace = PROVIDERS["bitrix24"].manifest.pace
    assert (pace.burst < 50, pace.per_second) == (True, 2)


def test_espocrm_is_limited_only_in_how_many_are_under_way() -> None:
    pace = PROVIDERS["espocrm"].manifest.pace
    assert (pace.per_second, pace.at_once) == (float("inf"), 5)
