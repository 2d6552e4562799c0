"""What people have and why: on a customer's card, and for the person themselves (/bonus)."""

from aiogram import F, Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import NotAllowed
from domain.leads import Money
from domain.members import Member, Right
from domain.phones import show_phone
from domain.purchases import Listed
from domain.transactions import TransactionKind
from handlers.buttons import CustomerButton
from handlers.cards import clip, moment, money
from handlers.chat import Chat
from handlers.contacts.customer_card import customer_title, to_customer
from handlers.loyalty.buttons import BonusButton, MyBonusButton
from handlers.loyalty.words import ledger_lines, number
from handlers.menu import to_menu
from handlers.screens import NO_KEYBOARD, Button, Screen, contact_keyboard
from locales import N_, _
from services.loyalty.balances import PAGE, Balance
from services.registry import Services

SHARING = "bonus:phone"
"""The dialog's state while the person's own contact is waited for."""

MOST_PAGES = 1000


def page_of(extra: str) -> int:
    number_ = int(extra) if extra.isascii() and extra.isdecimal() and len(extra) < 5 else 0
    return min(number_, MOST_PAGES)


def balance_lines(balance: Balance, member: Member) -> list[str]:
    """The sum, and every line that made it so."""
    lines = [_("Free to spend: <b>{count}</b>").format(count=number(balance.free)), ""]
    if not balance.lines:
        lines.append(_("Nothing has been earned or spent here."))
    return [*lines, *ledger_lines(balance.lines, member)]


def _shown(balance: Balance) -> bool:
    return len(balance.lines) == PAGE


