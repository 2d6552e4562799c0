"""Hooks on their way: at once, then by the vendor's ladder, and switched off after too many failures."""

import asyncio
import uuid
from datetime import timedelta

import aiohttp

from sandbox.amocrm import hook_bodies
from sandbox.amocrm.state import Change, Delivery, State

PAUSES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=15), timedelta(hours=1))
LATER_ONLY_AFTER = 2  # the third pause and the fourth follow a 499 or 5xx alone
BAD_ALLOWED = 100
BAD_KEPT = timedelta(hours=2)
NO_ANSWER = 0
BLOCK_NOUN = {"leads": "lead", "contacts": "contact", "task": "task"}


class Courier:
    """Sends what waits. `timeout` is how long a receiver may think, in real seconds."""

    def __init__(self, state: State, timeout: float = 2.0) -> None:
        self._state = state
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._lock = asyncio.Lock()
        self._woken = asyncio.Event()

    def collect(self) -> None:
        """Turn what one request changed into a delivery for every hook that wants some of it."""
        changes, self._state.changes = self._state.changes, []
        for hook in self._state.hooks.values():
            wanted = [change for change in changes if action(change) in hook["settings"]]
            if wanted and not hook["disabled"]:
                body = hook_bodies.encode(self._state, wanted)
                request_id, now = str(uuid.uuid4()), self._state.clock.now()
                self._state.deliveries.append(
                    Delivery(hook["id"], hook["destination"], body, request_id, now)
                )
        self._woken.set()

    async def run(self) -> None:
        """Deliver whatever is due until cancelled."""
        while True:
            await self.deliver_due()
            waiting = [item.due for item in self._state.deliveries if item.state == "waiting"]
            self._woken.clear()
            if waiting:
                pause = max((min(waiting) - self._state.clock.now()).total_seconds(), 0.0)
                await self._wait(pause)
            else:
                await self._woken.wait()

    async def _wait(self, seconds: float) -> None:
        speed = self._state.clock.speed
        try:
            await asyncio.wait_for(self._woken.wait(), min(seconds / speed, 1.0) if speed else 1.0)
        except TimeoutError:
            return

    async def deliver_due(self, *, force: bool = False) -> int:
        """Send what is due, `force` also what waits for another attempt; returns the number of POSTs."""
        async with self._lock:
            now = self._state.clock.now()
            due = [
                one for one in self._state.deliveries if one.state == "waiting" and (force or one.due <= now)
            ]
            for item in due:
                await self._send(item)
            return len(due)

    async def _send(self, item: Delivery) -> None:
        hook = self._state.hooks.get(item.hook_id)
        if hook is None or hook["disabled"]:
            item.state = "dropped"
            return
        status = await self._post(item)
        item.attempts += 1
        item.statuses.append(status)
        if 100 <= status < 300:
            item.state = "delivered"
            return
        now = self._state.clock.now()
        hook["bad"] = [moment for moment in hook["bad"] if moment > now - BAD_KEPT] + [now]
        hook["disabled"] = len(hook["bad"]) > BAD_ALLOWED
        again = item.attempts <= LATER_ONLY_AFTER or status == 499 or status >= 500
        if item.attempts <= len(PAUSES) and again:
            item.due = now + PAUSES[item.attempts - 1]
        else:
            item.state = "failed"

    async def _post(self, item: Delivery) -> int:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "amoCRM-Webhooks/3.0",
            "X-AmoCRM-RequestId": item.request_id,
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as session,
                session.post(item.url, data=item.body, headers=headers, allow_redirects=False) as answer,
            ):
                return answer.status
        except (TimeoutError, aiohttp.ClientError, ValueError, OSError):
            return NO_ANSWER


def action(change: Change) -> str:
    """The word of a hook's settings: companies come in the block of contacts but have words of their own."""
    noun = "company" if change.item.get("type") == "company" else BLOCK_NOUN[change.block]
    return f"{change.action}_{noun}"
