"""Places in the log of operations, packed small enough to travel in a button."""

from domain.operations_log import LogFilter, LogState
from handlers.buttons import LogButton

STATES = tuple(LogState)


def pack(where: LogButton) -> str:
    """A place as the `back` of another button: at most 12 characters for leads up to a million."""
    return f"{STATES.index(chosen_state(where))}.{min(where.page, 99)}.{where.lead}"


def log_button(packed: str) -> LogButton | None:
    """The place that `pack` wrote; None for anything else."""
    parts = packed.split(".")
    if len(parts) != 3 or not all(part.isdigit() for part in parts) or int(parts[0]) >= len(STATES):
        return None
    return LogButton(do="page", state=STATES[int(parts[0])].value, page=int(parts[1]), lead=int(parts[2]))


def chosen_state(where: LogButton) -> LogState:
    return LogState(where.state) if where.state in STATES else LogState.ALL


def chosen_filter(where: LogButton) -> LogFilter:
    return LogFilter(chosen_state(where), max(where.lead, 0))
