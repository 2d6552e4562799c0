"""The log of a source in pages and as a file, persons starred; each line with what is kept of it."""

import csv
import io
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.members import Member
from domain.purchases import Run
from domain.spreadsheets import safe_cell
from handlers.cards import clip, moment
from handlers.chat import Chat
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from handlers.transactions.buttons import RunLineButton, SourceButton
from handlers.transactions.overview import view_of
from handlers.transactions.screens import button
from handlers.transactions.words import (
    error_words,
    kind_words,
    label,
    run_line,
    seconds_between,
    verdict_words,
)
from locales import _, ngettext
from services.registry import Services
from services.transactions.view import SourceView

SIZE = 10
RAW_ROOM, TRACE_ROOM = 2500, 700
FILE_NAME = "transactions-log.csv"
COUNTED = ("found", "added", "changed", "unchanged", "unreadable")


async def pages(
    _query: CallbackQuery, callback_data: SourceButton, chat: Chat, member: Member, services: Services
) -> None:
    view = await view_of(services, member, callback_data)
    runs = await services.transaction_log.lines(member, view.id)
    chat.show(_screen(view, runs, number_of(callback_data.extra), member))


def number_of(extra: str) -> int:
    """A page's number as a button carries it."""
    return int(extra) if extra.isascii() and extra.isdecimal() and len(extra) < 6 else 0


def _screen(view: SourceView, runs: Sequence[Run], page: int, member: Member) -> Screen:
    head = _("📜 <b>Log of {title}</b>").format(title=esc(label(view)))
    back = [button(_("⬅️ Back"), "show", view), *to_menu()]
    if not runs:
        return Screen(f"{head}\n\n" + _("Nothing has been read yet."), [back])
    last = (len(runs) - 1) // SIZE
    page = min(page, last)
    count = ngettext("The last {count} entry.", "The last {count} entries.", len(runs)).format(
        count=len(runs)
    )
    if last:
        count += " " + _("Page {page} of {pages}.").format(page=page + 1, pages=last + 1)
    shown = runs[page * SIZE : (page + 1) * SIZE]
    rows = [[Button(run_line(run, member), RunLineButton(do="show", id=run.id, page=page))] for run in shown]
    turns = [
        button(sign, "log", view, str(to))
        for to, sign in ((page - 1, "◀️"), (page + 1, "▶️"))
        if 0 <= to <= last
    ]
    return Screen(f"{head}\n{count}", [*rows, turns, [button(_("💾 As a file"), "file", view)], back])


async def line(
    _query: CallbackQuery, callback_data: RunLineButton, chat: Chat, member: Member, services: Services
) -> None:
    """One run: when, what it brought, why it failed, the raw of it with persons starred."""
    kept = await services.transaction_log.line(member, callback_data.id)
    run = kept.run
    lines = [
        f"<b>{esc(verdict_words(run))}</b> · {esc(kind_words(run))}",
        moment(run.finished_at, member)
        + " · "
        + _("{seconds} s").format(seconds=seconds_between(run.started_at, run.finished_at)),
    ]
    if run.error:
        lines.append(_("Why: {why}").format(why=esc(error_words(run.error, run.reason))))
    counted = ", ".join(f"{name} {run.counts[name]}" for name in COUNTED if run.counts.get(name))
    lines += [esc(counted)] if counted else []
    if kept.raw:
        lines += ["", f"<pre>{clip(kept.raw, RAW_ROOM)}</pre>"]
    if kept.trace:
        lines += ["", f"<pre>{clip(kept.trace[-TRACE_ROOM:], TRACE_ROOM)}</pre>"]
    there = SourceButton(do="log", id=run.source_id, extra=str(max(callback_data.page, 0)))
    chat.show(Screen("\n".join(lines), [[Button(_("⬅️ Back"), there), *to_menu()]]))


async def file(
    _query: CallbackQuery, callback_data: SourceButton, chat: Chat, member: Member, services: Services
) -> None:
    view = await view_of(services, member, callback_data)
    runs = await services.transaction_log.lines(member, view.id)
    said = ngettext("📜 {count} entry.", "📜 {count} entries.", len(runs)).format(count=len(runs))
    chat.document(FILE_NAME, log_as_csv(runs, member), said)


def log_as_csv(runs: Sequence[Run], member: Member) -> bytes:
    """The log for a spreadsheet; moments in the member's zone, nothing raw."""
    zone, table = ZoneInfo(member.time_zone), io.StringIO()
    writer = csv.writer(table)
    writer.writerow([_("Begun"), _("Ended"), _("How"), _("Verdict"), *COUNTED, _("Why"), "id"])
    for run in runs:
        cells = [
            run.started_at.astimezone(zone).isoformat(" ", "seconds"),
            run.finished_at.astimezone(zone).isoformat(" ", "seconds"),
            kind_words(run),
            verdict_words(run),
            *(str(run.counts.get(name, 0)) for name in COUNTED),
            error_words(run.error, run.reason) if run.error else "",
            str(run.id),
        ]
        writer.writerow([safe_cell(cell) for cell in cells])
    return table.getvalue().encode("utf-8-sig")


def routes() -> Router:
    router = Router(name="transaction_log")
    router.callback_query.register(pages, SourceButton.filter(F.do == "log"))
    router.callback_query.register(file, SourceButton.filter(F.do == "file"))
    router.callback_query.register(line, RunLineButton.filter(F.do == "show"))
    return router
