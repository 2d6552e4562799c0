"""/hooks: the list, one webhook, its switches, its log."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.members import Member
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.hooks_out.buttons import HookButton, SendingButton
from handlers.hooks_out.screens import (
    hook_screen,
    list_screen,
    log_screen,
    secret_screen,
    sending_screen,
    sure_screen,
)
from handlers.screens import Screen
from locales import _, ngettext
from services.hooks_out.log import HookLog
from services.hooks_out.subscriptions import HooksOut
from services.registry import Services


async def command(_message: Message, chat: Chat, member: Member, hooks_out: HooksOut) -> None:
    chat.say(list_screen(await hooks_out.browse(member)))


async def place(_query: CallbackQuery, chat: Chat, member: Member, hooks_out: HooksOut) -> None:
    chat.show(list_screen(await hooks_out.browse(member)))


async def shown(services: Services, member: Member, button: HookButton) -> Screen:
    """The card of the button's webhook."""
    hook, address = await services.hooks_out.get(member, button.hook)
    return hook_screen(hook, address, await services.hook_log.counts(member, hook.id), member)


async def show(
    _query: CallbackQuery, callback_data: HookButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(await shown(services, member, callback_data))


async def ask(
    _query: CallbackQuery, callback_data: HookButton, chat: Chat, member: Member, hooks_out: HooksOut
) -> None:
    hook, _address = await hooks_out.get(member, callback_data.hook)
    chat.show(sure_screen(hook, callback_data.do))


async def rotate(
    _query: CallbackQuery, callback_data: HookButton, chat: Chat, member: Member, hooks_out: HooksOut
) -> None:
    hook, secret = await hooks_out.rotate(member, callback_data.hook)
    chat.show(secret_screen(hook, secret))


async def remove(
    _query: CallbackQuery, callback_data: HookButton, chat: Chat, member: Member, hooks_out: HooksOut
) -> None:
    await hooks_out.remove(member, callback_data.hook)
    chat.toast(_("🗑 Removed."))
    chat.show(list_screen(await hooks_out.browse(member)))


async def switch(
    _query: CallbackQuery, callback_data: HookButton, chat: Chat, member: Member, services: Services
) -> None:
    hooks = services.hooks_out
    if callback_data.do == "pause":
        await hooks.pause(member, callback_data.hook)
    else:
        await hooks.resume(member, callback_data.hook)
    chat.show(await shown(services, member, callback_data))


async def test(
    _query: CallbackQuery, callback_data: HookButton, chat: Chat, member: Member, hook_log: HookLog
) -> None:
    """Owed with this update, sent after it, and the answer shown in its place."""
    owed = await hook_log.owe_test(member, callback_data.hook)
    chat.show(Screen(_("🧪 Sending a test …")))

    async def send(later: Chat) -> None:
        later.show(sending_screen(await hook_log.send_test(member, owed.id), member))

    chat.then(send)


async def log(
    _query: CallbackQuery, callback_data: HookButton, chat: Chat, member: Member, services: Services
) -> None:
    hook, _address = await services.hooks_out.get(member, callback_data.hook)
    page = max(callback_data.page, 0)
    found, total = await services.hook_log.page(member, hook.id, page)
    chat.show(log_screen(hook, found, total, page, member))


async def failed_anew(
    _query: CallbackQuery, callback_data: HookButton, chat: Chat, member: Member, services: Services
) -> None:
    count = await services.hook_log.replay_failed(member, callback_data.hook)
    chat.toast(ngettext("🔁 {count} is sent anew.", "🔁 {count} are sent anew.", count).format(count=count))
    chat.show(await shown(services, member, callback_data))


async def sending(
    _query: CallbackQuery, callback_data: SendingButton, chat: Chat, member: Member, hook_log: HookLog
) -> None:
    chat.show(sending_screen(await hook_log.get(member, callback_data.sending), member))


async def again(
    _query: CallbackQuery, callback_data: SendingButton, chat: Chat, member: Member, hook_log: HookLog
) -> None:
    owed = await hook_log.replay(member, callback_data.sending)
    chat.toast(_("🔁 It is sent anew."))
    chat.show(sending_screen(owed, member))


def routes() -> Router:
    router = Router(name="hooks_out")
    router.message.register(command, Command("hooks"))
    press = router.callback_query.register
    press(place, MenuButton.filter(F.place == "hooks"))
    press(place, HookButton.filter(F.do == "list"))
    press(show, HookButton.filter(F.do == "show"))
    press(ask, HookButton.filter(F.do.in_({"rotate", "remove"})))
    press(rotate, HookButton.filter(F.do == "really_rotate"))
    press(remove, HookButton.filter(F.do == "really_remove"))
    press(switch, HookButton.filter(F.do.in_({"pause", "resume"})))
    press(test, HookButton.filter(F.do == "test"))
    press(log, HookButton.filter(F.do == "log"))
    press(failed_anew, HookButton.filter(F.do == "failed"))
    press(sending, SendingButton.filter(F.do == "show"))
    press(again, SendingButton.filter(F.do == "again"))
    return router
