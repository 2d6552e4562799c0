"""A table of purchases dropped into the chat: what it would bring, its columns, how far it is, what was left
out by row."""

import csv
import io
from collections.abc import Sequence
from uuid import UUID

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.importing import IGNORE
from domain.members import Member
from domain.spreadsheets import safe_cell
from domain.transactions import SourceTransaction
from handlers.buttons import MenuButton
from handlers.cards import clip, moment, money
from handlers.chat import Chat
from handlers.importing.buttons import ImportButton
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc, grid
from handlers.transactions.buttons import TableButton
from handlers.transactions.words import bad_line, bar
from locales import N_, _, ngettext
from services.registry import Services
from services.transactions.table_rows import COLUMNS, WrongRow, fits
from services.transactions.tables import PurchaseTable, slot_of

WORDS = {
    "id": N_("Number"),
    "date": N_("Date"),
    "amount": N_("Amount"),
    "phone": N_("Phone"),
    "currency": N_("Currency"),
    "description": N_("Description"),
    "kind": N_("Kind"),
    "customer": N_("Card"),
    "cancelled": N_("Cancelled"),
    IGNORE: N_("— left out"),
}
MOST_COLUMNS = 40
FILE_NAME = "errors.csv"


def button(text: str, do: str, table_id: UUID, extra: str = "") -> Button:
    return Button(text, TableButton(do=do, id=table_id, extra=extra))


def question_screen(name: str, table_id: UUID) -> Screen:
    """A file that may be either."""
    text = _("📄 <b>{name}</b>\n\nWhat is in it?").format(name=esc(name))
    leads = Button(_("👥 Leads"), ImportButton(do="show", id=table_id))
    return Screen(text, [[leads, button(_("🧾 Purchases"), "show", table_id)], to_menu()])


def preview_screen(table: PurchaseTable, member: Member) -> Screen:
    """What the file would bring, and how its columns are understood."""
    rows = ngettext("{count} row", "{count} rows", table.total).format(count=table.total)
    lines = [f"🧾 <b>{esc(table.name)}</b> · {rows}", "", *_columns(table)]
    start: list[Button] = []
    if not fits(table.columns):
        lines += ["", _("⛔ Press 🗂 Columns and say which one is the date and which one the amount.")]
    else:
        lines += ["", *(_row(one, member) for one in table.first), ""]
        said = ngettext("✅ {count} purchase reads well", "✅ {count} purchases read well", table.good)
        lines.append(said.format(count=table.good))
        if table.wrong:
            bad = ngettext("⚠️ {count} row has errors", "⚠️ {count} rows have errors", table.wrong)
            lines.append(bad.format(count=table.wrong))
            start = [button(_("💾 Errors"), "errors", table.id)]
        if table.good:
            words = ngettext("▶️ Import {count} purchase", "▶️ Import {count} purchases", table.good)
            start = [button(words.format(count=table.good), "start", table.id), *start]
    leads = Button(_("👥 These are leads"), ImportButton(do="show", id=table.id))
    rows_ = [start, [button(_("🗂 Columns"), "columns", table.id), leads], to_menu()]
    return Screen("\n".join(lines), rows_, slot=slot_of(table.id))


def _columns(table: PurchaseTable) -> list[str]:
    return [
        f"{esc(_title(table, place))} → <b>{_(WORDS[name])}</b>"
        for place, name in enumerate(table.columns) if name != IGNORE
    ]  # fmt: skip


def _title(table: PurchaseTable, place: int) -> str:
    title = table.header[place] if place < len(table.header) else ""
    return title[:60] or _("Column {number}").format(number=place + 1)


def _row(one: SourceTransaction | WrongRow, member: Member) -> str:
    if isinstance(one, WrongRow):
        return _("⚠️ Row {row}: {why}").format(row=one.row, why=esc(bad_line(one.field, one.problem)))
    parts = [money(one.amount), moment(one.happened_at, member), one.phone, clip(one.description, 60)]
    return "🧾 " + " · ".join(part for part in parts if part)


def progress_screen(table: PurchaseTable) -> Screen:
    """The moving bar, and what has come of it."""
    head, slot = f"🧾 <b>{esc(table.name)}</b>", slot_of(table.id)
    if table.counts is None:
        return Screen(
            f"{head}\n" + _("⏳ Bringing them in …") + f"\n{bar(table.done, table.total)}", slot=slot
        )
    wrong = table.counts.get("wrong", 0)
    imported = table.counts.get("found", 0) - wrong
    said = ngettext("✅ Imported {count}", "✅ Imported {count}", imported).format(count=imported)
    bad = ngettext("{count} error", "{count} errors", wrong).format(count=wrong)
    lines = [head, f"{said}, {bad}"]
    known = imported - table.counts.get("added", 0)
    if known:
        text = ngettext("{count} of them was here already", "{count} of them were here already", known)
        lines.append(text.format(count=known))
    rows = [[button(_("💾 Errors"), "errors", table.id)]] if wrong else []
    return Screen(
        "\n".join(lines),
        [*rows, [Button(_("🧾 Where purchases come from"), MenuButton(place="integrations")), *to_menu()]],
        slot=slot,
    )


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
        button(f"{_title(table, place)[:24]} → {_(WORDS[name])}", "column", table.id, str(place))
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
        title=esc(_title(table, place)), samples=clip(" · ".join(samples), 200)
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
        cells = [str(one.row), bad_line(one.field, one.problem), *one.cells]
        writer.writerow([safe_cell(cell) for cell in cells])
    return table.getvalue().encode("utf-8-sig")


def routes() -> Router:
    router = Router(name="purchase_tables")
    for do, handler in (
        ("show", show), ("columns", columns), ("column", column), ("be", be), ("start", start),
        ("errors", errors),
    ):  # fmt: skip
        router.callback_query.register(handler, TableButton.filter(F.do == do))
    return router
