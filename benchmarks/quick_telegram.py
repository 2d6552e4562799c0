"""A Telegram over HTTP that answers every call at once and remembers when messages came: it must cost next
to nothing beside the processes that are measured."""

import itertools
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from benchmarks.offline import DATE, TOKEN

ME = {"id": 42, "is_bot": True, "first_name": "B", "username": "bench_bot"}
MESSAGES = ("sendMessage", "editMessageText", "editMessageReplyMarkup")


class QuickTelegram:
    """`heard` counts calls by method, `first_sent` tells when each chat got its first message; both since the
    last `forget`."""

    def __init__(self) -> None:
        self.url, self.token = "", TOKEN
        self.heard: Counter[str] = Counter()
        self.first_sent: dict[int, float] = {}
        self._numbers = itertools.count(1)

    def forget(self) -> None:
        self.heard.clear()
        self.first_sent.clear()

    async def answer(self, request: web.Request) -> web.Response:
        method, form = request.match_info["method"], await request.post()
        self.heard[method] += 1
        result: object = True
        if method == "getMe":
            result = ME
        elif method in MESSAGES:
            chat = int(str(form["chat_id"]))
            if method == "sendMessage":
                self.first_sent.setdefault(chat, time.perf_counter())
            number = int(str(form.get("message_id", 0))) or next(self._numbers)
            result = {"message_id": number, "date": DATE, "text": "", "chat": {"id": chat, "type": "private"}}
        return web.Response(text=json.dumps({"ok": True, "result": result}), content_type="application/json")


@asynccontextmanager
async def quick_telegram() -> AsyncIterator[QuickTelegram]:
    telegram = QuickTelegram()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", telegram.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    telegram.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield telegram
    finally:
        await runner.cleanup()
