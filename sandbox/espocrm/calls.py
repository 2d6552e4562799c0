"""One API request as a handler sees it, and how its body is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from sandbox.espocrm.acl import Actor
from sandbox.espocrm.answers import Answer, Refusal, refusal
from sandbox.espocrm.state import Record, State


@dataclass(frozen=True, slots=True)
class Call:
    """A request let in: `args` are the variable parts of its path, `params` its nested query."""

    state: State
    actor: Actor
    args: tuple[str, ...]
    params: dict[str, Any]
    body: Record
    headers: Mapping[str, str]

    @property
    def entity(self) -> str:
        """The first part of the path as an entity type; 404 when there is none of that name."""
        name = self.args[0]
        if name not in self.state.entities:
            raise refusal(404, f"Controller '{name}' does not exist.")
        return name


def read_body(raw: bytes, content_type: str) -> Record:
    """The attributes of a body. JSON counts only with its Content-Type, a list as nothing at all.

    Broken JSON is 500 with an empty body, as the real server answers.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(raw.decode("utf-8", "replace")))
    if kind != "application/json" or not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refusal(Answer(status=500)) from None
    return body if isinstance(body, dict) else {}
