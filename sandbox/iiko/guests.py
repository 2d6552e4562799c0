"""Guests of the loyalty programme: cards, wallets, and what was put on and taken off them."""

import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.exchange import Answer
from sandbox.iiko.answers import good, invalid, refusal
from sandbox.iiko.call import Call
from sandbox.iiko.state import Record, State

MOST_ROWS = 50
"""A larger page is not given, whatever is asked for."""


def info(call: Call) -> Answer:
    """customer/info: not found is a 400 here."""
    call.organization()
    kind = call.body.get("type")
    fields = {
        "phone": "phone",
        "id": "id",
        "email": "email",
        "cardTrack": "cardTrack",
        "cardNumber": "cardNumber",
    }
    if kind not in fields:
        raise invalid("type is required")
    value = call.body.get(fields[kind])
    for one in call.state.table("customers").values():
        cards = {card for owned in one["cards"] for card in (owned["track"], owned["number"])}
        if value and (value == one.get(kind) or value in cards):
            return Answer(dict(one))
    raise refusal(400, "There is no user with the given data.", "Validation_IncorrectPhone")


def upsert(call: Call) -> Answer:
    call.organization()
    number = call.body.get("id")
    if number is not None and number not in call.state.table("customers"):
        raise refusal(400, "Customer is not found.")
    phone, name = str(call.body.get("phone") or ""), str(call.body.get("name") or "")
    made = add_guest(call.state, phone, name, id=number, card=call.body.get("cardNumber"))
    return Answer({"id": made["id"]})


def add_guest(state: State, phone: str, name: str = "", **more: Any) -> Record:
    """A guest of the loyalty programme; the same phone is the same guest."""
    known = next((one for one in state.table("customers").values() if phone and one["phone"] == phone), None)
    number = more.get("id") or (known["id"] if known else str(uuid.uuid4()))
    card = more.get("card")
    cards = [{"id": str(uuid.uuid4()), "track": card, "number": card, "validToDate": None}] if card else []
    wallet = {"id": str(uuid.UUID(int=3)), "name": "Бонусы", "type": 1, "balance": more.get("bonus", 0)}
    state.table("customers")[number] = {
        "id": number, "referrerId": None, "name": name, "surname": None, "middleName": None, "comment": None,
        "phone": phone, "cultureName": "ru-RU", "birthday": None, "email": None, "sex": 0, "consentStatus": 0,
        "anonymized": False, "cards": cards, "categories": [], "userData": None, "isDeleted": False,
        "walletBalances": [wallet],
    }  # fmt: skip
    return state.table("customers")[number]


def top_up(call: Call) -> Answer:
    return _moved(call, 1)


def charge_off(call: Call) -> Answer:
    """A wallet never falls below zero. Nothing here notices the same request twice."""
    return _moved(call, -1)


def _moved(call: Call, sign: int) -> Answer:
    place, total = call.organization(), call.body.get("sum")
    if isinstance(total, bool) or not isinstance(total, int | float) or total <= 0:
        raise invalid("Sum must be positive.")
    guest = _guest(call)
    wallet = next((one for one in guest["walletBalances"] if one["id"] == call.body.get("walletId")), None)
    if wallet is None:
        raise refusal(400, "Wallet is not found.", "WalletNotFound")
    if wallet["balance"] + sign * total < 0:
        raise refusal(400, "Balance is not enough.", "InsufficientFunds")
    before = wallet["balance"]
    wallet["balance"] = round(before + sign * total, 2)
    call.state.movements.append(
        {
            "id": str(uuid.uuid4()), "organizationId": place, "customerId": guest["id"], "sum": sign * total,
            "walletId": wallet["id"], "comment": call.body.get("comment"), "balanceBefore": before,
            "balanceAfter": wallet["balance"], "whenCreated": call.state.stamp(),
            "revision": call.state.next_revision(),
            "typeName": "RefillWallet" if sign > 0 else "PayFromWallet",
        }
    )  # fmt: skip
    return Answer({})


def _guest(call: Call) -> Record:
    guest = call.state.table("customers").get(str(call.body.get("customerId")))
    if guest is None:
        raise refusal(400, "There is no user with the given data.", "UserNotFound")
    return guest


def movements(call: Call) -> Answer:
    """transactions/by_date, by pages that count from zero; moments are of UTC."""
    call.organization()
    first, last = call.moment("dateFrom"), call.moment("dateTo")
    page, size = _number(call.body, "pageNumber"), min(_number(call.body, "pageSize"), MOST_ROWS)
    if first is None or last is None or size < 1:
        raise invalid("dateFrom, dateTo and pageSize are required")
    since, until = (one.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] for one in (first, last))
    guest = _guest(call)
    rows = [
        one for one in call.state.movements
        if one["customerId"] == guest["id"] and since <= one["whenCreated"] <= until
    ]  # fmt: skip
    return good(transactions=rows[page * size : (page + 1) * size], pageSize=size, pageNumber=page)


def _number(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise invalid(f"{name} is required")
    return value
