"""What a check has found: how it stands, in a sentence, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    NOTE = "note"
    """It works, and could be better."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` is the code of what was looked at. `said` and `todo` are in the language that is spoken, and
    hold no secret; `todo` is empty where there is nothing to do."""

    what: str
    state: State
    said: str
    todo: str = ""


def ok(what: str, said: str) -> Finding:
    return Finding(what, State.OK, said)


def note(what: str, said: str, todo: str = "") -> Finding:
    return Finding(what, State.NOTE, said, todo)


def bad(what: str, said: str, todo: str = "") -> Finding:
    return Finding(what, State.BAD, said, todo)


def worst(findings: Iterable[Finding]) -> State:
    states = {one.state for one in findings}
    return next((one for one in (State.BAD, State.NOTE) if one in states), State.OK)
