"""Which errors are logged with their trace."""

import time

from aiohttp import web

TRACE_EVERY = 1.0
"""Seconds between two traces of one kind of error at one route."""


class Traces:
    """One trace of an error a while: to put one into words costs more than most requests, and while the
    database is away all of them say the same."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], float] = {}

    def wanted(self, kind: str, route: str) -> bool:
        now, before = time.monotonic(), self._told.get((kind, route))
        if before is not None and now - before < TRACE_EVERY:
            return False
        self._told[kind, route] = now
        return True


TRACES = web.AppKey("traces", Traces)
