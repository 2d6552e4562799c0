"""Steps that go by all that somebody has bought: the same bonuses whatever the order of the tellings."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from random import Random
from uuid import UUID

import pytest

from domain.errors import BadInput
from domain.loyalty import read_terms, told_terms
from domain.transactions import SourceTransaction, TransactionKind
from storage.transactions import loyalty, transaction_sources
from tests.clock import MovableClock
from tests.transactions.shop import Shop, sale

START = MovableClock()()
STEPS = [{"since": "1000", "percent": "5"}, {"since": "3000", "percent": "10"}]
TERMS = {"percent": "0", "steps": STEPS, "by": "total"}
CENT = Decimal("0.01")


async def keep(shop: Shop, source: UUID, *told: SourceTransaction) -> None:
    async with shop.db.transaction(shop.organization_id) as s:
        await transaction_sources.hold(s, source)
        await shop.store.keep(s, source, told, shop.clock())


async def test_an_earlier_purchase_told_late_lifts_the_later_ones(shop: Shop) -> None:
    source, other = await shop.connect(), await shop.connect(shop="two")
    await shop.rules.add(shop.owner, "total", TERMS)
    shop.clock.advance(60)
    now = shop.clock()
    last = sale("last", "1000", now)
    await keep(shop, source, last)
    assert await shop.bonuses() == 50
    first = sale("first", "2500", now - timedelta(seconds=30), revision=1)
    await keep(shop, other, first)
    assert await shop.bonuses() == 125 + 100
    lines = (await shop.balances.of_phone(shop.owner, last.phone, size=10)).lines
    assert {line.why["total"] for line in lines} == {"1000", "2500", "3500"}
    # it was another person's, and then it was nobody's at all
    await keep(shop, other, replace(first, phone="+79160000000", revision=2))
    assert [await shop.bonuses(), await shop.bonuses("+79160000000")] == [50, 125]
    await keep(shop, other, replace(first, cancelled=True, revision=3))
    assert [await shop.bonuses(), await shop.bonuses("+79160000000")] == [50, 0]


def told_by(random: Random, source: str) -> dict[str, list[SourceTransaction]]:
    """Every record of a source with all its versions, oldest first."""
    found: dict[str, list[SourceTransaction]] = {}
    for number in range(30):
        of = random.choice(["", f"{source}{random.randrange(20)}"])
        refund = {"kind": TransactionKind.REFUND, "refers_to": of} if number >= 20 else {}
        found[f"{source}{number}"] = [
            sale(
                f"{source}{number}", str(random.randrange(1, 1500)),
                START + timedelta(seconds=random.randrange(1, 60)), f"+791600000{random.randrange(3):02d}",
                cancelled=random.random() < 0.2, revision=version + 1, medical=random.random() < 0.1,
                **refund,
            )
            for version in range(random.randint(1, 3))
        ]  # fmt: skip
    return found


def expected(told: dict[str, SourceTransaction], places: dict[str, int]) -> dict[str, Decimal]:
    """What each is to have earned, reckoned in the simplest way there is."""
    sums: dict[str, Decimal] = {}
    found = dict.fromkeys(told, Decimal(0))
    for name in sorted(told, key=lambda one: (told[one].happened_at, places[one[0]], one)):
        one = told[name]
        if one.cancelled or one.refers_to:
            continue
        refund, before = one.kind is TransactionKind.REFUND, sums.get(one.phone, Decimal(0))
        left = one.amount.amount - sum(
            other.amount.amount for other in told.values() if other.refers_to == name and not other.cancelled
        )
        counts = Decimal(0) if one.medical else max(left, Decimal(0))
        total = before if refund else before + max(left, Decimal(0))
        percent = 10 if total >= 3000 else 5 if total >= 1000 else 0
        if left > 0 and not one.medical:
            bonus = (left * percent / 100).quantize(CENT, ROUND_DOWN)
            found[name] = -bonus if refund else bonus
        sums[one.phone] = before + (-counts if refund else counts)
    return found


async def test_whatever_the_order_every_purchase_earns_by_its_place(shop: Shop) -> None:
    await shop.rules.add(shop.owner, "total", TERMS)
    random = Random(3)
    sources = {"a": await shop.connect(), "b": await shop.connect(shop="two")}
    versions = {name: told_by(random, name) for name in sources}

    async def writer(name: str) -> None:
        letters = [one for each in versions[name].values() for one in each]
        random.shuffle(letters)
        for at in range(0, len(letters), 7):
            await keep(shop, sources[name], *letters[at : at + 7])

    await asyncio.gather(*map(writer, sources))
    places = {name: sorted(sources.values()).index(source) for name, source in sources.items()}
    newest = {name: told[-1] for each in versions.values() for name, told in each.items()}
    wanted = expected(newest, places)
    assert sum(bonus > 0 for bonus in wanted.values()) > 5
    rows = await shop.rows("transactions")
    async with shop.db.reading(shop.organization_id) as s:
        standings = await loyalty.standings(s, [row.id for row in rows])
        assert sum(balance for _, _, balance in await loyalty.ledger(s)) == 0
    for row in rows:
        nets = standings[row.id].nets.values() if row.id in standings else ()
        assert sum(nets, Decimal(0)) == wanted[row.external_id], row.external_id


def test_what_steps_go_by_is_one_of_two_words() -> None:
    assert told_terms(read_terms(TERMS))["by"] == "total"
    assert not read_terms({"percent": "1"}).by_total
    with pytest.raises(BadInput):
        read_terms({"percent": "1", "by": "month"})
