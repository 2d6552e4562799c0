"""What every source of purchases does the same way, whatever it is a source of."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_adapters import PROVIDERS, base, build_adapter, purchases
from crm_adapters.recording import RecordingHttp
from domain.errors import CrmAccessLost, CrmGone, CrmRateLimited, CrmRejected, CrmUnavailable
from domain.transactions import Unreadable, Window
from tests.sources.every import SOURCES
from tests.sources.sides import PHONE, Side
from tests.sources.walks import HISTORY, Walker, latest, worth


def test_every_source_is_in_the_suite() -> None:
    assert {one for one in PROVIDERS if "transactions" in PROVIDERS[one].manifest.serves} == set(SOURCES)


def test_what_it_can_do(side: Side) -> None:
    assert isinstance(side.adapter, base.Tests)
    assert isinstance(side.adapter, purchases.Transactions)
    assert timedelta(0) <= side.adapter.overlap <= timedelta(days=1)


async def test_a_well_set_up_account_has_no_problems(side: Side) -> None:
    report = await side.adapter.test()
    assert (report.account, report.problems) == (side.source.account, ())
    assert report.version


async def test_the_first_walk_tells_all_that_happened(side: Side) -> None:
    one = side.source.sell(1800)
    side.source.later(86_400)
    two = side.source.sell(250, phone="")
    side.source.later(3600)
    found = await Walker(side).purchases()
    assert set(found) == {one, two}
    assert [found[name].amount.amount for name in (one, two)] == [1800, 250]
    assert {told.amount.currency for told in found.values()} == {"RUB"}
    assert found[one].happened_at == datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert found[two].happened_at - found[one].happened_at == timedelta(days=1)
    assert not any(told.cancelled for told in found.values())
    if side.source.knows_phones:
        assert (found[one].phone, found[two].phone) == (PHONE, "")
    assert sum(line.amount for line in found[one].lines) in (0, 1800)
    assert {told.medical for told in found.values()} == {side.source.medical}


async def test_what_came_before_the_window_is_not_told(side: Side) -> None:
    side.source.sell(1800)
    side.source.later((HISTORY + timedelta(days=2)).total_seconds())
    new = side.source.sell(5)
    side.source.later(60)
    assert new in await Walker(side).purchases()
    now = side.source.now()
    page = await side.adapter.transactions(
        Window(now - timedelta(days=900), now - timedelta(days=890), True), ""
    )
    assert not page.found


async def test_the_next_walk_tells_what_is_new(side: Side) -> None:
    walker = Walker(side)
    side.source.sell(100)
    side.source.later(60)
    await walker.go()
    for amount in (200, 300):
        side.source.later(3600)
        new = side.source.sell(amount)
        side.source.later(1)
        found = await walker.purchases()
        assert found[new].amount.amount == amount


async def test_a_sale_in_the_moment_of_the_walk_s_end_is_told_by_the_next(side: Side) -> None:
    walker = Walker(side)
    await walker.go()
    side.source.later(600)
    at_the_end = side.source.sell(100)
    first = await walker.go()
    side.source.later(600)
    assert at_the_end in latest([*first, *await walker.go()])


async def test_nothing_new(side: Side) -> None:
    walker = Walker(side)
    await walker.go()
    side.source.later(600)
    assert await walker.go() == []


async def test_an_edit_is_told_and_is_the_later_telling(side: Side) -> None:
    walker, name = Walker(side), side.source.sell(1800)
    side.source.later(60)
    before = (await walker.purchases())[name]
    side.source.later(3600)
    side.source.edit(name, 2000)
    side.source.later(1)
    after = (await walker.purchases())[name]
    assert (before.amount.amount, after.amount.amount) == (1800, 2000)
    assert after.happened_at == before.happened_at
    assert (after.changed_at or datetime.max.replace(tzinfo=UTC), after.revision) > (
        before.changed_at or datetime.max.replace(tzinfo=UTC),
        before.revision if before.changed_at else -1,
    )


async def test_what_is_taken_back_is_told(side: Side) -> None:
    walker, name, other = Walker(side), side.source.sell(1800), side.source.sell(10)
    side.source.later(60)
    assert worth((await walker.purchases()).values()) == 1810
    side.source.later(3600)
    side.source.cancel(name)
    side.source.later(1)
    found = await walker.purchases()
    assert found[name].cancelled
    assert other not in found or not found[other].cancelled


async def test_money_given_back_is_worth_less(side: Side) -> None:
    walker, name = Walker(side), side.source.sell(1800)
    side.source.later(60)
    known = await walker.purchases()
    side.source.later(3600)
    left = side.source.refund(name)
    side.source.later(1)
    known |= await walker.purchases()
    assert worth(known.values()) == left < 1800
    assert all(one.amount.amount >= 0 for one in known.values())
    assert {one.refers_to for one in known.values()} <= {"", name}


async def test_what_was_thrown_away(side: Side) -> None:
    walker, name = Walker(side), side.source.sell(1800)
    side.source.later(60)
    await walker.go()
    side.source.later(3600)
    side.source.delete(name)
    side.source.later(1)
    found = await walker.purchases()
    if name in found:
        assert found[name].cancelled
    else:
        with pytest.raises(CrmGone):
            await side.adapter.read_transaction(name)


async def test_a_record_read_alone_is_the_same(side: Side) -> None:
    name = side.source.sell(1800)
    side.source.later(60)
    assert await side.adapter.read_transaction(name) == (await Walker(side).purchases())[name]


async def test_a_record_that_is_not_there(side: Side) -> None:
    name = side.source.sell(1800)
    unknown = name[:-1] + ("1" if name[-1] != "1" else "2")
    with pytest.raises(CrmGone):
        await side.adapter.read_transaction(unknown)


async def test_what_cannot_be_read_is_told_and_keeps_nothing_up(side: Side) -> None:
    walker, bad, good = Walker(side), side.source.sell(1800), side.source.sell(20)
    wrong = side.source.spoil(bad)
    side.source.later(60)
    found = await walker.go()
    unread = [one for one in found if isinstance(one, Unreadable)]
    assert {(one.external_id, one.field) for one in unread} == {(bad, wrong)}
    assert unread[0].raw
    assert unread[0].problem
    assert good in latest(found)


async def test_more_than_a_page_comes_whole_and_a_page_can_be_asked_for_again(side: Side) -> None:
    count = side.source.crowd()
    side.source.later(60)
    walker = Walker(side)
    found = await walker.purchases()
    assert len(found) == count
    now = side.source.now()
    window, after = Window(now - HISTORY, now, first=True), ""
    while True:
        page = await side.adapter.transactions(window, after)
        assert page == await side.adapter.transactions(window, after)
        if not page.next:
            break
        after = page.next


async def test_a_place_that_nobody_gave(side: Side) -> None:
    now = side.source.now()
    for after in ("x", "1.2", "visits.a.b.c.d"):
        with pytest.raises(CrmRejected):
            await side.adapter.transactions(Window(now - HISTORY, now, first=True), after)


@pytest.mark.parametrize("call", ["test", "transactions", "read_transaction"])
async def test_a_key_that_is_wrong(side: Side, call: str) -> None:
    name = side.source.sell(1800)
    side.source.foul()
    with pytest.raises(CrmAccessLost):
        await _called(side, call, name)


@pytest.mark.parametrize("call", ["test", "transactions", "read_transaction"])
async def test_a_source_that_is_down(side: Side, call: str) -> None:
    name = side.source.sell(1800)
    side.source.go_down()
    with pytest.raises(CrmUnavailable):
        await _called(side, call, name)
    side.source.heal()
    await _called(side, call, name)


async def test_a_source_that_shows_a_page(side: Side) -> None:
    side.source.show_a_page()
    with pytest.raises(CrmUnavailable):
        await _called(side, "transactions", "")


async def test_a_limit_says_when_to_come_again(side: Side) -> None:
    side.source.limit_rate(17)
    with pytest.raises(CrmRateLimited) as caught:
        await _called(side, "transactions", "")
    assert caught.value.retry_at == side.source.now() + timedelta(seconds=17)


async def test_reading_changes_nothing_there(side: Side) -> None:
    """A trial run sends them all."""
    name = side.source.sell(1800)
    side.source.later(60)
    http = RecordingHttp(side.http, lambda call: None)
    adapter = build_adapter(side.provider, side.source.settings, side.source.mapping, http, side.source.now)
    with http.recording() as kept:
        await adapter.test()
        assert name in await Walker(Side(side.provider, side.source, adapter, side.http)).purchases()
        await adapter.read_transaction(name)
    assert kept == []


async def _called(side: Side, call: str, name: str) -> object:
    now = side.source.now()
    window = Window(now - HISTORY, now + timedelta(seconds=1), first=True)
    calls = {
        "test": side.adapter.test,
        "transactions": lambda: side.adapter.transactions(window, ""),
        "read_transaction": lambda: side.adapter.read_transaction(name),
    }
    return await calls[call]()
