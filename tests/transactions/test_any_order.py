"""Whatever the order in which purchases are told and bonuses moved: one row, one bonus, sums of nought."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput, TooLate
from domain.loyalty import earned, read_terms
from domain.transactions import SourceTransaction, TransactionKind
from services.loyalty.redemptions import Reserve
from storage.transactions import loyalty, transaction_sources
from storage.transactions.transactions import newest_each
from tests.clock import MovableClock
from tests.transactions.shop import Shop, sale

START = MovableClock()()
RECORDS, VERSIONS = 120, 4


def tellings(random: Random, by_revision: bool) -> dict[str, list[SourceTransaction]]:
    """Every record with all its versions, oldest first."""
    found: dict[str, list[SourceTransaction]] = {}
    for number in range(RECORDS):
        found[f"t{number}"] = [
            sale(
                f"t{number}",
                str(random.randrange(1, 10_000)),
                START,
                phone=f"+7916000{number % 7:04d}",
                cancelled=random.random() < 0.2,
                revision=version + 1 if by_revision else 0,
                changed_at=None if by_revision else START + timedelta(seconds=version),
            )
            for version in range(VERSIONS)
        ]
    return found


async def test_the_newest_telling_stays_in_whatever_order_two_writers_bring_them(shop: Shop) -> None:
    await shop.rules.add(shop.owner, "all", {"percent": "10"})
    for seed in range(4):
        random = Random(seed)
        source = await shop.connect(shop=f"shop{seed}")
        versions = tellings(random, by_revision=bool(seed % 2))
        letters = [one for each in versions.values() for one in each for _ in range(random.randint(1, 3))]
        random.shuffle(letters)
        parts = [letters[at : at + 37] for at in range(0, len(letters), 37)]

        async def writer(own: list[list[SourceTransaction]], source: UUID = source) -> None:
            for part in own:
                async with shop.db.transaction(shop.organization_id) as s:
                    await transaction_sources.hold(s, source)
                    await shop.store.keep(s, source, part, shop.clock())

        await asyncio.gather(writer(parts[::2]), writer(parts[1::2]))
        rows = [row for row in await shop.rows("transactions") if row.source_id == source]
        assert len(rows) == RECORDS
        newest = {name: each[-1] for name, each in versions.items()}
        for row in rows:
            told = newest[row.external_id]
            assert (row.amount, row.cancelled) == (told.amount.amount, told.cancelled), row.external_id
        await bonuses_are_those_of(shop, rows)


async def bonuses_are_those_of(shop: Shop, rows: list[Any]) -> None:
    async with shop.db.reading(shop.organization_id) as s:
        standings = await loyalty.standings(s, [row.id for row in rows])
        assert sum(balance for _, _, balance in await loyalty.ledger(s)) == 0
    for row in rows:
        nets = standings[row.id].nets.values() if row.id in standings else ()
        expected = Decimal(0) if row.cancelled else row.amount / 10
        assert sum(nets, Decimal(0)) == expected, row.external_id


@given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=6))
def test_of_one_page_the_newest_telling_counts(order: list[int], repeated: list[int]) -> None:
    told = [sale("x", str(one + 1), START, revision=one + 1) for one in (*order, *repeated)]
    assert newest_each(told)["x"].revision == 5


amounts = st.decimals("0.01", "1000000", places=2)


@given(amounts, st.decimals("0", "100", places=2), amounts, st.none() | amounts)
def test_a_bonus_is_never_more_than_its_share_nor_its_cap(
    amount: Decimal, percent: Decimal, back: Decimal, most: Decimal | None
) -> None:
    terms = read_terms({"percent": str(percent), "most": None if most is None else str(most)})
    bonus = earned(terms, amount, (), back, False).amount
    left = max(amount - back, Decimal(0))
    assert 0 <= bonus <= left * percent / 100
    assert most is None or bonus <= most
    assert bonus == round(bonus, 2)


@dataclass
class Model:
    """What the ledger should say, kept in the simplest way there is."""

    random: Random
    sales: dict[str, SourceTransaction] = field(default_factory=dict)
    refunds: dict[str, SourceTransaction] = field(default_factory=dict)
    held: dict[UUID, tuple[str, Decimal]] = field(default_factory=dict)
    spent: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    version: int = 0

    def phone(self) -> str:
        return f"+791600000{self.random.randrange(3):02d}"

    def balance(self, phone: str) -> Decimal:
        gained = Decimal(0)
        for name, one in self.sales.items():
            back = sum(
                (r.amount.amount for r in self.refunds.values() if r.refers_to == name and not r.cancelled),
                Decimal(0),
            )
            if one.phone == phone and not one.cancelled:
                gained += max(Decimal(0), one.amount.amount - back) / 10
        reserved = sum((amount for whose, amount in self.held.values() if whose == phone), Decimal(0))
        return gained - reserved - self.spent[phone]

    def next_telling(self) -> SourceTransaction:
        self.version += 1
        random = self.random
        if random.random() < 0.3:
            name = f"r{random.randrange(5)}"
            known = self.refunds.get(name)
            of = known.refers_to if known else f"s{random.randrange(5)}"
            more: dict[str, Any] = {"kind": TransactionKind.REFUND, "refers_to": of}
        else:
            name, more = f"s{random.randrange(5)}", {}
        told: SourceTransaction = sale(
            name, str(random.randrange(1, 50) * 10), START, self.phone(), revision=self.version,
            cancelled=random.random() < 0.2, **more,
        )  # fmt: skip
        kept = self.refunds if more else self.sales
        kept[name] = told
        return told


async def test_a_hundred_random_steps_leave_every_balance_explained(shop: Shop) -> None:
    source = await shop.connect()
    await shop.rules.add(shop.owner, "all", {"percent": "10"})
    model = Model(Random(11))
    for step in range(100):
        await _step(shop, source, model, step)
        for number in range(3):
            phone = f"+791600000{number:02d}"
            seen = await shop.balances.of_phone(shop.owner, phone, size=1000)
            assert seen.free == model.balance(phone), step
            assert sum((line.amount for line in seen.lines), Decimal(0)) == seen.free
        async with shop.db.reading(shop.organization_id) as s:
            assert sum(balance for _, _, balance in await loyalty.ledger(s)) == 0


async def _step(shop: Shop, source: UUID, model: Model, step: int) -> None:
    choice = model.random.random()
    if choice < 0.6:
        async with shop.db.transaction(shop.organization_id) as s:
            await transaction_sources.hold(s, source)
            await shop.store.keep(s, source, [model.next_telling()], shop.clock())
    elif choice < 0.8 or not model.held:
        phone, amount = model.phone(), Decimal(model.random.randrange(1, 20))
        wanted = Reserve(phone, amount, f"key{step}")
        if model.balance(phone) < amount:
            with pytest.raises(BadInput, match="not_enough"):
                await shop.redemptions.reserve(shop.owner, wanted)
            return
        made = await shop.redemptions.reserve(shop.owner, wanted)
        model.held[made.id] = (phone, amount)
    else:
        redemption = model.random.choice(list(model.held))
        phone, amount = model.held.pop(redemption)
        if choice < 0.9:
            await shop.redemptions.confirm(shop.owner, redemption)
            model.spent[phone] += amount
        else:
            await shop.redemptions.release(shop.owner, redemption)
        with suppress(TooLate):
            await shop.redemptions.release(shop.owner, redemption)
