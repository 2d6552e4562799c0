"""Keys that a CRM replaces while they are in use (OAuth): renewed once, whoever needs them.

Refresh tokens are used up by being used, so two tasks or two processes must never refresh with the same
one. Within an adapter a lock sees to that; between processes the product's `Renew` does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from domain.errors import CrmAccessLost

Refresh = Callable[[Mapping[str, str]], Awaitable[Mapping[str, str]]]
"""(settings in force) -> those of them that are new, as the CRM answered; empty ones are used up. Raises
CrmError, GrantLost among them."""

Renew = Callable[[Mapping[str, str], Refresh], Awaitable[Mapping[str, str]]]
"""(settings that were refused, refresh) -> the new ones among them. Lets one caller at a time in per
integration, over all processes. When the kept ones differ from the refused ones somebody was faster: those
are returned. Otherwise refresh is awaited and its result is kept before it is returned."""


class GrantLost(CrmAccessLost):
    """The refresh token or the code is revoked, expired or used up: an admin must allow us in again."""


class Credentials:
    """The settings of one adapter, whose tokens change. Share it between the adapter's tasks."""

    def __init__(self, settings: Mapping[str, str], renew: Renew | None = None) -> None:
        self._current: Mapping[str, str] = dict(settings)
        self._renew = renew
        self._lock = asyncio.Lock()

    @property
    def current(self) -> Mapping[str, str]:
        """The settings in force. Keep the mapping that a request was made with: `renew` asks for it."""
        return self._current

    async def renew(self, refused: Mapping[str, str], refresh: Refresh) -> Mapping[str, str]:
        """New settings in place of those that the CRM refused; refreshed once however many tasks ask."""
        async with self._lock:
            if self._current is not refused:
                return self._current
            if self._renew is None:
                fresh = await refresh(refused)
            else:
                fresh = await self._renew(refused, refresh)
            self._current = {**self._current, **fresh}
            return self._current
