"""Delivery by webhook, by Telegram's rules (telegram-bot-api, WebhookActor).

Updates of one chat wait for one another. A failed one is sent again at once, then after 2, 4, 8 ... s, at
most a random 60-120 s; Retry-After up to an hour is honoured instead; after 24 h it is dropped. Answering
410 for 23 hours closes the webhook. Waiting goes by the stand-in's clock.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from .clock import Clock
from .errors import Json, bad_request
from .files import Upload
from .forms import read_multipart
from .updates import Update, Updates

MAX_RESEND = 60
MAX_RETRY_AFTER = 3600
DROP_AFTER_410 = 23 * 3600
ANSWER_SECONDS = 60
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}$")
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
# Methods a bot may not call in its answer to a webhook.
NOT_IN_ANSWER = ("get", "setwebhook", "deletewebhook", "close", "logout")

Caller = Callable[[str, Json, dict[str, Upload]], Awaitable[object]]
DICE = random.SystemRandom()


@dataclass(frozen=True)
class Attempt:
    """How one delivery ended: an empty error is success."""

    error: str = ""
    status: int = 0
    retry_after: int = 0


class Webhook:
    """Sends the queue of updates to one address while one is set."""

    def __init__(self, updates: Updates, clock: Clock) -> None:
        self._updates = updates
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._dispatcher: asyncio.Task[None] | None = None
        self._gate = asyncio.Semaphore(40)
        self._settings: Json = {}
        self._last_error: Json = {}
        self._gone_since: float | None = None
        self.call: Caller | None = None

    @property
    def url(self) -> str:
        return str(self._settings.get("url", ""))

    def info(self) -> Json:
        """getWebhookInfo."""
        shown = {"url": self.url, "has_custom_certificate": False, "pending_update_count": len(self._updates)}
        if not self.url:
            return shown
        allowed = {"allowed_updates": self._updates.allowed} if self._updates.allowed else {}
        return shown | {"max_connections": self._settings["max_connections"]} | allowed | self._last_error

    async def establish(self, params: Json) -> None:
        """setWebhook: ends a poll, starts sending. An empty url removes the webhook."""
        secret, url = params.get("secret_token"), params.get("url", "")
        if secret is not None and not SECRET.match(secret):
            raise bad_request("secret token contains unallowed characters")
        if url and not re.match(r"https?://[^/\s]+", url):
            raise bad_request("bad webhook: invalid webhook URL specified")
        if "allowed_updates" in params:
            self._updates.allowed = params["allowed_updates"]
        await self.remove(drop_pending=bool(params.get("drop_pending_updates")))
        if not url:
            return
        self._updates.stop_poller("terminated by setWebhook request")
        connections = min(max(params.get("max_connections", 40), 1), 100)
        self._settings = {"url": url, "secret": secret, "max_connections": connections}
        self._gate = asyncio.Semaphore(connections)
        self._dispatcher = asyncio.create_task(self._dispatch())

    async def remove(self, *, drop_pending: bool) -> None:
        """deleteWebhook: what is unconfirmed stays for the next way of delivery, unless dropped."""
        self._settings, self._last_error, self._gone_since = {}, {}, None
        own = asyncio.current_task()
        running = [t for t in (self._dispatcher, *self._tasks) if t is not None and t is not own]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._dispatcher = None
        self._tasks.clear()
        if drop_pending:
            self._updates.clear()

    async def _dispatch(self) -> None:
        """One sender a chat while it has updates."""
        busy: set[int] = set()
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                for queue in {update.queue for update in self._updates.pending()} - busy:
                    busy.add(queue)
                    task = asyncio.create_task(self._drain(session, queue, busy))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                await self._updates.changes.next()

    async def _drain(self, session: aiohttp.ClientSession, queue: int, busy: set[int]) -> None:
        while head := next((u for u in self._updates.pending() if u.queue == queue), None):
            await self._deliver(session, head)
            self._updates.forget(head.id)
        busy.discard(queue)

    async def _deliver(self, session: aiohttp.ClientSession, update: Update) -> None:
        """Send until it is taken or has expired."""
        fails, delay = 0, 1
        while True:
            async with self._gate:
                attempt = await self._attempt(session, update)
            if not attempt.error:
                self._gone_since = None
                return
            self._note(attempt)
            if self._closed_by_410(attempt):
                await self.remove(drop_pending=False)
                raise asyncio.CancelledError
            wait = float(attempt.retry_after)
            if not attempt.retry_after and fails:
                delay = min(DICE.randint(MAX_RESEND, MAX_RESEND * 2), delay * 2)
                wait = delay
            if self._clock.time() + wait > update.expires_at:
                return
            fails += 1
            await self._clock.sleep_until(self._clock.monotonic() + wait)

    def _note(self, attempt: Attempt) -> None:
        self._last_error = {"last_error_date": int(self._clock.time()), "last_error_message": attempt.error}

    def _closed_by_410(self, attempt: Attempt) -> bool:
        if attempt.status != 410:
            self._gone_since = None
            return False
        now = self._clock.monotonic()
        if self._gone_since is None:
            self._gone_since = now
        return now > self._gone_since + DROP_AFTER_410

    async def _attempt(self, session: aiohttp.ClientSession, update: Update) -> Attempt:
        secret = self._settings.get("secret")
        headers = {SECRET_HEADER: secret} if secret else {}
        try:
            async with session.post(
                self.url, json=update.body(), headers=headers, allow_redirects=False
            ) as response:
                if 200 <= response.status <= 299:
                    await self._call_from_answer(response)
                    return Attempt()
                after = response.headers.get("Retry-After", "")
                seconds = min(int(after), MAX_RETRY_AFTER) if after.isdigit() else 0
                error = f"Wrong response from the webhook: {response.status} {response.reason}"
                return Attempt(error, response.status, seconds)
        except aiohttp.ClientConnectorError:
            return Attempt("Connection refused")
        except TimeoutError:
            return Attempt("Read timeout expired")
        except aiohttp.ClientError:
            return Attempt("Webhook connection closed")

    async def _call_from_answer(self, response: aiohttp.ClientResponse) -> None:
        """A bot may call one method in its answer; its result is not reported back."""
        kind = response.content_type
        uploads: dict[str, Upload] = {}
        if kind == "application/json":
            body = await response.read()
            params = await response.json() if body.strip() else None
        elif kind.startswith("multipart/"):
            params, uploads = await read_multipart(aiohttp.MultipartReader.from_response(response))
        else:
            return
        method = str(params.pop("method", "")) if isinstance(params, dict) else ""
        if (
            method
            and isinstance(params, dict)
            and self.call is not None
            and not method.lower().startswith(NOT_IN_ANSWER)
        ):
            await self.call(method, params, uploads)
