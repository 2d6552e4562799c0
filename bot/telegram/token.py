"""What is wrong with the bot's token."""


class TokenRefused(Exception):
    """Telegram does not know BOT_TOKEN."""
