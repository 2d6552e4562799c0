"""Links that open the bot, and Telegram's own page that passes them on."""

from urllib.parse import quote

SHARE = "https://t.me/share/url?url={url}&text={text}"


def deep_link(bot_username: str, code: str) -> str:
    """A link that opens the bot and starts it with the code."""
    return f"https://t.me/{bot_username}?start={code}"


def share_url(link: str, text: str) -> str:
    """Telegram's own page that sends the link on to a chat of one's choice."""
    return SHARE.format(url=quote(link, safe=""), text=quote(text, safe=""))


def group_link(bot_username: str) -> str:
    """A link that offers to add the bot to a group."""
    return f"https://t.me/{bot_username}?startgroup=team"
