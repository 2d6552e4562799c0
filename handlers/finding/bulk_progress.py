"""A change of many leads on the screen: its moving bar, what came of it, Cancel and Undo."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.bulk import CANCELLED, DONE, OPEN, RUNNING, UNDOING, UNDONE, BulkRun
from domain.errors import NotFound
from domain.members import Member
from handlers.buttons import MenuButton, RunButton
from handlers.chat import Chat
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import N_, _, ngettext
from services.messages.notices import Delivery
from services.registry import Services

CELLS = 12

WHY: dict[str, str] = {
    "changed": N_("changed meanwhile: {count}"),
    "rights": N_("not yours to change: {count}"),
    "same": N_("it was so already: {count}"),
    "withdrawn": N_("withdrawn by the sender: {count}"),
    "fields": N_("the stage asks for fields they lack: {count}"),
    "gone": N_("no longer here: {count}"),
}


async def run_screen(_services: Services, _member: Member, run: BulkRun) -> Screen:
    """How far it is, or how it ended."""
    return Screen("\n".join(_lines(run)), _rows(run), slot=f"bulk:{run.id}")


def _lines(run: BulkRun) -> list[str]:
    if run.state == RUNNING:
        return [_("⏳ <b>Working on it</b>"), _bar(run.seen, run.total)]
    if run.state == UNDOING:
        return [_("⏳ <b>Taking it back</b>"), _bar(run.undone, run.done)]
    if run.state == UNDONE:
        lines = [ngettext("↩️ {count} lead is as it was.", "↩️ {count} leads are as they were.", run.undone)
                 .format(count=run.undone)]  # fmt: skip
        if run.done > run.undone:
            left = run.done - run.undone
            said = ngettext(
                "{count} lead has been changed since and stays.",
                "{count} leads have been changed since and stay.",
                left,
            )
            lines.append(said.format(count=left))
        return lines
    said = ngettext("✅ {count} lead is changed.", "✅ {count} leads are changed.", run.done)
    lines = [said.format(count=run.done)]
    if run.state == CANCELLED:
        lines.insert(0, _("⏹ Stopped: what is done stays."))
    if run.skipped:
        lines.append(_("Left alone:"))
        lines += ["· " + _(WHY[why]).format(count=count) for why, count in run.skipped.items() if why in WHY]
    return lines


def _bar(done: int, total: int) -> str:
    full = CELLS * done // total if total else CELLS
    return "▓" * full + "░" * (CELLS - full) + f" {done} / {total}"


def _rows(run: BulkRun) -> list[list[Button]]:
    rows: list[list[Button]] = []
    if run.state == RUNNING:
        rows.append([Button(_("⏹ Stop"), RunButton(do="cancel", id=run.id))])
    if run.state in (DONE, CANCELLED) and run.done:
        rows.append([Button(_("↩️ Undo"), RunButton(do="undo", id=run.id))])
    if run.state not in OPEN:
        rows.append([Button(_("📋 List"), MenuButton(place="leads")), *to_menu()])
    return rows


async def cancel(
    _query: CallbackQuery, callback_data: RunButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(await run_screen(services, member, await services.bulk.cancel(member, callback_data.id)))


async def undo(
    _query: CallbackQuery, callback_data: RunButton, chat: Chat, member: Member, services: Services
) -> None:
    """Within the time there is for it; later the history of each lead still knows."""
    chat.show(await run_screen(services, member, await services.bulk.undo(member, callback_data.id)))


async def progress(services: Services, delivery: Delivery) -> Screen | None:
    """The moving bar."""
    if delivery.member is None:
        return None
    try:
        run = await services.bulk.get(delivery.member, UUID(delivery.notice.params["run"]))
    except NotFound:
        return None
    return await run_screen(services, delivery.member, run)


async def assigned(services: Services, delivery: Delivery) -> Screen | None:
    """One push about many leads."""
    member, params = delivery.member, delivery.notice.params
    if member is None:
        return None
    by = await services.finding.name_of(member, UUID(params["by"]))
    count = params["count"]
    text = ngettext("👤 {by} has given you {count} lead.", "👤 {by} has given you {count} leads.", count)
    rows = [[Button(_("📋 List"), MenuButton(place="leads")), *to_menu()]]
    return Screen(text.format(by=esc(by), count=count), rows)


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    "bulk.progress": progress,
    "bulk.assigned": assigned,
}


def routes() -> Router:
    router = Router(name="bulk_progress")
    router.callback_query.register(cancel, RunButton.filter(F.do == "cancel"))
    router.callback_query.register(undo, RunButton.filter(F.do == "undo"))
    return router
