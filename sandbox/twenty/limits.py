"""Two token buckets that all keys of a workspace share: a short one and a long one."""

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.exchange import Refusal
from sandbox.twenty.answers import problem


@dataclass
class Bucket:
    """`most` requests at once, filled again within `seconds`. `most` 0: no limit."""

    most: float
    seconds: float
    left: float = -1.0
    at: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Take one; False when there is none left."""
        if not self.most:
            return True
        if self.at is None:
            self.left = self.most
        else:
            passed = (now - self.at).total_seconds()
            self.left = min(self.most, self.left + passed * self.most / self.seconds)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass
class Limits:
    """100 within a second and 100 within a minute, unless the operator has set them otherwise."""

    short: Bucket = field(default_factory=lambda: Bucket(100, 1))
    long: Bucket = field(default_factory=lambda: Bucket(100, 60))

    def check(self, now: datetime) -> None:
        """Refusal 429 when one of them is empty."""
        for bucket in (self.short, self.long):
            if not bucket.take(now):
                told = f"Limit reached ({bucket.most:g} tokens per {bucket.seconds * 1000:g} ms)"
                raise Refusal(problem(429, "ThrottlerException", told))


def no_limits() -> Limits:
    return Limits(Bucket(0, 1), Bucket(0, 60))
