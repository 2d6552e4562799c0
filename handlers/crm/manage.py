"""/crm: the connections that stand, their health, and what admins do with them."""

from collections.abc import Awaitable, Callable, Mapping

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.crm import ConnectionReport
from domain.errors import BadInput, NotFound, TooLate
from domain.members import Member
from handlers.buttons import CrmButton, IntegrationButton, MenuButton
from handlers.chat import Chat
from handlers.crm import mend as crm_mend
from handlers.crm.cards import DRY_RUN, health_screen, list_screen, settings_screen
from handlers.crm.connect import REVIEW
from handlers.crm.forms import LEADS
from handlers.crm.mend import Act, card, show_trial
from handlers.crm.questions import (
    activate_screen,
    by_hand_screen,
    disconnect_screen,
    mode_screen,
    remove_screen,
)
from handlers.crm.trial import limits_of
from handlers.crm.verdicts import choice_screen
from handlers.errors import in_words
from handlers.screens import Button, Screen, esc
from locales import _
from services.connections.view import IntegrationView
from services.registry import Services


async def overview(state: FSMContext, member: Member, services: Services) -> Screen:
    """The list of connections; the card of the only one; or the choice of a first."""
    views = await services.integrations.every(member)
    waits = (await state.get_state() or "").startswith(REVIEW)
    now = services.integrations.clock()
    if not views:
        return choice_screen(list(LEADS.items()), unfinished=waits)
    if len(views) == 1 and not waits:
        return health_screen(views[0], member, now)
    return list_screen(views, now, unfinished=waits)


