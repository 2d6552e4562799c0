"""The commands menu of the bot, per language."""

from aiogram import Bot
from aiogram.types import BotCommand

from handlers.commands import COMMANDS
from locales import LANGUAGES, _, use_language


async def publish_commands(bot: Bot) -> None:
    """Set the menu that Telegram shows beside the input, in every language of ours."""
    for language in LANGUAGES:
        with use_language(language):
            menu = [BotCommand(command=name, description=_(text)) for name, text in COMMANDS]
        await bot.set_my_commands(menu, language_code=language)
        if language == "en":
            await bot.set_my_commands(menu)
