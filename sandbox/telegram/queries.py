"""Callback and inline queries that wait for the bot's answer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from .clock import Clock
from .errors import Json, bad_request

EXPIRED = "query is too old and response timeout expired or query ID is invalid"


@dataclass
class Query:
    """One query; `answer` is what the bot said, None until then."""

    id: str
    person_id: int
    kind: str
    asked_at: float
    message_id: int | None = None
    answer: Json | None = None
    results: list[Json] = field(default_factory=list)


class Queries:
    """All queries of a run; an unanswered one expires after `ttl` seconds of the stand-in's time."""

    def __init__(self, clock: Clock, ttl: float) -> None:
        self._clock = clock
        self.ttl = ttl
        self._all: dict[str, Query] = {}

    def ask(self, person_id: int, kind: str, message_id: int | None = None) -> Query:
        identifier = str(secrets.randbits(62))
        query = Query(identifier, person_id, kind, self._clock.time(), message_id)
        self._all[identifier] = query
        return query

    def find(self, identifier: str) -> Query | None:
        return self._all.get(identifier)

    def answerable(self, identifier: str, kind: str) -> Query:
        """The query, if it still takes an answer. Raises ApiError 400."""
        query = self._all.get(identifier)
        if query is None or query.kind != kind or query.answer is not None:
            raise bad_request(EXPIRED)
        if self._clock.time() - query.asked_at > self.ttl:
            raise bad_request(EXPIRED)
        return query

    def clear(self) -> None:
        self._all.clear()