async def command(
    _message: Message, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    chat.say(await overview(state, member, services))


async def press(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    chat.show(await overview(state, member, services))


async def act(
    _query: CallbackQuery,
    callback_data: IntegrationButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    """One button of one connection; a connection that is gone is told kindly."""
    try:
        view = await services.integrations.view(member, callback_data.id)
        await ACTS[callback_data.do](chat, state, member, view, callback_data.extra, services)
    except NotFound:
        chat.toast(_("This connection is no longer here."), alert=True)
        chat.show(await overview(state, member, services))
    except (BadInput, TooLate) as error:
        chat.toast(in_words(error), alert=True)


async def _show(
    chat: Chat, _s: FSMContext, member: Member, view: IntegrationView, _e: str, services: Services
) -> None:
    chat.show(await card(view, member, services))


def _asks(screen: Callable[[IntegrationView], Screen]) -> Act:
    async def ask(
        chat: Chat, _s: FSMContext, _m: Member, view: IntegrationView, _e: str, _services: Services
    ) -> None:
        chat.show(screen(view))

    return ask


async def _ask_activate(
    chat: Chat, _s: FSMContext, member: Member, view: IntegrationView, _e: str, services: Services
) -> None:
    chat.show(activate_screen(view, await services.integrations.current(member)))


async def _ask_mode(
    chat: Chat, _s: FSMContext, _m: Member, view: IntegrationView, extra: str, _services: Services
) -> None:
    chat.show(mode_screen(view, extra or DRY_RUN))


async def _mode(
    chat: Chat, _s: FSMContext, member: Member, view: IntegrationView, extra: str, services: Services
) -> None:
    await services.connection_changes.set_mode(member, view.id, extra)
    changed = await services.integrations.view(member, view.id)
    chat.show(await card(changed, member, services))


def _tries(
    work: Callable[[Services, Member, IntegrationView], Awaitable[ConnectionReport]],
    *,
    with_code: bool = False,
) -> Act:
    async def start(
        chat: Chat, _s: FSMContext, member: Member, view: IntegrationView, _e: str, services: Services
    ) -> None:
        if with_code:
            await services.second_factor.demand(member)
        show_trial(
            chat,
            view,
            lambda: work(services, member, view),
            limits=lambda: limits_of(services.crm_preview, member, view.id),
        )

    return start


async def _retry_all(
    chat: Chat, _s: FSMContext, member: Member, view: IntegrationView, _e: str, services: Services
) -> None:
    """Everything that waits becomes due at once."""
    await services.operations.retry_all(member)
    chat.toast(_("All of it is on its way again."))
    chat.show(await card(await services.integrations.view(member, view.id), member, services))


async def _disconnect(
    chat: Chat, _s: FSMContext, member: Member, view: IntegrationView, _e: str, services: Services
) -> None:
    await services.second_factor.demand(member)
    chat.show(Screen(_("⏳ I am disconnecting …")))

    async def leave(later: Chat) -> None:
        if view.active:
            await services.integrations.disconnect(member)
        back = Button(_("🔌 CRM"), MenuButton(place="crm"))
        later.show(Screen(_("✅ The CRM is disconnected. Leads stay here."), [[back]]))

    chat.then(leave)


async def _remove(
    chat: Chat, _s: FSMContext, member: Member, view: IntegrationView, _e: str, services: Services
) -> None:
    await services.second_factor.demand(member)
    chat.show(Screen(_("⏳ I am disconnecting …")))

    async def forget(later: Chat) -> None:
        await services.connection_changes.remove(member, view.id)
        back = Button(_("🔌 CRM"), MenuButton(place="crm"))
        later.show(Screen(_("🗑 {title} is removed.").format(title=esc(view.label)), [[back]]))

    chat.then(forget)


async def _hook(
    chat: Chat, _s: FSMContext, member: Member, view: IntegrationView, _e: str, services: Services
) -> None:
    hook = await services.connection_changes.by_hand(member, view.id)
    if hook is None:
        chat.toast(_("Nothing is to be registered by hand here."), alert=True)
        return
    chat.show(by_hand_screen(view, hook))


async def _arrived(
    chat: Chat, _s: FSMContext, member: Member, view: IntegrationView, _e: str, services: Services
) -> None:
    """Whether the address that was registered by hand has been called."""
    if view.received:
        chat.toast(_("✅ It works: deliveries have arrived."), alert=True)
        chat.show(await card(view, member, services))
        return
    text = _("Nothing has arrived yet. Change a lead in the CRM, wait a minute and press Check again.")
    chat.toast(text, alert=True)


ACTS: Mapping[str, Act] = {
    "show": _show,
    "again": _tries(lambda services, member, view: services.integrations.retest(member, view.id)),
    "retry_all": _retry_all,
    "activate": _ask_activate,
    "really_activate": _tries(
        lambda services, member, view: services.connection_changes.activate(member, view.id), with_code=True
    ),
    "disconnect": _asks(disconnect_screen),
    "really_disconnect": _disconnect,
    "remove": _asks(remove_screen),
    "really_remove": _remove,
    "mode": _ask_mode,
    "really_mode": _mode,
    "settings": _asks(settings_screen),
    "hook": _hook,
    "arrived": _arrived,
    **crm_mend.ACTS,
}

EARLIER = {"again": "again", "other_key": "settings", "retry_all": "retry_all", "disconnect": "disconnect",
           "really_disconnect": "really_disconnect"}  # fmt: skip
"""What buttons that name no connection do with the active one."""


async def act_on_active(
    query: CallbackQuery,
    callback_data: CrmButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    view = await services.integrations.current(member)
    if view is None:
        chat.show(await overview(state, member, services))
        return
    there = IntegrationButton(do=EARLIER[callback_data.do], id=view.id)
    await act(query, there, chat, state, member, services)


def routes() -> Router:
    router = Router(name="crm_manage")
    router.message.register(command, Command("crm"))
    router.callback_query.register(press, MenuButton.filter(F.place == "crm"))
    router.callback_query.register(act, IntegrationButton.filter(F.do.in_(set(ACTS))))
    router.callback_query.register(act_on_active, CrmButton.filter(F.do.in_(set(EARLIER))))
    return router
