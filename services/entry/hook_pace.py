"""Whose hook a stranger calls, known before the hook itself is looked at: so much an organization."""

from uuid import UUID

from domain.api_keys import digest_of
from services.access import open_to
from services.clock import Clock
from storage.db import Database
from storage.hooks_in import hook_secrets, hooks

REMEMBERED = 10_000


class HookOwners:
    """Remembers whose a key or a secret is: that never changes, whether it still opens or not."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock
        self._known: dict[str, UUID] = {}

    @open_to("the doors")
    def known(self, shown: str) -> UUID | None:
        """The organization of a key or a secret that was good before."""
        return self._known.get(digest_of(shown))

    @open_to("the doors")
    async def of_key(self, key: str) -> UUID | None:
        """The organization of a hook in use; None for a key of nobody's."""
        async with self.db.reading(system=True) as system:
            hook = await hooks.by_key(system, key)
        return self._remember(key, hook.organization_id) if hook is not None else None

    @open_to("the doors")
    async def of_secret(self, secret: str, provider: str) -> UUID | None:
        """The same for a secret that names its hook."""
        async with self.db.reading(system=True) as system:
            found = await hook_secrets.owner_of(system, digest_of(secret), provider, self.clock())
        return self._remember(secret, found[1].organization_id) if found is not None else None

    def _remember(self, shown: str, organization_id: UUID) -> UUID:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[digest_of(shown)] = organization_id
        return organization_id
