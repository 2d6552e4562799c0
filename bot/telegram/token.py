"""What is wrong with the bot's token."""

from bot.operating.troubles import CannotStart
from locales import N_


class TokenRefused(CannotStart):
    """Telegram does not know BOT_TOKEN."""

    def __init__(self) -> None:
        super().__init__(N_("BOT_TOKEN is refused by Telegram: copy it again from @BotFather."))
