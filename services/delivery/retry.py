"""Retry is a value: what an error makes of an operation, and how long a broken CRM is left alone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from domain.delivery import Operation, OperationState
from domain.errors import CrmAccessLost, CrmError, CrmRateLimited, CrmUnavailable

SPREAD = 0.2
"""Share by which a step of the ladder may be shorter or longer, so that a crowd comes back in turns."""

OPENS_AFTER = 5
"""Failures in a row after which the circuit of an integration is open: one trial at a time."""

PARKED = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300))
"""How long nothing is sent after the fifth failure in a row, the sixth, and so on."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an operation after an error; `spent` says whether it cost an attempt."""

    state: OperationState
    due_at: datetime
    spent: bool


def judge(
    operation: Operation, error: CrmError, now: datetime, ladder: Sequence[timedelta], random: Random
) -> Verdict:
    """The next state of an operation that ended in `error`. A later moment that the CRM asks for wins."""
    if isinstance(error, CrmRateLimited):
        return Verdict(OperationState.PENDING, max(error.retry_at, now), spent=False)
    if isinstance(error, CrmAccessLost):
        return Verdict(OperationState.BLOCKED, now, spent=False)
    if not isinstance(error, CrmUnavailable) or operation.attempts >= len(ladder):
        return Verdict(OperationState.PERMANENTLY_FAILED, now, spent=True)
    due = now + ladder[operation.attempts] * random.uniform(1 - SPREAD, 1 + SPREAD)
    return Verdict(OperationState.PENDING, max(due, error.retry_at or due), spent=True)


def pause_after(failures: int, parked: Sequence[timedelta]) -> timedelta | None:
    """How long an integration is left alone after so many failures in a row; None: it is not."""
    if failures < OPENS_AFTER:
        return None
    return parked[min(failures - OPENS_AFTER, len(parked) - 1)]
