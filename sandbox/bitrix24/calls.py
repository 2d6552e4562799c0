"""A call of one method: who, what, and with which parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.bitrix24.answers import Json, Result, missing, not_found
from sandbox.bitrix24.params import mapping, number
from sandbox.bitrix24.schema import TYPE_NAMES
from sandbox.bitrix24.state import Actor, State


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler gets."""

    state: State
    actor: Actor
    params: Json

    def needed(self, *names: str) -> Any:
        """The first of these parameters; Raises Refusal 100 without one."""
        for name in names:
            if self.params.get(name) not in (None, ""):
                return self.params[name]
        raise missing(names[0])

    def fields(self) -> Json:
        """The parameter `fields`, in exactly this spelling."""
        return mapping(self.needed("fields"))

    def type_id(self) -> int:
        """entityTypeId. Raises Refusal NOT_FOUND for one that the portal does not have."""
        found = number(self.needed("entityTypeId"))
        if found not in TYPE_NAMES:
            raise not_found("Smart process not found")
        return found


Handler = Callable[[Call], Result | Any]
"""Returns the `result`, or a Result with `next` and `total`."""


@dataclass(frozen=True, slots=True)
class Method:
    """One line of the method table. `app_only`: not for inbound webhooks; `writes`: it changes something."""

    handler: Handler
    scope: str = "crm"
    app_only: bool = False
    writes: bool = False
