"""Files that people send: their bytes, fetched from Telegram after the update's transaction."""

import asyncio
import io

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Document

from domain.errors import BadInput

SECONDS = 30.0


async def read_document(bot: Bot, document: Document, limit: int) -> bytes:
    """The whole file. Raises BadInput("file", "too_big", limit=KB) before anything is fetched, and
    ("file", "not_fetched") when Telegram does not give it."""
    if (document.file_size or 0) > limit:
        raise BadInput("file", "too_big", limit=limit // 1000)
    content = io.BytesIO()
    try:
        async with asyncio.timeout(SECONDS):
            await bot.download(document, content)
    except (TelegramAPIError, TimeoutError, OSError) as error:
        raise BadInput("file", "not_fetched") from error
    if content.tell() > limit:
        raise BadInput("file", "too_big", limit=limit // 1000)
    return content.getvalue()
