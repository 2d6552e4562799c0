"""Seven requests a second; who goes on regardless is shut out."""

from datetime import timedelta

from sandbox.amocrm.answers import problem
from sandbox.amocrm.state import State

SECOND = timedelta(seconds=1)
REFUSALS_KEPT = timedelta(seconds=60)
REFUSALS_ALLOWED = 20
SHUT_OUT = timedelta(minutes=5)


def check(state: State, per_second: int) -> None:
    """Count a request. Raises Refusal 429, and 403 while the account is shut out; 0 is no limit."""
    now = state.clock.now()
    if state.blocked_until is not None and now < state.blocked_until:
        raise problem(403, "Account is blocked for exceeding the number of requests per second")
    state.recent = [moment for moment in state.recent if moment > now - SECOND]
    if per_second and len(state.recent) >= per_second:
        state.refused = [moment for moment in state.refused if moment > now - REFUSALS_KEPT] + [now]
        if len(state.refused) > REFUSALS_ALLOWED:
            state.blocked_until = now + SHUT_OUT
        raise problem(429, "Too many requests")
    state.recent.append(now)
