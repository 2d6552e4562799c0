"""A list of leads as a file: which columns, CSV or XLSX, and a moving bar while it is written."""

import os
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message

from domain.custom_fields import PREFIX, CustomField
from domain.errors import BadInput
from domain.lead_query import LeadQuery
from domain.members import Member
from handlers.buttons import ListButton, MenuButton
from handlers.chat import Chat
from handlers.crm.switch_cards import bar
from handlers.exporting.export_words import column_word
from handlers.finding.places import list_at, pack_place, query_at
from handlers.menu import to_menu
from handlers.pipelines.words import pipeline_word, stage_word
from handlers.screens import Button, Screen, grid
from locales import N_, _, current_language, ngettext
from services.exporting.columns import columns_of
from services.exporting.exports import SIZE_LIMIT, Words
from services.messages.notices import Delivery
from services.registry import Services

PROGRESS = "export.progress"
LONG = 5000
"""Leads from which on a bar is shown."""

SLIPS = {
    "empty": N_("No lead fits, so there is nothing to write."),
    "too_many": N_("{count} leads are more than a spreadsheet holds. Narrow the list down, or take CSV."),
    "too_big": N_(
        "The file is larger than the {limit} MB I may send. Narrow the list down, or take fewer columns."
    ),
}


class ExportButton(CallbackData, prefix="exp"):
    """Export the list at `place` (of handlers/finding/places.py): do is show, columns, turn (extra is a
    column's place), csv or xlsx."""

    do: str
    place: str = ""
    extra: str = ""


def export_button(place: str) -> Button:
    """The way from a list to its file."""
    return Button(_("📤 Export"), ExportButton(do="show", place=place))


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(await _screen(services, member, pack_place(ListButton(owner="all"))))


async def place(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(await _screen(services, member, pack_place(ListButton(owner="all"))))


async def show(
    _query: CallbackQuery, callback_data: ExportButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(await _screen(services, member, callback_data.place))


async def _screen(services: Services, member: Member, at: str) -> Screen:
    columns = await services.exports.chosen(member)
    own = await services.exports.fields(member)
    query = await query_at(services, member, list_at(at)) or LeadQuery()
    total = await services.finding.count(member, query)
    text = ngettext("📤 <b>Export of {count} lead</b>", "📤 <b>Export of {count} leads</b>", total)
    named = ", ".join(_title(name, own) for name in columns)
    lines = [text.format(count=total), "", _("Columns: {columns}").format(columns=named)]
    rows = [
        [_way("📗 XLSX", "xlsx", at), _way("📄 CSV", "csv", at)],
        [_way(_("🗂 Columns"), "columns", at)],
        [Button(_("⬅️ To the list"), list_at(at)), *to_menu()],
    ]
    return Screen("\n".join(lines), rows)


def _way(text: str, do: str, at: str, extra: str = "") -> Button:
    return Button(text, ExportButton(do=do, place=at, extra=extra))


def _title(name: str, own: Sequence[CustomField]) -> str:
    """A column's name; plain text."""
    if name.startswith(PREFIX):
        return next((one.name for one in own if one.path == name), name)
    return column_word(name)


async def columns(
    _query: CallbackQuery, callback_data: ExportButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(await _columns(services, member, callback_data.place, await services.exports.chosen(member)))


async def turn(
    _query: CallbackQuery, callback_data: ExportButton, chat: Chat, member: Member, services: Services
) -> None:
    """Take a column in or out."""
    names = list(columns_of(await services.exports.fields(member)))
    at = int(callback_data.extra) if callback_data.extra.isdecimal() else len(names)
    if at >= len(names):
        raise BadInput("column", "invalid")
    chosen = await services.exports.choose(member, names[at])
    chat.show(await _columns(services, member, callback_data.place, chosen))


async def _columns(services: Services, member: Member, at: str, chosen: tuple[str, ...]) -> Screen:
    own = await services.exports.fields(member)
    buttons = [
        _way(("✅ " if name in chosen else "▫️ ") + _title(name, own)[:30], "turn", at, str(place))
        for place, name in enumerate(columns_of(own))
    ]
    text = _("🗂 <b>Columns of the file</b>\n\nI remember them for the next time.")
    return Screen(text, [*grid(buttons, 3), [_way(_("⬅️ Back"), "show", at)]])


async def run(
    _query: CallbackQuery, callback_data: ExportButton, chat: Chat, member: Member, services: Services
) -> None:
    """Write the file, once this update is over, and send it."""
    query = await query_at(services, member, list_at(callback_data.place))
    if query is None:
        chat.toast(
            _("What was chosen here is long ago and forgotten. Please open the list anew."), alert=True
        )
        return
    kind = callback_data.do
    total = await services.finding.count(member, query)

    async def work(later: Chat) -> None:
        handle, path = tempfile.mkstemp(suffix=f".{kind}", prefix="voronka-export-")
        os.close(handle)
        await _write(later, services, member, query, kind, Path(path), total)

    chat.toast(_("⏳ The file is on its way."))
    chat.then(work)


async def _write(
    later: Chat, services: Services, member: Member, query: LeadQuery, kind: str, path: Path, total: int
) -> None:
    mark = secrets.token_hex(6)
    own = await services.exports.fields(member)

    async def told(done: int, of: int) -> None:
        if of >= LONG:
            await services.notices.progress(member, PROGRESS, {"done": done, "total": of}, f"export:{mark}")

    words = Words(
        lambda name: _title(name, own), stage_word, pipeline_word, ";" if current_language() == "ru" else ","
    )
    try:
        written = await services.exports.write(member, query, kind, path, words, told)
    except BaseException as error:
        os.unlink(path)
        if isinstance(error, BadInput) and error.field == "export":
            limits = {**error.params, "limit": SIZE_LIMIT // 1_000_000}
            later.say(Screen("⛔ " + _(SLIPS[error.reason]).format_map(limits), [to_menu()]))
            return
        raise
    await told(total, total)
    text = ngettext("📤 {count} lead", "📤 {count} leads", written)
    later.upload(f"leads.{kind}", path, text.format(count=written))


async def progress(_services: Services, delivery: Delivery) -> Screen | None:
    """The bar of a long export."""
    done, total = int(delivery.notice.params["done"]), int(delivery.notice.params["total"])
    said = _("{done} of {total} leads").format(done=done, total=total)
    return Screen(_("📤 I am writing the file …") + f"\n<code>{bar(done, total)}</code>\n{said}")


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {PROGRESS: progress}


def routes() -> Router:
    router = Router(name="exporting")
    router.message.register(command, Command("export"))
    press = router.callback_query.register
    press(place, MenuButton.filter(F.place == "export"))
    press(show, ExportButton.filter(F.do == "show"))
    press(columns, ExportButton.filter(F.do == "columns"))
    press(turn, ExportButton.filter(F.do == "turn"))
    press(run, ExportButton.filter(F.do.in_({"csv", "xlsx"})))
    return router
