"""The peer of part `sender`: the loop that everybody writes first. Who was written to is remembered nowhere.
`python -m benchmarks.bare_sender URL TOKEN FIRST COUNT TEXT` ends when everybody has the text."""

import asyncio
import sys

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramRetryAfter


async def send(url: str, token: str, first: int, count: int, text: str) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    async with Bot(token, session=session) as bot:
        for chat in range(first, first + count):
            while True:
                try:
                    await bot.send_message(chat, text)
                    break
                except TelegramRetryAfter as error:
                    await asyncio.sleep(error.retry_after)


if __name__ == "__main__":
    asyncio.run(send(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]))
