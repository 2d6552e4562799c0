"""The cron pass that sends webhooks, by EspoCRM's portions and retry rules."""

import asyncio
import base64
import hashlib
import hmac
from datetime import datetime, timedelta

import aiohttp

from sandbox.espocrm import acl, webhooks
from sandbox.espocrm.state import Delivery, Event, QueueItem, Record, State

PERIOD = timedelta(minutes=2)
EVENTS_A_PASS = 20
HOOKS_A_PASS = 20
ITEMS_A_POST = 20
ATTEMPTS = 4
PAUSE = timedelta(minutes=10)
RETRIED = frozenset({401, 403, 404, 405, 408, 500, 503})
GONE = 410
TIMED_OUT, REFUSED = "time-out", "no connection"


class Courier:
    """Sends what waits in the queue, every two minutes of the state's clock or at once.

    `timeout` is how long a receiver may think, in real seconds.
    """

    def __init__(self, state: State, timeout: float = 10.0) -> None:
        self._state = state
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=min(timeout, 5.0))
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        """Make a pass at every even minute until cancelled."""
        while True:
            await self._state.clock.sleep_until(_next_pass(self._state.clock.now()))
            await self.make_pass()

    async def make_pass(self) -> int:
        """One cron pass: at most 20 events and 20 hooks, one POST a hook; returns the number of POSTs."""
        async with self._lock:
            self._forget_deleted()
            events, self._state.events[:EVENTS_A_PASS] = self._state.events[:EVENTS_A_PASS], []
            for event in events:
                self._spread(event)
            batches = self._due()
            for hook, items in batches:
                await self._send(hook, items)
            return len(batches)

    async def deliver_now(self, *, force: bool = False) -> int:
        """Passes until nothing is due; `force` also sends what waits for another attempt, once.

        Returns the number of POSTs.
        """
        if force:
            for item in self._state.queue:
                item.not_before = None
        sent = 0
        while self._state.events or self._due():
            sent += await self.make_pass()
        return sent

    def _forget_deleted(self) -> None:
        hooks = self._state.table("Webhook")
        self._state.queue[:] = [item for item in self._state.queue if item.hook_id in hooks]

    def _spread(self, event: Event) -> None:
        for hook in self._state.all("Webhook"):
            own = hook.get("skipOwn") and event.user_id == hook["createdById"]
            if (
                hook["event"] == event.name
                and hook.get("isActive")
                and not own
                and self._may_read(hook, event)
            ):
                self._state.queue.append(QueueItem(hook["id"], event))

    def _owner(self, hook: Record) -> acl.Actor | None:
        user = self._state.find("User", hook["createdById"])
        return None if user is None or not user.get("isActive", True) else acl.actor_of(self._state, user)

    def _may_read(self, hook: Record, event: Event) -> bool:
        owner = self._owner(hook)
        return owner is not None and owner.level(event.name.partition(".")[0], "read") != "no"

    def _due(self) -> list[tuple[Record, list[QueueItem]]]:
        now = self._state.clock.now()
        groups: dict[str, list[QueueItem]] = {}
        for item in self._state.queue:
            if item.status == "Pending" and (item.not_before is None or item.not_before <= now):
                groups.setdefault(item.hook_id, []).append(item)
        found = [(self._state.find("Webhook", hook_id), items) for hook_id, items in groups.items()]
        return [(hook, items[:ITEMS_A_POST]) for hook, items in found if hook is not None][:HOOKS_A_PASS]

    def _visible(self, hook: Record, event: Event) -> Record:
        owner = self._owner(hook)
        closed = (
            acl.forbidden_attributes(self._state, owner, hook["entityType"], "read")
            if owner is not None
            else set()
        )
        return {key: value for key, value in event.data.items() if key not in closed}

    async def _send(self, hook: Record, items: list[QueueItem]) -> None:
        body = webhooks.php_json([self._visible(hook, item.event) for item in items])
        status, error = await self._post(hook, body)
        outcome = self._outcome(status, error)
        for item in items:
            item.attempts += 1
            item.status = "Failed" if outcome == "Pending" and item.attempts >= ATTEMPTS else outcome
            item.not_before = self._state.clock.now() + PAUSE if item.status == "Pending" else None
        if status == GONE:
            self._state.table("Webhook").pop(hook["id"], None)
            self._forget_deleted()
        self._state.deliveries.append(
            Delivery(hook["id"], hook["event"], hook["url"], body.decode(), status,
                     "Deleted" if status == GONE else items[0].status, self._state.stamp(), error)
        )  # fmt: skip
        self._state.touch()

    def _outcome(self, status: int, error: str) -> str:
        if 200 <= status < 400:
            return "Success"
        if status == 0:
            return "Pending" if error == TIMED_OUT or not self._state.is_10 else "Failed"
        return "Pending" if status in RETRIED else "Failed"

    async def _post(self, hook: Record, body: bytes) -> tuple[int, str]:
        skipped = ("Accept-Encoding", "Accept") if self._state.is_10 else ("Accept-Encoding", "User-Agent")
        headers = {"Content-Type": "application/json", **signatures(hook["id"], hook["secretKey"], body)}
        if self._state.is_10:
            headers["User-Agent"] = "GuzzleHttp/7"
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout, skip_auto_headers=skipped) as session,
                session.post(hook["url"], data=body, headers=headers, allow_redirects=False) as answer,
            ):
                return answer.status, ""
        except TimeoutError:
            return 0, TIMED_OUT
        except (aiohttp.ClientError, ValueError, OSError):
            return 0, REFUSED


def signatures(hook_id: str, secret: str, body: bytes) -> dict[str, str]:
    """Signature (hex digest) and the older X-Signature (raw digest), both base64 of `id:mac`."""
    mac = hmac.new(secret.encode(), body, hashlib.sha256)
    return {
        "Signature": base64.b64encode(f"{hook_id}:{mac.hexdigest()}".encode()).decode(),
        "X-Signature": base64.b64encode(f"{hook_id}:".encode() + mac.digest()).decode(),
    }


def _next_pass(now: datetime) -> datetime:
    period = PERIOD.total_seconds()
    return now + timedelta(seconds=period - now.timestamp() % period)
