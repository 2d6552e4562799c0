"""Bonuses: balances with their history, spending, and the rules."""

from services.loyalty.redemptions import Reserve
from web.api.endpoint import CREATED, Call, Endpoint
from web.api.models.base import Page, Paging, page_of
from web.api.models.transactions import (
    BonusAsked,
    BonusOut,
    RedemptionIn,
    RedemptionOut,
    RuleIn,
    RuleList,
    RuleOut,
    TransactionOut,
    bonus_out,
    redemption_out,
    rule_out,
    transaction_out,
)

TAG = "bonuses"


async def of_phone(call: Call) -> BonusOut:
    asked = call.asked(BonusAsked)
    return bonus_out(
        await call.services.balances.of_phone(call.member, asked.phone, asked.page - 1, asked.limit)
    )


async def of_customer(call: Call) -> BonusOut:
    asked = call.asked(Paging)
    return bonus_out(
        await call.services.balances.of_customer(call.member, call.id, asked.page - 1, asked.limit)
    )


async def purchases(call: Call) -> Page[TransactionOut]:
    asked = call.asked(Paging)
    found = await call.services.transactions.of_customer(call.member, call.id, asked.page - 1, asked.limit)
    items = [transaction_out(one) for one in found.items]
    return Page[TransactionOut](**page_of(items, found.total, asked))


async def reserve(call: Call) -> RedemptionOut:
    given = call.given(RedemptionIn)
    wanted = Reserve(given.phone, given.amount, given.key, given.source_id)
    return redemption_out(await call.services.redemptions.reserve(call.member, wanted))


async def redemption(call: Call) -> RedemptionOut:
    return redemption_out(await call.services.redemptions.get(call.member, call.id))


async def confirm(call: Call) -> RedemptionOut:
    return redemption_out(await call.services.redemptions.confirm(call.member, call.id))


async def release(call: Call) -> RedemptionOut:
    return redemption_out(await call.services.redemptions.release(call.member, call.id))


async def rules(call: Call) -> RuleList:
    found = [rule_out(one) for one in await call.services.loyalty_rules.every(call.member)]
    return RuleList(items=found, total=len(found))


async def add_rule(call: Call) -> RuleOut:
    given = call.given(RuleIn)
    terms = given.model_dump(exclude={"name", "starts_at", "ends_at"})
    made = await call.services.loyalty_rules.add(
        call.member, given.name, terms, given.starts_at, given.ends_at
    )
    return rule_out(made)


async def rule(call: Call) -> RuleOut:
    return rule_out(await call.services.loyalty_rules.get(call.member, call.id))


async def end_rule(call: Call) -> RuleOut:
    await call.services.loyalty_rules.end(call.member, call.id)
    return await rule(call)


CUSTOMER, REDEMPTION, RULES = "/api/customers/{id}", "/api/redemptions/{id}", "/api/loyalty-rules"

ENDPOINTS = (
    Endpoint(
        "get_bonuses", "GET", "/api/bonuses", "customers:read", of_phone, TAG,
        "What a phone's owner has, and why", answer=BonusOut, query=BonusAsked,
    ),
    Endpoint(
        "get_customer_bonuses", "GET", f"{CUSTOMER}/bonuses", "customers:read", of_customer, TAG,
        "What a customer has over all phones, and why", answer=BonusOut, query=Paging,
    ),
    Endpoint(
        "list_customer_transactions", "GET", f"{CUSTOMER}/transactions", "customers:read", purchases, TAG,
        "A customer's purchases, newest first", answer=Page[TransactionOut], query=Paging,
    ),
    Endpoint(
        "reserve_bonuses", "POST", "/api/redemptions", "customers:write", reserve, TAG,
        "Set bonuses aside for a purchase", answer=RedemptionOut, body=RedemptionIn, status=CREATED,
        place=REDEMPTION,
    ),
    Endpoint(
        "get_redemption", "GET", REDEMPTION, "customers:read", redemption, TAG, "One of these",
        answer=RedemptionOut,
    ),
    Endpoint(
        "confirm_redemption", "POST", f"{REDEMPTION}/confirm", "customers:write", confirm, TAG,
        "The purchase was made", answer=RedemptionOut,
    ),
    Endpoint(
        "release_redemption", "POST", f"{REDEMPTION}/release", "customers:write", release, TAG,
        "Nothing came of the purchase", answer=RedemptionOut,
    ),
    Endpoint(
        "list_loyalty_rules", "GET", RULES, "settings:read", rules, TAG,
        "What purchases earn and earned, oldest first", answer=RuleList,
    ),
    Endpoint(
        "create_loyalty_rule", "POST", RULES, "settings:write", add_rule, TAG,
        "What purchases earn from now on, or from a later moment", answer=RuleOut, body=RuleIn,
        status=CREATED, place=f"{RULES}/{{id}}",
    ),
    Endpoint(
        "get_loyalty_rule", "GET", f"{RULES}/{{id}}", "settings:read", rule, TAG, "One rule", answer=RuleOut,
    ),
    Endpoint(
        "end_loyalty_rule", "POST", f"{RULES}/{{id}}/end", "settings:write", end_rule, TAG,
        "Let a rule end now", answer=RuleOut,
    ),
)  # fmt: skip
