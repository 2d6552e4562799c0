"""A code is asked for, its message is deleted, and what was pressed before goes on as if nothing had been
asked: the update waits sealed in the dialog, with the state that the dialog had."""

import json
import re
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, ErrorEvent, Message

from domain.errors import BadInput, SecondFactorNeeded
from domain.members import Member
from domain.one_time_codes import GOOD_FOR
from domain.slots import QUESTION
from handlers.chat import Chat
from handlers.screens import Button, Screen
from handlers.security.buttons import SecurityButton
from handlers.security.replaying import handled_now
from handlers.security.words import wait_in_words
from locales import N_, _
from services.registry import Services

STATE = "second_factor"
KEPT = "kept"
ASK = N_(
    "🔐 <b>A code of your second factor, please.</b> Six digits from your app, or a recovery code.\n\n"
    "I delete your message, then go on with what you pressed, and do not ask again for {minutes} minutes."
)
_LOOKS = re.compile(
    r"\s*\d{3}\s?\d{3}\s*|\s*[a-z2-7]{4}(?:[\s-]?[a-z2-7]{4}){3}\s*", re.IGNORECASE | re.ASCII
)
"""Six digits, or a recovery code: anything else was not meant as a code."""


async def needed(event: ErrorEvent) -> bool:
    return isinstance(event.exception, SecondFactorNeeded)


async def ask(
    _event: ErrorEvent, chat: Chat, state: FSMContext, services: Services, member: Member | None = None
) -> None:
    """Keep what was to be done, and ask. Nothing that the handler wanted to answer has come true."""
    assert member is not None
    chat.answers = [one for one in chat.answers if one[0] == "deleteMessage"]
    chat.follow_ups.clear()
    if await state.get_state() == STATE:
        # another button was pressed instead of a code: the dialog before the first question is what counts
        await _restore(state, member, services)
    dialog = {"state": await state.get_state(), "data": await state.get_data()}
    waiting = json.dumps({"dialog": dialog, "update": handled_now.get().raw}, ensure_ascii=False)
    await state.set_state(STATE)
    await state.set_data({KEPT: services.second_factor.seal(member, waiting)})
    _question(chat)


def _question(chat: Chat, refused: str = "") -> None:
    text = _(ASK).format(minutes=int(GOOD_FOR.total_seconds()) // 60)
    rows = [[Button(_("✖️ Leave it"), SecurityButton(do="stop"))]]
    chat.say(Screen(f"{refused}\n\n{text}" if refused else text, rows, slot=QUESTION))


async def typed(message: Message, chat: Chat, member: Member, state: FSMContext, services: Services) -> None:
    """A code, or something else that stays where it is."""
    text = message.text or ""
    if not _LOOKS.fullmatch(text):
        chat.strip_buttons()
        _question(chat, _("This is no code. Nothing is lost: first the code, or leave it."))
        return
    chat.delete(message.message_id)
    done = await services.second_factor.check(member, text)
    if not done.right:
        chat.strip_buttons()
        wait = _("⏳ Too many wrong codes. Try again {later}.").format(later=wait_in_words(done.wait))
        _question(chat, wait if done.wait else _("❌ This code is wrong, or was used before."))
        return
    chat.settle(_("🔐 Code accepted."), "")
    update = await _restore(state, member, services)
    if update is not None:
        _take_over(chat, await handled_now.get().again(update))


def _take_over(chat: Chat, replayed: Chat) -> None:
    chat.answers += replayed.answers
    chat.follow_ups += replayed.follow_ups
    # what follows later takes the place of the screen that was pressed
    chat.screen_id, chat.media_id = replayed.screen_id, replayed.media_id


async def _restore(state: FSMContext, member: Member, services: Services) -> dict[str, Any] | None:
    """Back to the dialog before; what was to be done, or None where nobody can read it any more."""
    try:
        kept = json.loads(services.second_factor.opened(member, (await state.get_data())[KEPT]))
    except (BadInput, KeyError, ValueError):
        await state.clear()
        return None
    await state.set_state(kept["dialog"]["state"])
    await state.set_data(kept["dialog"]["data"])
    update: dict[str, Any] = kept["update"]
    return update


async def stop(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    """No code: what was pressed is not done, and the dialog is where it was."""
    await _leave(state, member, services)
    chat.show(Screen(_("✖️ Left it: nothing was changed.")))


async def cancel(
    _message: Message, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    await _leave(state, member, services)
    chat.settle(_("✖️ Left it: nothing was changed."), "")


async def _leave(state: FSMContext, member: Member, services: Services) -> None:
    if await state.get_state() == STATE:
        await _restore(state, member, services)


def routes() -> Router:
    router = Router(name="second_factor")
    router.errors.register(ask, needed)
    router.message.register(cancel, Command("cancel"), StateFilter(STATE))
    router.message.register(typed, F.text, ~F.text.startswith("/"), StateFilter(STATE))
    router.callback_query.register(stop, SecurityButton.filter(F.do == "stop"))
    return router
