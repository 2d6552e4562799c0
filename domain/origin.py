"""Where what is being done came from: a chat, a key of the API, a hook, with the caller's address.

It is set at the door and read where actions are written down, so that no use case has to hand it on. A task
that is started later works from nowhere in particular: a job.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ADDRESS_LIMIT = 120
_address: ContextVar[str] = ContextVar("address of the caller", default="")


@contextmanager
def acting_from(address: str) -> Iterator[None]:
    """While it is open, actions of this task come from here: "chat 42", or "api vk_ab 192.0.2.1"."""
    token = _address.set(address[:ADDRESS_LIMIT])
    try:
        yield
    finally:
        _address.reset(token)


def address_now() -> str:
    """Where the present action came from; empty for jobs."""
    return _address.get()
