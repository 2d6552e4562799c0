"""Somebody's receiver of webhooks: a real server that verifies as the specification says, and misbehaves."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

TOLERANCE = timedelta(minutes=5)


@dataclass
class Got:
    """One request as it came. `signed` holds which of the known secrets its signatures fit."""

    path: str
    headers: dict[str, str]
    body: bytes
    signed: frozenset[str]

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


def verified(secret: str, headers: dict[str, str], body: bytes, now: datetime) -> bool:
    """Standard Webhooks, v1: any signature that fits, within the tolerance."""
    key = base64.b64decode(secret.split("_", 1)[1])
    content = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    given = [one.partition(",") for one in headers["webhook-signature"].split(" ")]
    age = abs(now.timestamp() - int(headers["webhook-timestamp"]))
    return age <= TOLERANCE.total_seconds() and any(v == "v1" and s == wanted for v, _, s in given)


@dataclass
class Receiver:
    """`answers` are statuses given one after another, then `always`; `held` keeps requests waiting. One that
    `quotes` repeats what it was sent."""

    url: str
    now: Callable[[], datetime]
    secrets: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    always: int = 200
    quotes: bool = False
    more: dict[str, str] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    held: asyncio.Event | None = None
    site: web.TCPSite | None = None

    async def goes_down(self) -> None:
        """Nobody listens any more."""
        assert self.site is not None
        await self.site.stop()

    @property
    def place(self) -> str:
        return self.url.removeprefix("http://")

    def types(self) -> list[str]:
        return [one.said["type"] for one in self.got]

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            body = await request.read()
            headers = {name.lower(): value for name, value in request.headers.items()}
            fits = frozenset(one for one in self.secrets if verified(one, headers, body, self.now()))
            self.got.append(Got(request.path_qs, headers, body, fits))
            if self.held is not None and "slow" in request.path:
                await self.held.wait()
            status = self.answers.pop(0) if self.answers else self.always
            text = body.decode() if self.quotes else "thank you" * 10
            return web.Response(status=status, headers=self.more, text=text)
        finally:
            self.at_once -= 1


@asynccontextmanager
async def receiving(now: Callable[[], datetime]) -> AsyncIterator[Receiver]:
    """A receiver on a port of its own; it answers every path."""
    receiver = Receiver("", now)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        receiver.site = web.TCPSite(runner, "127.0.0.1", 0)
        await receiver.site.start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield receiver
    finally:
        if receiver.held is not None:
            receiver.held.set()
        await runner.cleanup()
