"""What the bot called, and which calls are to go wrong."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, fields

from .changes import Changes
from .errors import ApiError, Json

KEPT = 10_000
MODES = {"error", "drop", "drop_after", "slow"}


class Journal:
    """The last calls of the bot, numbered from 1; getUpdates is left out."""

    def __init__(self) -> None:
        self._entries: deque[Json] = deque(maxlen=KEPT)
        self._number = 0
        self.changes = Changes()

    def add(self, entry: Json) -> None:
        self._number += 1
        self._entries.append({"number": self._number, **entry})
        self.changes.publish({"kind": "call"})

    def entries(self, method: str | None = None, since: int = 0) -> list[Json]:
        """Calls after number `since`, of one method or of all."""
        wanted = method.lower() if method else None
        return [
            entry
            for entry in self._entries
            if entry["number"] > since and wanted in (None, entry["method"].lower())
        ]

    def clear(self) -> None:
        self._entries.clear()


@dataclass
class Fault:
    """The next `count` calls of `method` ("*": of any but getUpdates) go wrong.

    mode error: answered with `status`, `description`, `retry_after`; drop: the connection is cut and
    nothing done; drop_after: done, then cut; slow: done after `seconds` real seconds.
    """

    method: str = "*"
    count: int = 1
    mode: str = "error"
    status: int = 500
    description: str = "Internal Server Error"
    retry_after: int | None = None
    seconds: float = 0.0

    def error(self) -> ApiError:
        return ApiError(self.status, self.description, retry_after=self.retry_after)


class Faults:
    """The faults that are still to come, first in first out."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, values: Json) -> Fault:
        """Raises ValueError for an unknown field or mode."""
        if unknown := set(values) - {f.name for f in fields(Fault)}:
            raise ValueError(f"unknown field {sorted(unknown)[0]!r}")
        fault = Fault(**values)
        if fault.mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(sorted(MODES))}")
        self._pending.append(fault)
        return fault

    def take(self, method: str) -> Fault | None:
        """The fault this call meets, counted down."""
        for fault in self._pending:
            anyone = fault.method == "*" and method.lower() != "getupdates"
            if anyone or fault.method.lower() == method.lower():
                fault.count -= 1
                if fault.count <= 0:
                    self._pending.remove(fault)
                return fault
        return None

    def list(self) -> list[Json]:
        return [asdict(fault) for fault in self._pending]

    def clear(self) -> None:
        self._pending.clear()
