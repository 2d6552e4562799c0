"""What its source has only told of as cancelled, or booked, is no purchase until it is told as one."""

from dataclasses import replace
from decimal import Decimal

from tests.transactions.shop import PROVIDER_NAME, Shop, sale


async def test_what_was_only_booked_counts_nowhere_until_it_is_bought(shop: Shop) -> None:
    source = await shop.connect()
    await shop.rules.add(shop.owner, "all", {"percent": "10"})
    shop.clock.advance(60)
    booked = sale("visit", "500", shop.clock(), customer="card-1", revision=3, cancelled=True)
    shop.till.put(booked, sale("paid", "100", shop.clock()))
    shop.clock.advance(60)
    await shop.read(source)
    assert await _counted(shop) == (1, 1, 1)
    assert await shop.bonuses() == 10

    # neither a later telling of the booking nor an older one of a purchase makes it one
    moved, older = (
        replace(booked, description="moved", revision=4),
        replace(booked, cancelled=False, revision=1),
    )
    for told, count in ((moved, "unchanged"), (older, "older")):
        assert await _told(shop, told) == {"found": 1, count: 1}
        assert (await shop.transactions.browse(shop.owner)).total == 1

    bought = replace(booked, cancelled=False, revision=5)
    assert await _told(shop, bought) == {"found": 1, "added": 1}
    assert (await shop.transactions.browse(shop.owner)).total == 2
    assert await shop.bonuses() == 60

    assert await _told(shop, replace(bought, cancelled=True, revision=6)) == {"found": 1, "changed": 1}
    seen = await shop.transactions.browse(shop.owner)
    assert [one.kept.amount for one in seen.items if one.kept.cancelled] == [500]
    assert (seen.total, (await shop.sources.statistics(shop.owner, source)).transactions) == (2, 1)
    assert await shop.bonuses() == Decimal(10)


async def _counted(shop: Shop) -> tuple[int, int, int]:
    """(new in the run, purchases of the source, purchases in the list)."""
    view = (await shop.sources.every(shop.owner))[0]
    figures = await shop.sources.statistics(shop.owner, view.id)
    return view.progress.added, figures.transactions, (await shop.transactions.browse(shop.owner)).total


async def _told(shop: Shop, told: object) -> dict[str, int]:
    """What the log says of a webhook that leads to this telling."""
    shop.clock.advance(1)
    shop.till.put(told)  # type: ignore[arg-type]
    (hook,) = await shop.rows("hooks")
    await shop.intake.receive(PROVIDER_NAME, hook.key, {}, b'{"ids": ["visit"]}')
    await shop.inbox.work_once()
    return dict((await shop.transaction_log.lines(shop.owner))[0].counts)
