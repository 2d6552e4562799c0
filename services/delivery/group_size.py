"""How many operations a worker takes from one integration at a time. Pure.

A group costs one claim, one reading and few commits, so a large one is cheap; but whoever holds a group keeps
it from others, and what is in it waits for what stands before. So groups grow only while they are quick.
"""

from collections.abc import Hashable

QUICK, SLOW = 0.25, 1.0
"""Seconds: a full group that took less may be twice as large next time, one that took more, half."""


class GroupSizes:
    """Sizes by integration, learnt from how earlier groups went."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most
        self._sizes: dict[Hashable, int] = {}

    def of(self, integration: Hashable) -> int:
        return self._sizes.get(integration, self.least)

    def learn(self, integration: Hashable, count: int, seconds: float, *, stopped: bool) -> None:
        """A group of `count` took `seconds`; `stopped` when it was not carried out to its end."""
        size = self.of(integration)
        if stopped:
            size = self.least
        elif seconds > SLOW:
            size = max(self.least, size // 2)
        elif seconds < QUICK and count >= size:
            size = min(self.most, size * 2)
        self._sizes[integration] = size
