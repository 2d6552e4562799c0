"""What a CRM did not keep of what was written: attributes that it dropped without a word, or lacks.

Adapters tell their names, never values. Whoever makes the call may watch: the names come to the watcher
of the task that made it, and always into the log.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

_watched: ContextVar[set[str] | None] = ContextVar("lost_attributes", default=None)


def tell(provider: str, entity: str, attributes: Iterable[str]) -> None:
    """Note that these attributes of `entity` did not get into the CRM; nothing for none."""
    names = sorted(attributes)
    if not names:
        return
    log = structlog.get_logger(f"crm_adapters.{provider}")
    log.warning("crm_fields_dropped", provider=provider, entity=entity, fields=names)
    watched = _watched.get()
    if watched is not None:
        watched.update(names)


@contextmanager
def watching() -> Iterator[set[str]]:
    """The names that are told within, in this task and in those it starts."""
    names: set[str] = set()
    token = _watched.set(names)
    try:
        yield names
    finally:
        _watched.reset(token)
