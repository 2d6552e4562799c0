"""Bonuses follow purchases whatever becomes of these, and every balance is told by its lines."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.customers import Customer
from domain.errors import BadInput, CrmRejected, CrmUnavailable, NotAllowed, NotFound, TooLate
from domain.loyalty import RedemptionState
from domain.transactions import TransactionKind, TransactionLine
from services.loyalty.balances import SHARED_PHONE
from services.loyalty.redemptions import Reserve
from services.loyalty.telling import NOT_TOLD
from storage.leads import customers as customer_rows
from storage.transactions import loyalty
from tests.transactions.shop import Shop, sale

PHONE, OTHER = "+79161234567", "+79167654321"
REFUND = TransactionKind.REFUND


async def tell(shop: Shop, source: UUID, *told: Any) -> None:
    """As the source tells it now."""
    shop.clock.advance(1)
    shop.till.put(*told)
    await shop.heard.hear(shop.organization_id, await integration(shop), [one.external_id for one in told])


async def integration(shop: Shop) -> UUID:
    found: UUID = (await shop.rows("integrations"))[0].id
    return found


async def whole_ledger_is_sound(shop: Shop) -> None:
    async with shop.db.reading(shop.organization_id) as s:
        accounts = await loyalty.ledger(s)
    assert sum(balance for _, _, balance in accounts) == 0


async def rule(shop: Shop, **terms: Any) -> None:
    await shop.rules.add(shop.owner, "Правило", {"percent": "10", **terms})


async def test_a_bonus_follows_edits_refunds_cancellations_and_another_phone(shop: Shop) -> None:
    source = await shop.connect()
    await rule(shop)
    at = shop.clock()
    bought = sale("s1", "1000", at)
    steps = [
        (bought, "100"),
        (bought, "100"),
        (replace(bought, amount=replace(bought.amount, amount=Decimal(1500))), "150"),
        (sale("r1", "500", at, kind=REFUND, refers_to="s1"), "100"),
        (sale("r1", "500", at, kind=REFUND, refers_to="s1", cancelled=True), "150"),
        (sale("r2", "1500", at, kind=REFUND, refers_to="s1"), "0"),
        (sale("r2", "1500", at, kind=REFUND, refers_to="s1", cancelled=True), "150"),
        (replace(bought, cancelled=True), "0"),
        (bought, "100"),
        (replace(bought, phone=OTHER), "0"),
    ]
    for told, expected in steps:
        await tell(shop, source, told)
        assert await shop.bonuses() == Decimal(expected), told
        await whole_ledger_is_sound(shop)
    assert await shop.bonuses(OTHER) == 100
    history = await shop.balances.of_phone(shop.owner, PHONE, size=100)
    assert sum(line.amount for line in history.lines) == history.free == 0
    assert all(line.why for line in history.lines if line.amount > 0)


async def test_a_refund_before_its_sale_and_one_without_a_sale(shop: Shop) -> None:
    source = await shop.connect()
    await rule(shop)
    at = shop.clock()
    await tell(shop, source, sale("r1", "400", at, kind=REFUND, refers_to="s1"))
    assert await shop.bonuses() == 0
    await tell(shop, source, sale("s1", "1000", at))
    assert await shop.bonuses() == 60
    await tell(shop, source, sale("r2", "100", at, kind=REFUND))
    assert await shop.bonuses() == 50


async def test_rules_know_steps_caps_times_and_what_does_not_count(shop: Shop) -> None:
    source = await shop.connect()
    steps = [{"since": "1000", "percent": "20"}]
    await rule(shop, steps=steps, least="100", most="500", without_groups=["tobacco"], without_items=["gift"])
    at = shop.clock()
    lines = (
        TransactionLine("Хлеб", Decimal(1), Decimal(300), "bread"),
        TransactionLine("Табак", Decimal(1), Decimal(100), "smoke", "tobacco"),
    )
    cases: list[tuple[str, tuple[TransactionLine, ...], str]]
    cases = [("99.99", (), "0"), ("333.33", (), "33.33"), ("1000", (), "200"), ("9000", (), "500")]
    cases += [("400", lines, "30"), ("800", lines, "60")]
    for number, (amount, told, expected) in enumerate(cases):
        phone = f"+7916000000{number}"
        await tell(shop, source, sale(f"c{number}", amount, at, phone, lines=told))
        assert await shop.bonuses(phone) == Decimal(expected), amount
    # a rule does not reach back, and the next one leaves what was promised before
    await tell(shop, source, sale("old", "500", at - timedelta(days=1), OTHER))
    assert await shop.bonuses(OTHER) == 0
    shop.clock.advance(60)
    await rule(shop, percent="1")
    await tell(
        shop, source, sale("new", "500", shop.clock(), OTHER), sale("c1", "444.44", at, "+79160000001")
    )
    assert await shop.bonuses(OTHER) == 5
    assert await shop.bonuses("+79160000001") == Decimal("44.44")
    with pytest.raises(BadInput):
        await shop.rules.add(shop.owner, "x", {"percent": "101"})
    with pytest.raises(BadInput):
        await shop.rules.add(shop.owner, "x", {"percent": "1"}, shop.clock() - timedelta(days=1))


async def test_bonuses_are_reserved_confirmed_released_once_and_never_more_than_there_are(shop: Shop) -> None:
    source = await shop.connect()
    await rule(shop)
    await tell(shop, source, sale("s1", "1000", shop.clock()))
    wanted = [Reserve(PHONE, Decimal(60), f"order-{one}", source) for one in range(4)]
    made = await asyncio.gather(
        *(shop.redemptions.reserve(shop.owner, one) for one in wanted), return_exceptions=True
    )
    refused = [one for one in made if isinstance(one, BadInput)]
    (held,) = [one for one in made if not isinstance(one, BaseException)]
    assert len(refused) == 3
    assert {one.reason for one in refused} == {"not_enough"}
    assert await shop.bonuses() == 40
    again = await shop.redemptions.reserve(shop.owner, replace(wanted[0], key=held.key))
    assert again.id == held.id
    assert await shop.bonuses() == 40
    with pytest.raises(BadInput, match="used"):
        await shop.redemptions.reserve(shop.owner, replace(wanted[0], key=held.key, amount=Decimal(1)))

    for _ in range(2):
        assert (await shop.redemptions.confirm(shop.owner, held.id)).state is RedemptionState.CONFIRMED
    with pytest.raises(TooLate):
        await shop.redemptions.release(shop.owner, held.id)
    assert await shop.telling.run() == 1
    assert await shop.telling.run() == 0
    (paid,) = shop.till.paid
    assert (paid[0], paid[1].amount, paid[2]) == (PHONE, Decimal(60), str(held.id))

    await shop.redemptions.reserve(shop.owner, Reserve(PHONE, Decimal(40), "forgotten"))
    assert await shop.bonuses() == 0
    shop.clock.advance(16 * 60)
    assert await shop.redemptions.release_forgotten() == 1
    assert await shop.bonuses() == 40
    # what was spent before its purchase was taken back is owed
    await tell(shop, source, sale("s1", "1000", shop.clock(), cancelled=True))
    assert await shop.bonuses() == -60
    await whole_ledger_is_sound(shop)


async def test_a_source_that_takes_bonuses_off_is_chosen_at_the_confirming_and_its_refusal_told(
    shop: Shop,
) -> None:
    source = await shop.connect()
    await rule(shop)
    await tell(shop, source, sale("s1", "1000", shop.clock()))
    assert [(one.id, one.title) for one in await shop.telling.places(shop.owner)] == [
        (source, "Till · Shop one")
    ]
    shop.till.fails = CrmUnavailable("down")
    held = await shop.redemptions.reserve(shop.owner, Reserve(PHONE, Decimal(10), "o1"))
    await shop.redemptions.confirm(shop.owner, held.id, source)
    for _ in range(2):
        assert await shop.telling.run() == 1
        assert await shop.telling.run() == 0
        shop.clock.advance(timedelta(days=1).total_seconds())
    assert await shop.told(NOT_TOLD) == 0
    shop.till.fails = CrmRejected("not enough bonuses")
    assert await shop.telling.run() == 1
    shop.clock.advance(timedelta(days=9).total_seconds())
    assert await shop.telling.run() == 0
    assert await shop.told(NOT_TOLD) == 1
    assert not shop.till.paid
    other = await shop.redemptions.reserve(shop.owner, Reserve(PHONE, Decimal(10), "o2"))
    with pytest.raises(NotFound):
        await shop.redemptions.confirm(shop.owner, other.id, other.id)


async def test_bonuses_run_out_those_first_that_end_first(shop: Shop) -> None:
    source = await shop.connect()
    await rule(shop, days=10)
    await tell(shop, source, sale("s1", "1000", shop.clock()))
    shop.clock.advance(timedelta(days=5).total_seconds())
    await tell(shop, source, sale("s2", "500", shop.clock()))
    held = await shop.redemptions.reserve(shop.owner, Reserve(PHONE, Decimal(30), "o1"))
    await shop.redemptions.confirm(shop.owner, held.id)
    assert await shop.redemptions.expire() == 0
    shop.clock.advance(timedelta(days=6).total_seconds())
    for _ in range(2):
        await shop.redemptions.expire()
    assert await shop.bonuses() == 50, "70 of the first ran out, the second's 50 are left"
    # a purchase that is edited after its time is up changes nothing that can be spent
    await tell(shop, source, sale("s1", "2000", shop.clock() - timedelta(days=11), changed_at=shop.clock()))
    await shop.redemptions.expire()
    shop.clock.advance(timedelta(days=6).total_seconds())
    await shop.redemptions.expire()
    assert await shop.bonuses() == 0
    await whole_ledger_is_sound(shop)


async def add_customer(shop: Shop, *phones: str) -> Customer:
    async with shop.db.transaction(shop.organization_id) as s:
        number = await customer_rows.next_number(s)
        added = await customer_rows.add_customer(
            s, shop.clock(), number=number, name="Анна", phones=list(phones)
        )
        found = await customer_rows.get_customer(s, added)
    assert found is not None
    return found


async def test_purchases_find_their_customer_before_and_after_and_by_card(shop: Shop) -> None:
    source = await shop.connect()
    await rule(shop)
    at = shop.clock()
    await tell(shop, source, sale("before", "100", at), sale("card", "200", at, "", customer="card-7"))
    assert {row.customer_id for row in await shop.rows("transactions")} == {None}
    anna = await add_customer(shop, PHONE, OTHER)
    await tell(shop, source, sale("after", "300", at, OTHER))
    assert (await shop.transactions.of_customer(shop.owner, anna.id)).total == 2
    # the card is told with a phone for once, or somebody says whose it is
    await tell(shop, source, sale("both", "400", at, PHONE, customer="card-7"))
    mine = await shop.transactions.of_customer(shop.owner, anna.id)
    assert mine.total == 4
    assert sum(one.kept.amount for one in mine.items) == 1000
    assert (await shop.balances.of_customer(shop.owner, anna.id)).free == 100
    await tell(shop, source, sale("card-8", "500", at, "", customer="card-8"))
    assert await shop.transactions.name_buyer(shop.owner, source, "card-8", "8 916 123-45-67") == 1
    assert (await shop.balances.of_customer(shop.owner, anna.id)).free == 150
    await shop.customers.change(shop.owner, anna.id, "phone", "+79160000000")
    assert (await shop.transactions.of_customer(shop.owner, anna.id)).total == 1
    assert await shop.transactions.match() == 0


async def test_ones_own_balance_needs_a_phone_that_telegram_vouches_for(shop: Shop) -> None:
    source = await shop.connect()
    await rule(shop)
    await tell(shop, source, sale("s1", "1000", shop.clock()))
    typed = replace(shop.owner, phone=PHONE)
    with pytest.raises(NotAllowed):
        await shop.balances.mine(typed)
    proved = replace(typed, settings={SHARED_PHONE: PHONE})
    assert (await shop.balances.mine(proved)).free == 100


async def test_medical_purchases_earn_only_where_the_rule_says_so_and_tell_nothing(shop: Shop) -> None:
    source = await shop.connect()
    await rule(shop)
    at = datetime(2026, 3, 2, 9, 0, 1, tzinfo=UTC)
    await tell(shop, source, sale("m1", "1000", at, medical=True, description="Приём кардиолога"))
    assert await shop.bonuses() == 0
    shop.clock.advance(60)
    await rule(shop, medical=True)
    await tell(shop, source, sale("m2", "1000", shop.clock(), medical=True, description="Приём кардиолога"))
    seen = await shop.balances.of_phone(shop.owner, PHONE)
    assert seen.free == 100
    assert [(line.description, dict(line.why)) for line in seen.lines] == [("", {})]
    anna = await add_customer(shop, PHONE)
    assert (await shop.transactions.of_customer(shop.owner, anna.id)).total == 0
    assert (await shop.transactions.browse(shop.owner)).total == 0
