"""Telegram's flood limits, as far as they are known, on the stand-in's clock.

Telegram publishes no exact numbers; its FAQ names about one message a second in one chat (short
bursts pass), 20 a minute in a group, about 30 a second overall.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields

from .clock import Clock
from .errors import Json, too_many_requests


@dataclass(frozen=True)
class Limits:
    """Rates in messages a second (group: a minute) and how many may come at once; `on` switches all."""

    on: bool = True
    private_rate: float = 1.0
    private_burst: int = 20
    group_rate: float = 20.0
    group_burst: int = 20
    overall_rate: float = 30.0
    overall_burst: int = 30

    def changed(self, values: Json) -> Limits:
        """A copy with other values. Raises ValueError for an unknown name or a value out of range."""
        kinds = {f.name: type(getattr(self, f.name)) for f in fields(self)}
        if unknown := set(values) - set(kinds):
            raise ValueError(f"unknown limit {sorted(unknown)[0]!r}; known are {', '.join(kinds)}")
        chosen = asdict(self) | {name: kinds[name](value) for name, value in values.items()}
        if any(value <= 0 for name, value in chosen.items() if name != "on"):
            raise ValueError("limits must be positive")
        return Limits(**chosen)


class Bucket:
    """A leaky bucket: room for `burst`, one place freed every `1 / rate` seconds."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._full_until = 0.0

    def wait(self, now: float, count: int) -> float:
        """Seconds until `count` more fit, 0 for now; more than the burst fits into an empty bucket."""
        room = max(self._burst - count, 0) / self._rate
        return max(self._full_until - now - room, 0.0)

    def take(self, now: float, count: int) -> None:
        self._full_until = max(self._full_until, now) + count / self._rate


class FloodControl:
    """Counts messages per chat and overall and refuses with 429 what is too much."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self.limits = limits
        self._chats: dict[int, Bucket] = {}
        self._overall = Bucket(limits.overall_rate, limits.overall_burst)

    def set(self, limits: Limits) -> None:
        """Other limits; what was counted so far is forgotten."""
        self.limits = limits
        self._chats.clear()
        self._overall = Bucket(limits.overall_rate, limits.overall_burst)

    def _bucket(self, chat_id: int) -> Bucket:
        if chat_id not in self._chats:
            limits = self.limits
            self._chats[chat_id] = (
                Bucket(limits.private_rate, limits.private_burst)
                if chat_id > 0
                else Bucket(limits.group_rate / 60, limits.group_burst)
            )
        return self._chats[chat_id]

    def spend(self, chat_id: int, count: int = 1) -> None:
        """Count `count` messages to the chat. Raises ApiError 429, counting nothing."""
        if not self.limits.on:
            return
        now = self._clock.monotonic()
        buckets = (self._bucket(chat_id), self._overall)
        wait = max(bucket.wait(now, count) for bucket in buckets)
        if wait > 0:
            raise too_many_requests(max(math.ceil(wait), 1))
        for bucket in buckets:
            bucket.take(now, count)
