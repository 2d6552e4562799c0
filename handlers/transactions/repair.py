"""Records that nobody could read: asked for once more, given by hand, or left out."""

from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import CrmError
from domain.members import Member
from domain.transaction_values import read_amount, read_moment
from domain.transactions import TransactionKind
from handlers.cards import clip, moment
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from handlers.transactions.buttons import BadButton, SourceButton
from handlers.transactions.log import number_of
from handlers.transactions.overview import view_of
from handlers.transactions.screens import button
from handlers.transactions.words import bad_line, label
from locales import N_, _, ngettext
from services.registry import Services
from services.transactions.log import UnreadableView

SIZE = 8
RUB = "RUB"
RAW_ROOM = 2800
KIND_WORDS = {TransactionKind.SALE.value: N_("🧾 A purchase"), TransactionKind.REFUND.value: N_("↩️ A refund")}


async def pages(
    _query: CallbackQuery, callback_data: SourceButton, chat: Chat, member: Member, services: Services
) -> None:
    """Open ones of a source, newest first."""
    view, page = await view_of(services, member, callback_data), number_of(callback_data.extra)
    found = await services.transaction_log.unreadable(member, view.id, page, SIZE)
    back = [button(_("⬅️ Back"), "show", view), *to_menu()]
    head = _("⚠️ <b>Unreadable records of {title}</b>").format(title=esc(label(view)))
    if not found.total:
        chat.show(Screen(f"{head}\n\n" + _("✅ None: every record is read."), [back]))
        return
    said = ngettext("{count} record waits for you.", "{count} records wait for you.", found.total)
    rows = [
        [Button(f"{one.external_id or '—'} · {bad_line(one.field, one.problem)}"[:60],
                BadButton(do="show", id=one.id))]
        for one in found.items
    ]  # fmt: skip
    last = (found.total - 1) // SIZE
    turns = [
        button(sign, "bad", view, str(to))
        for to, sign in ((page - 1, "◀️"), (page + 1, "▶️"))
        if 0 <= to <= last
    ]
    text = f"{head}\n{said.format(count=found.total)} " + _("The rest of each batch is in already.")
    chat.show(Screen(text, [*rows, turns, back]))


def _screen(one: UnreadableView, member: Member) -> Screen:
    lines = [
        _("⚠️ <b>Record {number}</b>").format(number=esc(one.external_id or "—")),
        esc(bad_line(one.field, one.problem)),
        _("Came in {time}").format(time=moment(one.created_at, member)),
        "",
        f"<pre>{clip(one.raw, RAW_ROOM)}</pre>",
    ]
    retry = [Button(_("🔄 Retry"), BadButton(do="retry", id=one.id))] if one.external_id else []
    acts = [
        *retry,
        Button(_("🔧 Repair"), BadButton(do="repair", id=one.id)),
        Button(_("🗑 Leave it out"), BadButton(do="drop", id=one.id)),
    ]
    return Screen("\n".join(lines), [acts, [_to_list(one.source_id), *to_menu()]])


def _to_list(source_id: UUID) -> Button:
    return Button(_("⬅️ All unreadable"), SourceButton(do="bad", id=source_id))


async def show(
    _query: CallbackQuery, callback_data: BadButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(_screen(await services.transaction_log.unreadable_one(member, callback_data.id), member))


async def retry(
    _query: CallbackQuery, callback_data: BadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Ask the source once more, after this update."""
    one = await services.transaction_log.unreadable_one(member, callback_data.id)
    chat.show(Screen(_("⏳ I am asking for it once more …")))

    async def ask(later: Chat) -> None:
        rows = [[Button(_("⚠️ To the record"), BadButton(do="show", id=one.id))], [_to_list(one.source_id)]]
        try:
            read = await services.transaction_log.retry(member, one.id)
        except CrmError as error:
            later.show(Screen("⛔ " + in_words(error), [*rows, to_menu()]))
            return
        if read:
            later.show(
                Screen(_("✅ Read: it is among the purchases now."), [[_to_list(one.source_id)], to_menu()])
            )
        else:
            later.show(
                Screen(_("⚠️ The source tells the same: it cannot be read as it is."), [*rows, to_menu()])
            )

    chat.then(ask)


async def drop(
    _query: CallbackQuery, callback_data: BadButton, chat: Chat, member: Member, services: Services
) -> None:
    one = await services.transaction_log.unreadable_one(member, callback_data.id)
    await services.transaction_log.drop(member, one.id)
    text = _("🗑 Left out. Should the source tell it otherwise, it is shown again.")
    chat.show(Screen(text, [[_to_list(one.source_id), *to_menu()]]))


async def repair(
    _query: CallbackQuery,
    callback_data: BadButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    one = await services.transaction_log.unreadable_one(member, callback_data.id)
    context = {"bad": str(one.id), "source": str(one.source_id)}
    await forms.start(REPAIR, chat, state, member, services, context)


async def repaired(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """Keep it; what the source tells of it later, readably, takes its place."""
    given = {name: value for name, value in answers.items() if value}
    await services.transaction_log.repair(member, UUID(str(context["bad"])), given)
    chat.show(Screen(_("✅ Repaired: it is among the purchases now."),
                     [[_to_list(UUID(str(context["source"]))), *to_menu()]]))  # fmt: skip


def _kinds(_asking: Asking) -> list[tuple[str, str]]:
    return [(_(words), kind) for kind, words in KIND_WORDS.items()]


def _read_amount(typed: str, _member: Member) -> str:
    read_amount(typed, RUB)
    return typed.strip()


def _read_moment(typed: str, member: Member) -> str:
    read_moment(typed, member.time_zone)
    return typed.strip()


REPAIR = Form(
    name="src-repair",
    questions=(
        Question("kind", lambda _asking: _("What is it?"), choices=_kinds, typed=False),
        Question(
            "amount", lambda _asking: _("💰 How much? For example: 1 500 or 1.500,50"), read=_read_amount
        ),
        Question(
            "happened_at", lambda _asking: _("🕰 When? For example: 21.11.2026 14:30"), read=_read_moment
        ),
        Question("phone", lambda _asking: _("📱 The buyer's phone, if it is known."), optional=True),
        Question("description", lambda _asking: _("📝 What was bought?"), optional=True),
    ),
    finish=repaired,
    cancelled=lambda: _("Stopped: the record waits as before."),
    numbered=True,
)
FORMS = (REPAIR,)


def routes() -> Router:
    router = Router(name="transaction_repair")
    router.callback_query.register(pages, SourceButton.filter(F.do == "bad"))
    router.callback_query.register(show, BadButton.filter(F.do == "show"))
    router.callback_query.register(retry, BadButton.filter(F.do == "retry"))
    router.callback_query.register(repair, BadButton.filter(F.do == "repair"))
    router.callback_query.register(drop, BadButton.filter(F.do == "drop"))
    return router
