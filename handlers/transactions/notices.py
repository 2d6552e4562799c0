"""Pushes to those who look after sources of purchases: one fails, one works again, how far a run is."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from domain.errors import NotFound
from domain.members import Right
from handlers.cards import moment
from handlers.menu import to_menu
from handlers.screens import Screen, esc
from handlers.transactions import table_screens
from handlers.transactions.screens import button, progress_screen
from handlers.transactions.words import label, why
from locales import _
from services.messages.notices import Delivery
from services.registry import Services
from services.transactions.ending import FAILED, PROGRESS, RECOVERED
from services.transactions.table_failing import TABLE_FAILED
from services.transactions.view import SourceView


async def failed(services: Services, delivery: Delivery) -> Screen | None:
    """Why, and since when; nothing where it works again meanwhile."""
    view, admin = await _view(services, delivery), delivery.member
    if view is None or admin is None or not view.last_error:
        return None
    lines = [
        _("🔴 <b>Purchases of {title} do not come in</b>").format(title=esc(label(view))),
        _("Why: {why}").format(why=esc(why(view))),
    ]
    if view.last_success_at is not None:
        lines.append(_("Last read: {time}").format(time=moment(view.last_success_at, admin)))
    lines += ["", _("Nothing is lost: it is read from where it stopped as soon as it works.")]
    rows = [
        [button(_("🔄 Retry now"), "sync", view), button(_("📜 Log"), "log", view)],
        [button(_("⚙️ Settings"), "settings", view), button(_("🔕 Mute"), "mute", view)],
    ]
    return Screen("\n".join(lines), [*rows, to_menu()])


async def recovered(services: Services, delivery: Delivery) -> Screen | None:
    """It works again."""
    view = await _view(services, delivery)
    if view is None:
        return None
    text = _("🟢 <b>Purchases of {title} come in again.</b>").format(title=esc(label(view)))
    return Screen(text, [[button(_("🧾 To the source"), "show", view), *to_menu()]])


async def progress(services: Services, delivery: Delivery) -> Screen | None:
    """The moving bar of a run that somebody asked for, or of a table."""
    if "table" in delivery.notice.params:
        return await _table(services, delivery)
    view = await _view(services, delivery)
    return progress_screen(view) if view is not None else None


async def _table(services: Services, delivery: Delivery) -> Screen | None:
    admin = delivery.member
    if admin is None or not admin.may(Right.CRM_MANAGE):
        return None
    try:
        table = await services.purchase_tables.get(admin, UUID(delivery.notice.params["table"]))
    except NotFound:
        return None
    return table_screens.progress_screen(table)


async def table_failed(services: Services, delivery: Delivery) -> Screen | None:
    """Nothing once somebody has decided, or it works again."""
    admin = delivery.member
    if admin is None or not admin.may(Right.CRM_MANAGE):
        return None
    table = await services.purchase_tables.get(admin, UUID(delivery.notice.params["table"]))
    return table_screens.failed_screen(table) if table.failed else None


async def _view(services: Services, delivery: Delivery) -> SourceView | None:
    """The source, as long as the member looks after it."""
    admin = delivery.member
    if admin is None or not admin.may(Right.CRM_MANAGE):
        return None
    try:
        return await services.transaction_sources.get(admin, UUID(delivery.notice.params["source"]))
    except NotFound:
        return None


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    FAILED: failed,
    PROGRESS: progress,
    RECOVERED: recovered,
    TABLE_FAILED: table_failed,
}
