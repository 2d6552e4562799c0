"""Paying with bonuses in three taps: Spend, how many, Confirm. Until that they are set aside."""

import secrets
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.customers import Customer
from domain.errors import BadInput, NotFound
from domain.fields import read_number
from domain.loyalty import CENT, Redemption, RedemptionState
from domain.members import Member
from handlers.cards import moment
from handlers.chat import Chat
from handlers.contacts.customer_card import customer_title
from handlers.crm.words import error_in_words
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.loyalty.buttons import BonusButton, RedemptionButton
from handlers.loyalty.words import number
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc, grid
from locales import _
from services.loyalty.redemptions import Reserve
from services.loyalty.telling import NOT_TOLD, Place
from services.messages.notices import Delivery
from services.registry import Services

ROUND = tuple(map(Decimal, (50, 100, 200, 500, 1000, 2000, 5000)))
SHARES = 4


async def _richest(services: Services, member: Member, customer: Customer) -> tuple[str, Decimal]:
    """The phone of the customer with the most bonuses: one payment is from one phone."""
    found = [("", Decimal(0))]
    for phone in customer.phones:
        found.append((phone, (await services.balances.of_phone(member, phone)).free))
    return max(found, key=lambda one: one[1])


def offered(free: Decimal) -> list[Decimal]:
    """Amounts worth a button: round ones below what there is, and all of it."""
    most = free.quantize(CENT, ROUND_DOWN)
    below = [one for one in ROUND if one < most][-SHARES:]
    return [*below, most] if most > 0 else []


async def amounts(
    _query: CallbackQuery, callback_data: BonusButton, chat: Chat, member: Member, services: Services
) -> None:
    """How many of them: one tap more."""
    customer = await services.customers.get(member, callback_data.customer)
    phone, free = await _richest(services, member, customer)
    if not phone or free <= 0:
        chat.toast(_("There are no bonuses to spend."), alert=True)
        return
    text = _("💳 <b>How many bonuses does {name} pay with?</b>\n\nFree to spend: {count}").format(
        name=customer_title(customer), count=number(free)
    )
    # a mark of its own makes a second tap on the same button the same payment
    mark = secrets.token_hex(4)
    buttons = [
        Button(number(one), BonusButton(do="spend", customer=customer.id, extra=f"{one}-{mark}"))
        for one in offered(free)
    ]
    typed = Button(_("✏️ Another number"), BonusButton(do="type", customer=customer.id))
    back = Button(_("⬅️ Back"), BonusButton(do="show", customer=customer.id))
    chat.show(Screen(text, [*grid(buttons, 3), [typed], [back, *to_menu()]]))


async def spend(
    _query: CallbackQuery, callback_data: BonusButton, chat: Chat, member: Member, services: Services
) -> None:
    amount, _dash, mark = callback_data.extra.partition("-")
    chat.show(await _reserved(services, member, callback_data.customer, amount, mark))


async def ask(
    _query: CallbackQuery,
    callback_data: BonusButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    customer = await services.customers.get(member, callback_data.customer)
    context = {"customer": str(customer.id), "mark": secrets.token_hex(4)}
    await forms.start(AMOUNT, chat, state, member, services, context)


async def typed(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    customer = UUID(str(context["customer"]))
    chat.show(await _reserved(services, member, customer, answers["amount"], str(context["mark"])))


async def _reserved(services: Services, member: Member, customer_id: UUID, typed: str, mark: str) -> Screen:
    """Set aside; raises BadInput("amount", ...)."""
    customer = await services.customers.get(member, customer_id)
    phone, _free = await _richest(services, member, customer)
    try:
        amount = read_number(typed)
    except BadInput:
        raise BadInput("amount", "invalid") from None
    if not phone:
        raise BadInput("amount", "not_enough")
    key = f"chat:{member.id}:{customer.id}:{mark}"
    made = await services.redemptions.reserve(member, Reserve(phone, amount, key))
    return _set_aside(made, member, await services.bonus_telling.places(member))


def mark_of(place: Place) -> str:
    """Enough of a source's id to be told from the others; a whole one is too long for a button."""
    return place.id.hex[-12:]


def _set_aside(made: Redemption, member: Member, places: Sequence[Place]) -> Screen:
    """Each source that takes bonuses off its cards has a button of its own."""
    lines = [
        _("⏳ <b>{count} bonuses are set aside.</b>").format(count=number(made.amount)),
        "",
        _("Ring the purchase up, then confirm. At {time} they are given back by themselves.").format(
            time=moment(made.expires_at, member)
        ),
    ]
    confirm = Button(_("✅ Confirm"), RedemptionButton(do="confirm", id=made.id))
    release = Button(_("↩️ Give back"), RedemptionButton(do="release", id=made.id))
    there = [
        Button(
            _("✅ Confirm, and take off in {title}").format(title=place.title)[:60],
            RedemptionButton(do="confirm", id=made.id, place=mark_of(place)),
        )
        for place in places
    ]
    return Screen("\n".join(lines), [*grid(there, 1), [confirm, release], to_menu()])


async def settle(
    _query: CallbackQuery, callback_data: RedemptionButton, chat: Chat, member: Member, services: Services
) -> None:
    """Confirmed or given back; a second tap changes nothing."""
    if callback_data.do == "confirm":
        places = await services.bonus_telling.places(member) if callback_data.place else ()
        source_id = next((one.id for one in places if mark_of(one) == callback_data.place), None)
        if callback_data.place and source_id is None:
            raise NotFound(record="source")
        made = await services.redemptions.confirm(member, callback_data.id, source_id)
    else:
        made = await services.redemptions.release(member, callback_data.id)
    if made.state is RedemptionState.CONFIRMED:
        text = _("✅ Paid with {count} bonuses.").format(count=number(made.amount))
    else:
        text = _("↩️ {count} bonuses are free again.").format(count=number(made.amount))
    chat.show(Screen(text, [to_menu()]))


async def not_told(services: Services, delivery: Delivery) -> Screen | None:
    """The source has not taken the bonuses off."""
    params, member = delivery.notice.params, delivery.member
    if member is None:
        return None
    made = await services.redemptions.get(member, UUID(params["redemption"]))
    text = _(
        "⚠️ <b>{count} bonuses were spent, but are still on the card there</b>\nWhy: {why}\n\nTake them off "
        "by hand, please."
    )
    why = error_in_words(str(params["error"]), str(params.get("reason", "")))
    return Screen(text.format(count=number(made.amount), why=esc(why)), [to_menu()])


NOTICES = {NOT_TOLD: not_told}
AMOUNT = Form(
    name="bonus-amount",
    questions=(Question("amount", lambda _asking: _("💳 How many bonuses? For example: 150")),),
    finish=typed,
    cancelled=lambda: _("Stopped: nothing is set aside."),
)
FORMS = (AMOUNT,)


def routes() -> Router:
    router = Router(name="bonus_spending")
    router.callback_query.register(amounts, BonusButton.filter(F.do == "amounts"))
    router.callback_query.register(spend, BonusButton.filter(F.do == "spend"))
    router.callback_query.register(ask, BonusButton.filter(F.do == "type"))
    router.callback_query.register(settle, RedemptionButton.filter(F.do.in_({"confirm", "release"})))
    return router
