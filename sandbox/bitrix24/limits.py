"""The two limits of a portal, on its own clock: how often, and how long a method may run."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.bitrix24.answers import Refusal

BASKETS = 10
BASKET = timedelta(minutes=1)
KEPT = BASKETS * BASKET


@dataclass
class Bucket:
    """Leaky bucket of one source address: `burst` requests at once, `drain` a second go out of it."""

    burst: float = 50
    drain: float = 2
    level: float = 0
    at: datetime | None = None

    def take(self, now: datetime) -> None:
        """Count one request. Raises Refusal 503 QUERY_LIMIT_EXCEEDED; a refused one is not counted."""
        if self.at is not None:
            self.level = max(0.0, self.level - self.drain * (now - self.at).total_seconds())
        self.at = now
        if self.level + 1 > self.burst:
            raise Refusal(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
        self.level += 1


@dataclass
class Operating:
    """Seconds that methods ran, each by its caller, in baskets of a minute kept for ten.

    Nothing really takes that long here: a method costs what `costs` says, else `cost`.
    """

    limit: float = 480
    cost: float = 0.05
    costs: dict[str, float] = field(default_factory=dict)
    spent: dict[tuple[str, str], dict[datetime, float]] = field(default_factory=dict)

    def check(self, caller: str, method: str, now: datetime) -> None:
        """Raises Refusal 429 OPERATION_TIME_LIMIT when the method has used up its time before."""
        if self._total(caller, method, now) > self.limit:
            raise Refusal(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")

    def spend(self, caller: str, method: str, now: datetime) -> tuple[float, int]:
        """Count one call; returns `operating` and `operating_reset_at` (unix) after it."""
        baskets = self.spent.setdefault((caller, method), {})
        start = next((start for start in baskets if now - start < BASKET), now)
        baskets[start] = baskets.get(start, 0.0) + self.costs.get(method, self.cost)
        return self._total(caller, method, now), int((min(baskets) + KEPT).timestamp())

    def _total(self, caller: str, method: str, now: datetime) -> float:
        baskets = self.spent.get((caller, method), {})
        for start in [start for start in baskets if now - start >= KEPT]:
            del baskets[start]
        return sum(baskets.values())
