"""A table of purchases dropped into the chat: its columns, where it comes from, what was left out by row."""

import csv
import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.importing import IGNORE
from domain.members import Member
from domain.spreadsheets import safe_cell
from handlers.cards import clip
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.screens import Screen, esc, grid
from handlers.transactions.buttons import TableButton
from handlers.transactions.table_screens import WORDS, button, preview_screen, progress_screen, title_of
from handlers.transactions.words import bad_line
from locales import _
from services.registry import Services
from services.transactions.table_rows import COLUMNS, WrongRow

MOST_COLUMNS, MOST_SYSTEMS = 40, 10
FILE_NAME = "errors.csv"


async def screen_of(services: Services, member: Member, table_id: UUID) -> Screen:
    """The file as it stands; call it outside a transaction."""
    table = await services.purchase_tables.forecast(member, table_id)
    return preview_screen(table, member) if table.waits else progress_screen(table)


async def show(
    _query: CallbackQuery, callback_data: TableButton, chat: Chat, member: Member, services: Services
) -> None:
    await services.purchase_tables.get(member, callback_data.id)
    _later(chat, member, callback_data.id, services)


def _later(chat: Chat, member: Member, table_id: UUID, services: Services) -> None:
    async def work(later: Chat) -> None:
        later.show(await screen_of(services, member, table_id))

    chat.then(work)


async def columns(
    _query: CallbackQuery, callback_data: TableButton, chat: Chat, member: Member, services: Services
) -> None:
    table = await services.purchase_tables.get(member, callback_data.id)
    buttons = [
        button(f"{title_of(table, place)[:24]} → {_(WORDS[name])}", "column", table.id, str(place))
        for place, name in enumerate(table.columns[:MOST_COLUMNS])
    ]
    back = button(_("⬅️ Back"), "show", table.id)
    chat.show(Screen(_("🗂 <b>Columns</b>\n\nPress one to say what it is."), [*grid(buttons, 1), [back]]))


async def column(
    _query: CallbackQuery, callback_data: TableButton, chat: Chat, member: Member, services: Services
) -> None:
    table = await services.purchase_tables.get(member, callback_data.id)
    place = int(callback_data.extra) if callback_data.extra.isdecimal() else -1
    if not 0 <= place < len(table.columns):
        return
    samples = [row[place] for row in table.sample[:3] if place < len(row)]
    text = _("🗂 <b>{title}</b>\n{samples}\n\nWhat is it?").format(
        title=esc(title_of(table, place)), samples=clip(" · ".join(samples), 200)
    )
    choices = [
        button(_(WORDS[name]), "be", table.id, f"{place}.{name or IGNORE}") for name in (*COLUMNS, IGNORE)
    ]
    chat.show(Screen(text, [*grid(choices, 2), [button(_("⬅️ Back"), "columns", table.id)]]))


async def be(
    _query: CallbackQuery, callback_data: TableButton, chat: Chat, member: Member, services: Services
) -> None:
    place, _dot, name = callback_data.extra.partition(".")
    number = int(place) if place.isdecimal() else -1
    table = await services.purchase_tables.set_column(member, callback_data.id, number, name)
    _later(chat, member, table.id, services)


async def start(
    _query: CallbackQuery, callback_data: TableButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(progress_screen(await services.purchase_tables.start(member, callback_data.id)))


async def ask_system(
    _query: CallbackQuery,
    callback_data: TableButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    await services.purchase_tables.get(member, callback_data.id)
    known = await services.purchase_tables.systems(member)
    context = {"table": str(callback_data.id), "known": list(known)[:MOST_SYSTEMS]}
    await forms.start(SYSTEM, chat, state, member, services, context)


async def system_named(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    table_id = UUID(str(context["table"]))
    await services.purchase_tables.name_system(member, table_id, answers["system"])
    _later(chat, member, table_id, services)


async def settle(
    _query: CallbackQuery, callback_data: TableButton, chat: Chat, member: Member, services: Services
) -> None:
    """Try one that was given up once more, or drop it."""
    failures = services.table_failures
    act = failures.retry if callback_data.do == "retry" else failures.drop
    await act(member, callback_data.id)
    chat.show(progress_screen(await services.purchase_tables.get(member, callback_data.id)))


async def errors(
    _query: CallbackQuery, callback_data: TableButton, chat: Chat, member: Member, services: Services
) -> None:
    """What was left out, by row, with the reason before it."""
    table = await services.purchase_tables.get(member, callback_data.id)

    async def work(later: Chat) -> None:
        header, wrong = await services.purchase_tables.wrong_rows(member, table.id)
        later.upload(FILE_NAME, errors_as_csv(header, wrong))

    chat.then(work)


def errors_as_csv(header: Sequence[str], wrong: Sequence[WrongRow]) -> bytes:
    """Rows that were left out, for a spreadsheet."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow([_("Row"), _("Why"), *(safe_cell(one) for one in header)])
    for one in wrong:
        why = bad_line(one.field, one.problem)
        if one.kept:
            why = _("{why}; it came in without a buyer").format(why=why)
        cells = [str(one.row), why, *one.cells]
        writer.writerow([safe_cell(cell) for cell in cells])
    return table.getvalue().encode("utf-8-sig")


SYSTEM = Form(
    name="src-system",
    questions=(
        Question(
            "system",
            lambda _asking: _(
                "🏷 Where does this table come from? Rows without a number of their own are told apart within "
                "one system: two tills with equal tables are two systems."
            ),
            choices=lambda asking: [(clip(one, 40), one) for one in asking.context["known"]],
            width=1,
        ),
    ),
    finish=system_named,
    cancelled=lambda: _("Stopped: the table waits as it was."),
)
FORMS = (SYSTEM,)


def routes() -> Router:
    router = Router(name="purchase_tables")
    for do, handler in (
        ("show", show), ("columns", columns), ("column", column), ("be", be), ("start", start),
        ("errors", errors), ("system", ask_system), ("retry", settle), ("drop", settle),
    ):  # fmt: skip
        router.callback_query.register(handler, TableButton.filter(F.do == do))
    return router
