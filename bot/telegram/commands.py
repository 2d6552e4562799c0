"""How the bot presents itself: commands menu and descriptions, per language."""

from aiogram import Bot
from aiogram.types import BotCommand

from handlers.commands import COMMANDS
from locales import LANGUAGES, N_, _, use_language

DESCRIPTION = N_(
    "I take leads from partners right in this chat, give them to managers and carry them into your CRM.\n\n"
    "One line is enough: a name, a phone and what it is about. I check for duplicates, remind, and tell you "
    "of every step. If the CRM is down, nothing is lost.\n\nPress Start: registering takes a minute."
)
"""Shown in the empty chat before Start; at most 512 characters."""

SHORT_DESCRIPTION = N_("Leads from partners to managers and into your CRM, without leaving the chat.")
"""Shown in the bot's profile and beside its link; at most 120 characters."""


async def introduce(bot: Bot) -> None:
    """Commands menu and descriptions, in every language of ours."""
    await publish_commands(bot)
    await publish_descriptions(bot)


async def publish_commands(bot: Bot) -> None:
    """Set the menu that Telegram shows beside the input, in every language of ours."""
    for language in LANGUAGES:
        with use_language(language):
            menu = [BotCommand(command=name, description=_(text)) for name, text in COMMANDS]
        await bot.set_my_commands(menu, language_code=language)
        if language == "en":
            await bot.set_my_commands(menu)


async def publish_descriptions(bot: Bot) -> None:
    """Set both descriptions in every language of ours, English for all others."""
    for language in LANGUAGES:
        with use_language(language):
            long, short = _(DESCRIPTION), _(SHORT_DESCRIPTION)
        for code in (language, None) if language == "en" else (language,):
            await bot.set_my_description(long, language_code=code)
            await bot.set_my_short_description(short, language_code=code)