async def of_customer(
    _query: CallbackQuery, callback_data: BonusButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(await customer_bonuses(services, member, callback_data))


async def from_card(
    _query: CallbackQuery, callback_data: CustomerButton, chat: Chat, member: Member, services: Services
) -> None:
    there = BonusButton(do="show", customer=callback_data.customer)
    chat.show(await customer_bonuses(services, member, there))


async def customer_bonuses(services: Services, member: Member, where: BonusButton) -> Screen:
    """The balance of a customer, explained line by line."""
    customer, page = await services.customers.get(member, where.customer), page_of(where.extra)
    balance = await services.balances.of_customer(member, customer.id, page)
    lines = [_("🎁 <b>Bonuses of {name}</b>").format(name=customer_title(customer))]
    lines += balance_lines(balance, member)

    def to(text: str, do: str, extra: str = "") -> Button:
        return Button(text, BonusButton(do=do, customer=customer.id, extra=extra))

    spend = [to(_("💳 Spend"), "amounts")] if balance.free > 0 and member.may(Right.LEAD_WORK) else []
    turns = [to("◀️", "show", str(page - 1))] if page else []
    turns += [to("▶️", "show", str(page + 1))] if _shown(balance) else []
    rows = [[*spend, to(_("🧾 Purchases"), "purchases")], turns]
    return Screen("\n".join(lines), [*rows, [*to_customer(customer.id), *to_menu()]])


async def purchases(
    _query: CallbackQuery, callback_data: BonusButton, chat: Chat, member: Member, services: Services
) -> None:
    """A customer's purchases, newest first; medical ones are nowhere shown."""
    customer, page = (
        await services.customers.get(member, callback_data.customer),
        page_of(callback_data.extra),
    )
    found = await services.transactions.of_customer(member, customer.id, page, PAGE)
    lines = [_("🧾 <b>Purchases of {name}</b>").format(name=customer_title(customer)), ""]
    lines += [_purchase(one, member) for one in found.items] or [_("None is known.")]

    def to(text: str, do: str, extra: str) -> Button:
        return Button(text, BonusButton(do=do, customer=customer.id, extra=extra))

    turns = [to("◀️", "purchases", str(page - 1))] if page else []
    turns += [to("▶️", "purchases", str(page + 1))] if (page + 1) * PAGE < found.total else []
    rows = [turns, [to(_("🎁 Bonuses"), "show", "")], [*to_customer(customer.id), *to_menu()]]
    chat.show(Screen("\n".join(lines), rows))


def _purchase(one: Listed, member: Member) -> str:
    kept = one.kept
    words = money(Money(kept.amount, kept.currency))
    if kept.cancelled:
        text = f"<s>{words}</s>"
    else:
        text = f"<b>−{words}</b>" if kept.kind is TransactionKind.REFUND else f"<b>{words}</b>"
    described = f"\n    <i>{clip(kept.description, 120)}</i>" if kept.description else ""
    return f"{text} · {moment(kept.happened_at, member)}{described}"


async def command(
    _message: Message, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    """One's own bonuses; first the phone, where Telegram has not told us yet that it is the person's."""
    screen = await _mine(services, member, 0)
    if screen is None:
        await state.set_state(SHARING)
        text = _("🎁 To show your bonuses I must know that the phone is yours: press “Share my phone” below.")
        chat.say(Screen(text, reply_keyboard=contact_keyboard(_("📱 Share my phone"), _(LEAVE))))
        return
    chat.say(screen)


LEAVE = N_("✖️ Cancel")


async def _mine(services: Services, member: Member, page: int) -> Screen | None:
    try:
        balance = await services.balances.mine(member, page)
    except NotAllowed:
        return None
    lines = [_("🎁 <b>Your bonuses</b>"), *balance_lines(balance, member)]
    turns = [Button("◀️", MyBonusButton(do="page", page=page - 1))] if page else []
    turns += [Button("▶️", MyBonusButton(do="page", page=page + 1))] if _shown(balance) else []
    return Screen("\n".join(lines), [turns, to_menu()])


async def turn(
    _query: CallbackQuery, callback_data: MyBonusButton, chat: Chat, member: Member, services: Services
) -> None:
    screen = await _mine(services, member, max(0, min(callback_data.page, MOST_PAGES)))
    if screen is None:
        chat.toast(_("Please begin anew: /bonus"), alert=True)
        return
    chat.show(screen)


async def shared(message: Message, chat: Chat, state: FSMContext, member: Member, services: Services) -> None:
    """The person's own contact, which Telegram vouches for; anybody else's is not taken."""
    contact, person = message.contact, message.from_user
    if contact is None or person is None or contact.user_id != person.id or message.forward_origin:
        text = _("This is somebody else's contact. Please share your own, by the key below.")
        chat.say(Screen(text, reply_keyboard=contact_keyboard(_("📱 Share my phone"), _(LEAVE))))
        return
    phone = contact.phone_number if contact.phone_number.startswith("+") else f"+{contact.phone_number}"
    known = await services.own_settings.share_phone(member, phone)
    await state.clear()
    said = _("✅ Your phone: {phone}.").format(phone=show_phone(known.phone or phone))
    chat.say(Screen(said, reply_keyboard=NO_KEYBOARD))
    screen = await _mine(services, known, 0)
    assert screen is not None
    chat.say(screen)


async def left(_message: Message, chat: Chat, state: FSMContext) -> None:
    """Something else than a contact: the question is over."""
    await state.clear()
    chat.say(Screen(_("Stopped. Your bonuses, any time: /bonus"), reply_keyboard=NO_KEYBOARD))


def routes() -> Router:
    router = Router(name="bonus_balance")
    router.message.register(command, Command("bonus"))
    router.message.register(shared, F.contact, StateFilter(SHARING))
    router.message.register(left, F.text, ~F.text.startswith("/"), StateFilter(SHARING))
    router.callback_query.register(from_card, CustomerButton.filter(F.do == "bonus"))
    router.callback_query.register(of_customer, BonusButton.filter(F.do == "show"))
    router.callback_query.register(purchases, BonusButton.filter(F.do == "purchases"))
    router.callback_query.register(turn, MyBonusButton.filter(F.do == "page"))
    return router
