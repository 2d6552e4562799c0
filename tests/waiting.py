"""Waiting for what happens by itself: it is looked at again and again until it is so."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def until(seen: Callable[[], Awaitable[T]], *, seconds: float = ..., pause: float = ...) -> T: ...


@overload
async def until(seen: Callable[[], T], *, seconds: float = ..., pause: float = ...) -> T: ...


async def until(seen: Callable[[], Any], *, seconds: float = 10, pause: float = 0.02) -> Any:
    """What `seen` gives (or what comes of awaiting that) as soon as it is true. With a pause of 0 everybody
    else runs one step between two looks. Raises AssertionError with the last that was seen."""
    clock = asyncio.get_running_loop().time
    last = clock() + seconds
    while True:
        found = seen()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        assert clock() < last, f"not so within {seconds:g} s, but {found!r}"
        await asyncio.sleep(pause)


async def worked_off(step: Callable[[], Awaitable[object]]) -> None:
    """Do the step until it finds nothing more to do."""
    while await step():
        pass
