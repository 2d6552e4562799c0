"""Sources read by time: windows, places, crashes, failures, sources that make no sense."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.errors import CrmAccessLost, CrmRateLimited, CrmUnavailable, CrmUnsupported, NotFound
from domain.transactions import TransactionPage, Unreadable, Window
from services.connections.changes import ConnectionChanges
from tests.transactions.shop import PROVIDER_NAME, TILLS, Shop, sale

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def test_a_source_is_connected_beside_the_crm_and_read_month_by_month(shop: Shop) -> None:
    for month in (1, 2, 3):
        at = datetime(2026, month, 1, 10, tzinfo=UTC)
        shop.till.put(*[sale(f"{month}-{one}", "100", at) for one in range(3)])
    source = await shop.connect(months=3)
    assert await shop.read(source) == "done"

    assert len(await shop.rows("transactions")) == 9
    view = await shop.sources.get(shop.owner, source)
    assert (view.title, view.account) == ("Till", "Shop one")
    assert (view.progress.months, view.progress.all_months, view.progress.found) == (3, 3, 9)
    (integration,) = await shop.rows("integrations")
    assert not integration.active, "leads must never go there"
    assert [one.name for one in shop.sources.providers()]
    assert not await shop.integrations.current(shop.owner)
    assert PROVIDER_NAME not in {one.name for one in shop.integrations.providers()}
    windows = list(dict.fromkeys(window for window, _ in shop.till.asked))
    assert [window.first for window in windows] == [True, True, True, False]
    assert windows[0].since == datetime(2026, 1, 1, tzinfo=UTC)
    assert windows[3].since == NOON - timedelta(minutes=10), "what was told late is looked for again"


async def test_what_has_not_changed_is_not_written_and_what_has_is_one_row(shop: Shop) -> None:
    source = await shop.connect()
    shop.clock.advance(60)
    shop.till.put(*[sale(f"t{one}", "100", shop.clock()) for one in range(250)])
    shop.clock.advance(60)
    await shop.read(source)
    before = {row.id: row for row in await shop.rows("transactions")}
    assert len(before) == 250

    shop.clock.advance(300)
    shop.till.put(sale("t7", "150", shop.clock() - timedelta(minutes=8), changed_at=shop.clock()))
    shop.clock.advance(1)
    await shop.read(source)
    after = {row.id: row for row in await shop.rows("transactions")}
    assert after.keys() == before.keys()
    changed = [row for row in after.values() if row != before[row.id]]
    assert [(row.external_id, row.amount, row.version) for row in changed] == [("t7", Decimal(150), 2)]
    run = (await shop.transaction_log.lines(shop.owner, source))[0]
    assert (run.counts["unchanged"], run.counts["changed"], run.counts.get("added", 0)) == (249, 1, 0)


async def test_a_run_goes_on_in_the_middle_after_a_crash_and_never_twice_at_once(shop: Shop) -> None:
    source = await shop.connect()
    shop.clock.advance(60)
    shop.till.put(*[sale(f"t{one}", "100", shop.clock()) for one in range(300)])
    shop.clock.advance(60)

    def dies(after: str) -> None:
        if after == "200":
            raise asyncio.CancelledError  # what a kill leaves: nothing is settled

    shop.till.on_page = dies
    with pytest.raises(asyncio.CancelledError):
        await shop.read(source, "killed")
    assert len(await shop.rows("transactions")) == 200
    shop.till.on_page, shop.till.asked = None, []
    assert await shop.read(source, "other") == "", "the turn is still the dead one's"

    frozen = shop.clock()
    shop.clock.advance(61)
    assert await shop.read(source, "other") == "done"
    assert [after for _, after in shop.till.asked] == ["200"]
    assert shop.till.asked[0][0].until == frozen, "the window stays as it was"
    assert len(await shop.rows("transactions")) == 300


async def test_the_time_of_a_run_is_bounded_and_the_next_goes_on(shop: Shop) -> None:
    source = await shop.connect()
    shop.clock.advance(60)
    shop.till.put(*[sale(f"t{one}", "1", shop.clock()) for one in range(1000)])
    shop.clock.advance(60)
    shop.till.on_page = lambda after: shop.clock.advance(11)
    verdicts: list[str] = []
    while not verdicts or verdicts[-1] == "goes_on":
        verdicts.append(await shop.sync.read(shop.organization_id, source, "one"))
    assert verdicts == ["goes_on", "goes_on", "goes_on", "done"]
    assert len(await shop.rows("transactions")) == 1000
    assert await shop.sync.read(shop.organization_id, source, "one") == "", "the next turn is in five minutes"
    assert (await shop.sources.get(shop.owner, source)).progress.found == 1000


async def test_failures_climb_the_ladder_and_the_owner_is_told_once_and_of_the_end(shop: Shop) -> None:
    source = await shop.connect()
    shop.till.fails = CrmUnavailable("503")
    waits = []
    for _ in range(4):
        began = shop.clock()
        assert await shop.sync.read(shop.organization_id, source, "one") == "failed"
        view = await shop.sources.get(shop.owner, source)
        waits.append((view.next_at - began).total_seconds() / 60)
        shop.clock.advance((view.next_at - began).total_seconds())
    assert [round(wait / step, 1) for wait, step in zip(waits, (2, 4, 8, 30), strict=True)] == pytest.approx(
        [1, 1, 1, 1], abs=0.21
    )
    assert await shop.told("transactions.failed") == 1
    assert (view.last_error, view.error_reason, view.failures) == ("crm_unavailable", "503", 4)

    shop.till.fails = None
    assert await shop.sync.read(shop.organization_id, source, "one") == "done"
    assert await shop.told("transactions.recovered") == 1
    figures = await shop.sources.statistics(shop.owner, source)
    assert (figures.good, figures.failures, figures.rate) == (1, 4, 0.2)
    assert figures.last_success_at == shop.clock()


async def test_lost_access_is_told_at_once_and_a_pause_is_no_failure(shop: Shop) -> None:
    source = await shop.connect()
    shop.till.fails = CrmRateLimited(shop.clock() + timedelta(hours=1))
    assert await shop.read(source) == "waits"
    view = await shop.sources.get(shop.owner, source)
    assert (view.failures, view.next_at) == (0, shop.clock() + timedelta(hours=1))
    shop.till.fails = CrmAccessLost("revoked")
    assert await shop.read(source) == "failed"
    assert await shop.told("transactions.failed") == 1
    line = (await shop.transaction_log.lines(shop.owner))[0]
    seen = await shop.transaction_log.line(shop.owner, line.id)
    assert "sync.py" in seen.trace
    assert seen.trace.endswith("CrmAccessLost")


def _repeats(window: Window, after: str) -> TransactionPage:
    return TransactionPage([sale("same", "5", NOON)], next=str(int(after or 0) + 1))


def _goes_back(window: Window, after: str) -> TransactionPage:
    later = {"": "2", "2": "3", "3": "2"}[after]
    return TransactionPage([sale(f"p{after}", "5", NOON)], next=later)


def _never_ends(window: Window, after: str) -> TransactionPage:
    return TransactionPage([], next=str(int(after or 0) + 1))


def _mark_goes_back(window: Window, after: str) -> TransactionPage:
    return TransactionPage([], mark=str(100 - len(TILLS["one"].asked)))


@pytest.mark.parametrize(
    ("pages", "runs", "reason"),
    [
        (_repeats, 1, "repeats"),
        (_goes_back, 1, "repeats"),
        (_never_ends, 1, "never_ends"),
        (_mark_goes_back, 2, "goes_back"),
    ],
)
async def test_a_source_that_makes_no_sense_is_stopped_with_a_line_in_the_log(
    shop: Shop, pages: object, runs: int, reason: str
) -> None:
    source = await shop.connect()
    shop.till.pages = pages  # type: ignore[assignment]
    for _ in range(runs):
        shop.clock.advance(300)
        verdict = await shop.read(source)
    assert verdict == "stopped"
    line = (await shop.transaction_log.lines(shop.owner, source))[0]
    assert (line.error, line.reason) == ("source_stopped", reason)
    # what was right is here, and the next run begins anew
    shop.till.pages = None
    shop.till.put(sale("good", "7", shop.clock()))
    shop.clock.advance(1)
    assert await shop.read(source) == "done"
    assert "good" in {row.external_id for row in await shop.rows("transactions")}


async def test_what_cannot_be_read_is_kept_sealed_and_repaired_dropped_or_read_again(shop: Shop) -> None:
    source = await shop.connect()
    raw = {"id": 5, "client": {"name": "Ivan Petrov", "phone": "+79161234567"}, "amount": "12,x", "date": "?"}
    shop.till.put(*[Unreadable("amount", "invalid", {**raw, "id": one}, f"bad{one}") for one in range(3)])
    shop.till.put(sale("good", "100", shop.clock()))
    shop.clock.advance(60)
    for _ in range(2):
        assert await shop.read(source) == "done"
    assert len(await shop.rows("transactions")) == 1, "the rest of the page goes on"
    page = await shop.transaction_log.unreadable(shop.owner, source)
    assert page.total == 3, "told twice, kept once"
    assert "Ivan" not in page.items[0].raw
    assert "9161234567" not in page.items[0].raw
    assert all(b"Ivan" not in row.sealed for row in await shop.rows("unreadable_transactions"))
    dropped, repaired, again = page.items

    await shop.transaction_log.drop(shop.owner, dropped.id)
    values = {"amount": "1 250,50", "happened_at": "01.03.2026 12:00", "phone": "8 916 123-45-67"}
    await shop.transaction_log.repair(shop.owner, repaired.id, values)
    assert not await shop.transaction_log.retry(shop.owner, again.id)
    shop.till.put(sale(again.external_id, "10", shop.clock()))
    assert await shop.transaction_log.retry(shop.owner, again.id)
    assert (await shop.transaction_log.unreadable(shop.owner, source)).total == 0
    rows = {row.external_id: row for row in await shop.rows("transactions")}
    assert rows[repaired.external_id].amount == Decimal("1250.50")
    assert rows[repaired.external_id].happened_at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    assert again.external_id in rows
    assert dropped.external_id not in rows


async def test_a_button_reads_at_once_and_its_bar_moves(shop: Shop) -> None:
    source = await shop.connect()
    await shop.read(source)
    shop.till.put(sale("new", "5", shop.clock()))
    shop.clock.advance(5)
    assert await shop.sync.run("one") == 0, "not due"
    await shop.sources.sync_now(shop.owner, source, chat_id=1)
    assert await shop.sync.run("one") == 1
    assert await shop.told("transactions.progress") >= 1
    view = await shop.sources.get(shop.owner, source)
    assert (view.progress.added, view.progress.running) == (1, False)


async def test_the_log_is_kept_for_as_long_as_the_source_says(shop: Shop) -> None:
    source = await shop.connect()
    await shop.sources.keep_log(shop.owner, source, 2)
    await shop.read(source)
    shop.clock.advance(timedelta(days=3).total_seconds())
    await shop.read(source)
    assert await shop.transaction_log.forget_old() == 1
    assert len(await shop.transaction_log.lines(shop.owner, source)) == 1
    assert re.match(r"^[0-9a-f-]{36}$", str(source))


async def test_webhooks_are_read_back_once_a_record_and_gone_means_cancelled(shop: Shop) -> None:
    source = await shop.connect()
    shop.till.put(sale("w1", "100", shop.clock()))
    (hook,) = await shop.rows("hooks")
    for _ in range(3):
        await shop.intake.receive(PROVIDER_NAME, hook.key, {}, b'{"ids": ["w1", "unknown"]}')
    await shop.inbox.work_once()
    (row,) = await shop.rows("transactions")
    assert (row.external_id, row.version, row.cancelled) == ("w1", 1, False)
    assert {one.state for one in await shop.rows("inbox")} == {"done"}

    shop.clock.advance(60)
    del shop.till.records["w1"]
    await shop.intake.receive(PROVIDER_NAME, hook.key, {}, b'{"ids": ["w1"]}')
    await shop.inbox.work_once()
    (row,) = await shop.rows("transactions")
    assert row.cancelled
    before = await shop.sources.get(shop.owner, source)
    await shop.read(source)
    shop.clock.advance(1)
    await shop.intake.receive(PROVIDER_NAME, hook.key, {}, b'{"ids": [""]}')
    await shop.inbox.work_once()
    assert (await shop.sources.get(shop.owner, source)).next_at == shop.clock() >= before.next_at
    shop.till.fails = CrmUnavailable("down")
    await shop.intake.receive(PROVIDER_NAME, hook.key, {}, b'{"ids": ["w2"]}')
    await shop.inbox.work_once()
    assert [one.state for one in await shop.rows("inbox")].count("pending") == 1, "it waits for the source"


async def test_an_account_connected_again_stays_one_source(shop: Shop) -> None:
    first = await shop.connect()
    shop.till.put(replace(sale("t", "5", shop.clock())))
    await shop.sources.set_active(shop.owner, first, False)
    assert await shop.connect() == first
    assert (await shop.sources.get(shop.owner, first)).active
    assert len(await shop.rows("integrations")) == 1
    assert await shop.connect(shop="two") != first, "several sources stand side by side"


async def test_no_lead_ever_goes_to_a_source(shop: Shop) -> None:
    await shop.connect()
    (integration,) = await shop.rows("integrations")
    assert not await shop.integrations.every(shop.owner), "what is no CRM is not offered as one"
    with pytest.raises(CrmUnsupported):
        await ConnectionChanges(shop.db, shop.integrations).activate(shop.owner, integration.id)
    with pytest.raises(CrmUnsupported):
        await shop.integrations.connect(shop.owner, PROVIDER_NAME, {"shop": "one"})
    await shop.integrations.check_at_start()
    (integration,) = await shop.rows("integrations")
    assert (integration.active, integration.last_error) == (False, "")
    assert integration.subscribed_at is not None, "its webhooks are looked after"


async def test_a_removed_source_keeps_its_purchases_and_goes_on_when_it_comes_back(
    shop: Shop,
) -> None:
    source = await shop.connect()
    shop.clock.advance(60)
    shop.till.put(*[sale(f"t{one}", "100", shop.clock()) for one in range(3)])
    shop.till.put(Unreadable("amount", "invalid", {"sum": "?"}, "t9"))
    shop.clock.advance(60)
    await shop.read(source)
    await shop.sources.remove(shop.owner, source)
    assert not await shop.sources.every(shop.owner)
    assert not await shop.rows("integrations")
    assert (await shop.transaction_log.unreadable(shop.owner)).total == 0
    assert (await shop.transactions.browse(shop.owner)).total == 3
    for gone in (shop.sources.get(shop.owner, source), shop.sources.remove(shop.owner, source)):
        with pytest.raises(NotFound):
            await gone
    assert await shop.sync.run("one") == 0

    other = await shop.connect(shop="two")
    assert other != source
    assert await shop.connect() == source
    shop.till.put(sale("t3", "100", shop.clock()))
    shop.clock.advance(60)
    await shop.read(source)
    run = (await shop.transaction_log.lines(shop.owner, source))[0]
    assert run.counts["added"] == 1
    # removing the connection itself comes to the same
    (row,) = [one for one in await shop.rows("integrations") if one.account == "Shop one"]
    await ConnectionChanges(shop.db, shop.integrations).remove(shop.owner, row.id)
    assert [one.id for one in await shop.sources.every(shop.owner)] == [other]
    assert await shop.connect() == source
