"""An import under way: start, stop, undo, the moving bar, and the one alert at the end."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.importing import ImportState
from domain.members import Member
from handlers.chat import Chat
from handlers.importing.buttons import ImportButton
from handlers.importing.incoming import screen_of
from handlers.importing.screens import card, way
from handlers.menu import to_menu
from handlers.screens import Screen, esc
from locales import _
from services.importing.progress import DONE, PROGRESS
from services.messages.notices import Delivery
from services.registry import Services


async def start(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(card(await services.imports.start(member, callback_data.id)))


async def cancel(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    """Throw a file away, or ask once more before stopping in the middle."""
    one = await services.imports.get(member, callback_data.id)
    if one.state is not ImportState.RUNNING:
        chat.show(card(await services.imports.cancel(member, one.id)))
        return
    text = _("✋ Stop the import here?\n\nWhat is in stays, and can be taken back by Undo.")
    yes, back = way(one, _("Yes, stop"), "really_cancel"), way(one, _("⬅️ Go on"), "show")
    chat.show(Screen(text, [[yes, back]]))


async def really_cancel(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(card(await services.imports.cancel(member, callback_data.id)))


async def undo(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    one = await services.imports.get(member, callback_data.id)
    text = _(
        "↩️ Take the whole import back?\n\nLeads that nobody has touched since are deleted, updated ones get "
        "their old values. What people have worked on stays, and I list it."
    )
    yes, back = way(one, _("Yes, take it back"), "really_undo"), way(one, _("⬅️ Back"), "show")
    chat.show(Screen(text, [[yes, back]]))


async def really_undo(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(card(await services.imports.undo(member, callback_data.id)))


async def retry(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(card(await services.import_failures.retry(member, callback_data.id)))


async def left(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    one = await services.imports.get(member, callback_data.id)
    found = await services.import_undo.left(member, one.id)
    lines = [f"#{number} {esc(title)}" for number, title in found]
    if one.kept > len(lines):
        lines.append("…")
    text = _("📋 <b>Stayed after the undo</b>") + "\n\n" + "\n".join(lines)
    chat.show(Screen(text, [[way(one, _("⬅️ Back"), "show"), *to_menu()]]))


async def progress(services: Services, delivery: Delivery) -> Screen | None:
    """The card with its bar, brought up to date."""
    member = delivery.member
    one = await services.imports.for_notice(
        delivery.notice.organization_id, UUID(delivery.notice.params["import"])
    )
    if one is None or member is None:
        return None
    return await screen_of(services, member, one)


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    PROGRESS: progress,
    DONE: progress,
}


def routes() -> Router:
    router = Router(name="importing_running")
    press = router.callback_query.register
    for do, handler in {
        "start": start, "cancel": cancel, "really_cancel": really_cancel, "undo": undo,
        "really_undo": really_undo, "retry": retry, "left": left,
    }.items():  # fmt: skip
        press(handler, ImportButton.filter(F.do == do))
    return router
