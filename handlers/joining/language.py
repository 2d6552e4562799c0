"""/language: the language the bot speaks with a person."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message
from babel import Locale

from domain.members import Member
from handlers.buttons import LanguageButton, MenuButton
from handlers.chat import Chat
from handlers.commands import show_commands
from handlers.joining.gate import next_step
from handlers.menu import to_menu
from handlers.screens import Button, Screen
from locales import LANGUAGES, _, current_language, known_language, speak
from services.people.members import Members


def language_name(code: str) -> str:
    """The language's name in itself: whoever is lost in a foreign one finds their own."""
    return str(Locale.parse(code).get_language_name(code)).capitalize()


def language_screen() -> Screen:
    """The languages, the present one ticked."""
    buttons = [
        Button(("✅ " if code == current_language() else "") + language_name(code), LanguageButton(code=code))
        for code in LANGUAGES
    ]
    return Screen(_("🌐 Which language shall we speak?"), [buttons, to_menu()])


async def command(_message: Message, chat: Chat) -> None:
    chat.say(language_screen())


async def press(_query: CallbackQuery, chat: Chat) -> None:
    chat.show(language_screen())


async def choose(
    query: CallbackQuery,
    callback_data: LanguageButton,
    chat: Chat,
    state: FSMContext,
    members: Members,
    member: Member | None = None,
) -> None:
    """Speak the chosen language from now on. A question that is being asked stays where it is."""
    code = known_language(callback_data.code)
    await members.change_language(query.from_user.id, code)
    speak(code)
    if member is not None:
        show_commands(chat, member)
    chat.toast(_("Done: {language}").format(language=language_name(code)))
    chat.show(next_step(member, await state.get_state()))


def routes() -> Router:
    router = Router(name="language")
    router.message.register(command, Command("language"))
    router.callback_query.register(press, MenuButton.filter(F.place == "language"))
    router.callback_query.register(choose, LanguageButton.filter())
    return router
