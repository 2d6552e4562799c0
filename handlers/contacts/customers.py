"""Customers: the list with search, the card, correcting it, and the lead's way into it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput, NotFound
from domain.members import Member
from handlers.buttons import CustomerButton, CustomersButton, LeadButton, MenuButton
from handlers.cards import clip
from handlers.chat import Chat
from handlers.contacts.customer_card import customer_card, customer_title, to_customer, ways
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.leads.lead_fields import ASKED, EMPTY, reader
from handlers.leads.lead_fields import FIELDS as LABELS
from handlers.leads.lead_screens import beside, stands_now
from handlers.screens import Button, Screen, grid
from locales import _, ngettext
from services.leads.customers import FIELDS
from services.registry import Services

SOUGHT = "customers_sought"
"""Key of the dialog's data: the words that the list is narrowed by."""


async def of_lead(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    lead = await services.leads.get(member, callback_data.lead)
    if lead.customer_id is None:
        raise NotFound(what="customer")
    customer = await services.customers.get(member, lead.customer_id)
    beside(query, chat)
    chat.show(await customer_card(services, member, customer))


async def show(
    _query: CallbackQuery, callback_data: CustomerButton, chat: Chat, member: Member, services: Services
) -> None:
    customer = await services.customers.get(member, callback_data.customer)
    chat.show(await customer_card(services, member, customer))


async def call(
    _query: CallbackQuery, callback_data: CustomerButton, chat: Chat, member: Member, services: Services
) -> None:
    """Contact cards to tap on."""
    customer = await services.customers.get(member, callback_data.customer)
    for phone in customer.phones[:3]:
        chat.contact(phone, customer.title)
    chat.say(Screen(_("☝️ Tap the card to call."), [to_customer(customer.id), ways()]))


async def command(
    _message: Message, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    await _seek(state, "")
    chat.say(await _list(services, member, 0, ""))


async def place(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    await _seek(state, "")
    chat.show(await _list(services, member, 0, ""))


async def turn(
    _query: CallbackQuery,
    callback_data: CustomersButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """Another page of what was sought, or all of them again."""
    if callback_data.do == "all":
        await _seek(state, "")
    text = str((await state.get_data()).get(SOUGHT, ""))
    chat.show(await _list(services, member, callback_data.page, text))


async def find(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    await forms.start(FIND, chat, state, member, services)


async def _seek(state: FSMContext, text: str) -> None:
    data = await state.get_data()
    if data.get(SOUGHT, "") != text:
        await state.set_data({**data, SOUGHT: text})


async def _list(services: Services, member: Member, page: int, text: str) -> Screen:
    found = await services.customers.browse(member, page, text)
    head = _("🤝 <b>Customers</b>") + (f" · “{clip(text, 60)}”" if text else "")
    if found.total:
        count = ngettext("{count} in all.", "{count} in all.", found.total).format(count=found.total)
        if found.pages > 1:
            count += " " + _("Page {page} of {pages}.").format(page=found.page + 1, pages=found.pages)
    elif text:
        count = _("Nobody found. Try a part of the name, or the last digits of the phone.")
    else:
        count = _("No customers yet. Open a lead, press More, then “Make a customer”.")
    rows = [
        [Button(f"#{one.number} {one.title[:50]}", CustomerButton(do="open", customer=one.id))]
        for one in found.customers
    ]
    turning = []
    if found.page:
        turning.append(Button("⬅️", CustomersButton(do="page", page=found.page - 1)))
    if found.page + 1 < found.pages:
        turning.append(Button("➡️", CustomersButton(do="page", page=found.page + 1)))
    seek = [Button(_("🔎 Find"), CustomersButton(do="find"))]
    if text:
        seek.append(Button(_("✖️ Show all"), CustomersButton(do="all")))
    return Screen(
        f"{head}\n{count}", [*rows, turning, seek, [Button(_("☰ Menu"), MenuButton(place="main"))]]
    )


async def edit(
    _query: CallbackQuery, callback_data: CustomerButton, chat: Chat, member: Member, services: Services
) -> None:
    """Which field?"""
    customer = await services.customers.get(member, callback_data.customer)
    buttons = [
        Button(_(LABELS[name]), CustomerButton(do="field", customer=customer.id, extra=name))
        for name in FIELDS
    ]
    text = f"<b>{customer_title(customer)}</b>\n" + _("✏️ What shall we correct?")
    chat.show(Screen(text, [*grid(buttons, 2), to_customer(customer.id)]))


async def field(
    _query: CallbackQuery,
    callback_data: CustomerButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    customer = await services.customers.get(member, callback_data.customer)
    name = callback_data.extra if callback_data.extra in FIELDS else "name"
    now = {"phone": customer.phones[:1], "email": customer.emails[:1]}.get(name)
    value = "".join(now) if now is not None else str(getattr(customer, name))
    context = {"customer": str(customer.id), "title": customer_title(customer), "field": name, "now": value}
    await forms.start(EDIT, chat, state, member, services, context)


def _ask_value(asking: Asking) -> str:
    text = f"<b>{asking.context['title']}</b>\n" + _(ASKED[asking.context["field"]])
    now = asking.context.get("now")
    return text + ("\n" + _("Now: {value}").format(value=clip(now, 1000)) if now else "")


async def _finish_edit(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    name = context["field"]
    value = "" if answers[name] == EMPTY else answers[name]
    customer = await services.customers.change(member, UUID(context["customer"]), name, value)
    shown = await customer_card(services, member, customer)
    chat.show(Screen(_("✏️ Corrected.") + "\n\n" + shown.text, shown.rows))


async def _finish_find(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, _context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    await state.clear()
    await _seek(state, answers["words"][:100])
    chat.show(await _list(services, member, 0, answers["words"][:100]))


def _read_words(typed: str, _member: Member) -> str:
    text = " ".join(typed.split())
    if not text:
        raise BadInput("words", "required")
    return text


def _empty_choice(asking: Asking) -> list[tuple[str, str]]:
    emptiable = asking.context["field"] not in ("name", "phone")
    return [(_("🧹 Leave it empty"), EMPTY)] if asking.context.get("now") and emptiable else []


def _is_field(name: str) -> Callable[[Asking], bool]:
    return lambda asking: asking.context.get("field") == name


EDIT = Form(
    name="cust_edit",
    questions=tuple(
        Question(name, _ask_value, reader(name), _empty_choice, when=_is_field(name)) for name in FIELDS
    ),
    finish=_finish_edit,
    cancelled=lambda: _("Left as it was."),
)
FIND = Form(
    name="cust_find",
    questions=(
        Question("words", lambda _a: _("🔎 Whom shall I find? A name, company, phone, e-mail or number."),
                 _read_words),
    ),
    finish=_finish_find,
    cancelled=lambda: _("Left as it was."),
)  # fmt: skip
FORMS: tuple[Form, ...] = (EDIT, FIND)


def routes() -> Router:
    router = Router(name="customers")
    router.callback_query.middleware(stands_now)
    router.message.register(command, Command("customers"))
    press = router.callback_query.register
    press(place, MenuButton.filter(F.place == "customers"))
    press(of_lead, LeadButton.filter(F.do == "customer"))
    press(find, CustomersButton.filter(F.do == "find"))
    press(turn, CustomersButton.filter())
    press(show, CustomerButton.filter(F.do == "open"))
    press(call, CustomerButton.filter(F.do == "call"))
    press(edit, CustomerButton.filter(F.do == "edit"))
    press(field, CustomerButton.filter(F.do == "field"))
    return router
