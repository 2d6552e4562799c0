"""/integrations: the sources of purchases, and what those who look after them do with each."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import NotFound
from domain.members import Member
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.menu import to_menu
from handlers.screens import Screen, esc
from handlers.transactions.buttons import SourceButton
from handlers.transactions.connector import REVIEW
from handlers.transactions.screens import (
    MUTE_DAYS,
    button,
    card,
    list_screen,
    mute_screen,
    progress_screen,
    statistics_screen,
)
from handlers.transactions.words import title_of
from locales import _
from services.registry import Services
from services.transactions.view import SourceView

Act = Callable[[Chat, Member, SourceView, str, Services], Awaitable[None]]
"""What a button of a source does: (chat, member, the source, the button's extra, services)."""


async def overview(state: FSMContext, member: Member, services: Services) -> Screen:
    views = await services.transaction_sources.every(member)
    waits = (await state.get_state() or "").startswith(REVIEW)
    return list_screen(views, unfinished=waits)


async def command(
    _message: Message, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    chat.say(await overview(state, member, services))


async def press(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    chat.show(await overview(state, member, services))


async def view_of(services: Services, member: Member, source: SourceButton) -> SourceView:
    """The source of a button. Raises NotFound."""
    view = await services.transaction_sources.get(member, source.id)
    over = view.muted_until is not None and view.muted_until <= services.transaction_sources.clock()
    return replace(view, muted_until=None) if over else view


async def act(
    _query: CallbackQuery, callback_data: SourceButton, chat: Chat, member: Member, services: Services
) -> None:
    view = await view_of(services, member, callback_data)
    await ACTS[callback_data.do](chat, member, view, callback_data.extra, services)


async def card_of(services: Services, member: Member, view: SourceView) -> Screen:
    """The card of a source as it stands."""
    unreadable = await services.transaction_log.unreadable(member, view.id, 0, 1)
    return card(view, member, unreadable.total)


async def _show(chat: Chat, member: Member, view: SourceView, _extra: str, services: Services) -> None:
    chat.show(await card_of(services, member, view))


async def _sync(chat: Chat, member: Member, view: SourceView, _extra: str, services: Services) -> None:
    asked = await services.transaction_sources.sync_now(member, view.id, chat.id)
    chat.show(progress_screen(asked, asked=True))


async def _stop(chat: Chat, member: Member, view: SourceView, _extra: str, services: Services) -> None:
    stopped = await services.transaction_sources.set_active(member, view.id, False)
    chat.show(await card_of(services, member, stopped))


async def _go_on(chat: Chat, member: Member, view: SourceView, _extra: str, services: Services) -> None:
    goes_on = await services.transaction_sources.set_active(member, view.id, True)
    chat.show(await card_of(services, member, goes_on))


async def _stats(chat: Chat, member: Member, view: SourceView, _extra: str, services: Services) -> None:
    chat.show(statistics_screen(view, await services.transaction_sources.statistics(member, view.id), member))


async def _mute(chat: Chat, member: Member, view: SourceView, _extra: str, _services: Services) -> None:
    chat.show(mute_screen(view, member))


async def _mute_for(chat: Chat, member: Member, view: SourceView, extra: str, services: Services) -> None:
    days = int(extra) if extra in {str(one) for one in MUTE_DAYS} else 0
    until = services.transaction_sources.clock() + timedelta(days=days) if days else None
    await services.transaction_sources.mute(member, view.id, until)
    chat.toast(_("🔕 Silent.") if until else _("🔔 Alerts are on."))
    chat.show(mute_screen(replace(view, muted_until=until), member))


async def _hook(chat: Chat, member: Member, view: SourceView, _extra: str, services: Services) -> None:
    """How changes reach us at once: by an address to paste, by one registered through the API, or not."""
    if view.integration_id is None:
        raise NotFound(record="integration")
    back = [[button(_("⬅️ Back"), "show", view), *to_menu()]]
    head = _("📮 <b>Webhook of {title}</b>").format(title=esc(title_of(view)))
    hook = await services.connection_changes.by_hand(member, view.integration_id)
    if hook is not None:
        lines = [
            head,
            "",
            _("Paste this address in the system's settings for: {events}").format(
                events=esc(", ".join(hook.events))
            ),
            f"<code>{esc(hook.url)}</code>",
            "",
            _("Until it calls, I ask every five minutes; with it purchases are here within seconds."),
        ]
        chat.show(Screen("\n".join(lines), back))
        return
    standing = (await services.integrations.view(member, view.integration_id)).webhooks
    known = _("✅ It is registered: purchases are here within seconds.")
    none = _("There is none: I ask every five minutes.")
    chat.show(Screen(f"{head}\n\n{known if standing else none}", back))


ACTS: Mapping[str, Act] = {
    "show": _show,
    "sync": _sync,
    "stop": _stop,
    "go_on": _go_on,
    "stats": _stats,
    "mute": _mute,
    "mute_for": _mute_for,
    "hook": _hook,
}


def routes() -> Router:
    router = Router(name="transaction_sources")
    router.message.register(command, Command("integrations"))
    router.callback_query.register(press, MenuButton.filter(F.place == "integrations"))
    router.callback_query.register(act, SourceButton.filter(F.do.in_(set(ACTS))))
    return router
