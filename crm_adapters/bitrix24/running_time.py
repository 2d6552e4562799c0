"""How long each method of a portal has run of late, which is limited apart from how often it is called.

A method may run so many seconds within ten minutes, for one application or webhook. Every answer tells how
much of it is used up (`operating`) and when the oldest part is given back (`operating_reset_at`): the figures
are the portal's own, so they count what other processes of ours have used too.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.errors import CrmRateLimited

BUDGET = 480.0
"""Seconds in ten minutes, as the documentation has it."""

SAFE = 0.95
_LONGEST_AHEAD = timedelta(minutes=11)
_PROBE = timedelta(seconds=1)


@dataclass
class _Method:
    """`cost` of one call is the dearest seen of late."""

    used: float = 0.0
    reset: datetime | None = None
    cost: float = 0.0
    under_way: int = 0


class RunningTime:
    """Of one integration. Nothing is known of a method before its first answer."""

    def __init__(self) -> None:
        self._methods: dict[str, _Method] = {}

    @contextmanager
    def running(self, calls: Mapping[str, int], now: datetime) -> Iterator[None]:
        """While a request with so many calls of each method is under way. Raises CrmRateLimited, before
        anything is sent, when one of them would not fit into its time."""
        for method, count in calls.items():
            self._admit(method, count, now)
        for method, count in calls.items():
            self._methods.setdefault(method, _Method()).under_way += count
        try:
            yield
        finally:
            for method, count in calls.items():
                self._methods[method].under_way -= count

    def _admit(self, method: str, count: int, now: datetime) -> None:
        known = self._methods.get(method)
        if known is None or known.reset is None:
            return
        if known.used + (known.under_way + count) * known.cost <= BUDGET * SAFE:
            return
        given_back = known.reset <= now
        # how much was given back is told by the next answer: one request goes to ask
        if given_back and not known.under_way:
            return
        until = now + _PROBE if given_back else known.reset
        raise CrmRateLimited(until, f"{method} has used up its running time", of_account=False)

    def learn(self, method: str, time: Any) -> None:
        """Take over the `time` of an answer, or of one command of a batch."""
        used = time.get("operating") if isinstance(time, dict) else None
        reset = time.get("operating_reset_at") if isinstance(time, dict) else None
        known = self._methods.setdefault(method, _Method())
        if isinstance(reset, int | float) and 0 < reset < 1e11:
            known.reset = datetime.fromtimestamp(reset, UTC)
        if isinstance(used, int | float) and used >= 0:
            if known.used and used > known.used:
                known.cost = max(used - known.used, known.cost * 0.9)
            known.used = used

    def refused(self, method: str, now: datetime) -> datetime | None:
        """The portal says that the time is used up: when it is given back, None if it has never told."""
        known = self._methods.setdefault(method, _Method())
        known.used = max(known.used, BUDGET)
        if known.reset is None or not now < known.reset <= now + _LONGEST_AHEAD:
            return None
        return known.reset
