"""Looking after a source: how long its log is kept, whose card a number is, and taking it away."""

from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.members import Member
from domain.phones import read_phone
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc, grid
from handlers.transactions.buttons import SourceButton
from handlers.transactions.overview import view_of
from handlers.transactions.screens import button, to_sources
from handlers.transactions.words import label
from locales import _, ngettext
from services.registry import Services

KEEP_DAYS = (7, 30, 90, 365)


def _days(count: int) -> str:
    return ngettext("{count} day", "{count} days", count).format(count=count)


async def keep(
    _query: CallbackQuery, callback_data: SourceButton, chat: Chat, member: Member, services: Services
) -> None:
    """For how many days the log and settled raw records stay; `extra` is the choice."""
    view = await view_of(services, member, callback_data)
    if callback_data.extra in {str(days) for days in KEEP_DAYS}:
        await services.transaction_sources.keep_log(member, view.id, int(callback_data.extra))
        view = await view_of(services, member, callback_data)
        chat.toast(_("✅ Saved."))
    text = _(
        "🗓 <b>Log of {title}</b>\n\nLines of the log, and records that were repaired or left out, are "
        "removed after {days}."
    ).format(title=esc(label(view)), days=_days(view.keep_days))
    choices = [
        button(("✅ " if days == view.keep_days else "") + _days(days), "keep", view, str(days))
        for days in KEEP_DAYS
    ]
    chat.show(Screen(text, [*grid(choices, 2), [button(_("⬅️ Back"), "show", view), *to_menu()]]))


async def buyer(
    _query: CallbackQuery,
    callback_data: SourceButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    view = await view_of(services, member, callback_data)
    context = {"source": str(view.id), "title": label(view)}
    await forms.start(BUYER, chat, state, member, services, context)


async def named(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """Purchases that bear the number, and no phone, get their person and their bonus."""
    source_id = UUID(str(context["source"]))
    count = await services.transactions.name_buyer(member, source_id, answers["customer"], answers["phone"])
    said = ngettext(
        "{count} purchase has found its buyer.", "{count} purchases have found their buyer.", count
    )
    text = _("✅ Noted: what comes with this number is theirs from now on.") + "\n" + said.format(count=count)
    back = Button(_("🧾 To the source"), SourceButton(do="show", id=source_id))
    chat.show(Screen(text, [[back, *to_menu()]]))


async def ask_removal(
    _query: CallbackQuery, callback_data: SourceButton, chat: Chat, member: Member, services: Services
) -> None:
    view = await view_of(services, member, callback_data)
    text = _(
        "🗑 <b>Remove {title}?</b>\n\nIt is read no more, and its key is forgotten. Its purchases and their "
        "bonuses stay; connect the same account again, and it goes on with them. Records that nobody could "
        "read are left out."
    ).format(title=esc(label(view)))
    if view.integration_id is not None and view.takes_leads:
        text += "\n\n" + _("The connection itself stays, for leads: /crm")
    yes = button(_("Yes, remove it"), "really_remove", view)
    chat.show(Screen(text, [[yes, button(_("⬅️ Back"), "show", view)]]))


async def remove(
    _query: CallbackQuery, callback_data: SourceButton, chat: Chat, member: Member, services: Services
) -> None:
    await services.second_factor.demand(member)
    view = await view_of(services, member, callback_data)
    chat.show(Screen(_("⏳ I am disconnecting …")))

    async def forget(later: Chat) -> None:
        await services.transaction_sources.remove(member, view.id)
        text = _("🗑 {title} is removed. What was bought there stays.").format(title=esc(label(view)))
        later.show(Screen(text, [[to_sources(), *to_menu()]]))

    chat.then(forget)


def _read_phone(typed: str, member: Member) -> str:
    return read_phone(typed, member.region)


BUYER = Form(
    name="src-buyer",
    questions=(
        Question(
            "customer",
            lambda asking: _("👤 Which card, or number of a buyer, is it? As {title} calls it.").format(
                title=esc(str(asking.context["title"]))
            ),
        ),
        Question(
            "phone", lambda _asking: _("📱 And whose is it? The buyer's phone, please."), read=_read_phone
        ),
    ),
    finish=named,
    cancelled=lambda: _("Stopped: nothing has changed."),
    numbered=True,
)
FORMS = (BUYER,)


def routes() -> Router:
    router = Router(name="transaction_care")
    for do, handler in (
        ("keep", keep), ("buyer", buyer), ("remove", ask_removal), ("really_remove", remove),
    ):  # fmt: skip
        router.callback_query.register(handler, SourceButton.filter(F.do == do))
    return router
