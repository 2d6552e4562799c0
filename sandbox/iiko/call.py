"""A request let in by a key, and what is read out of its body."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.iiko.answers import invalid
from sandbox.iiko.state import Key, State

_MOMENTS = ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Call:
    """A request let in by a key; `key` is nobody's for the token methods."""

    state: State
    key: Key
    body: Mapping[str, Any]

    def organizations(self) -> list[str]:
        """The restaurants asked for, all of which the key must see."""
        asked = self.body.get("organizationIds")
        if not isinstance(asked, list) or not asked:
            raise invalid("organizationIds is required")
        return [self._seen(one) for one in asked]

    def organization(self) -> str:
        return self._seen(self.body.get("organizationId"))

    def _seen(self, number: object) -> str:
        if number not in self.key.organizations:
            raise invalid("Organization is not available for the API login")
        return str(number)

    def moment(self, name: str) -> datetime | None:
        """A wall clock of the terminal: yyyy-MM-dd HH:mm:ss.fff."""
        text = self.body.get(name)
        if text is None:
            return None
        for form in _MOMENTS:
            try:
                return datetime.strptime(str(text), form)
            except ValueError:
                continue
        raise invalid(f"{name} has a wrong format")
