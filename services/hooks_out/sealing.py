"""What of a subscription is kept sealed: its whole address, which may hold a key, and its secrets."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from storage.hooks_out.hooks_out import Sealed
from storage.secrets import Vault


@dataclass(frozen=True, slots=True)
class Opened:
    """`old` signs along until the hook's `old_until`; empty without one."""

    address: str = field(repr=False)
    secret: str = field(repr=False)
    old: str = field(default="", repr=False)

    def signing(self, old_until: datetime | None, now: datetime) -> tuple[str, ...]:
        """The secrets that sign at a moment, the present one first."""
        both = self.old and old_until is not None and now < old_until
        return (self.secret, self.old) if both else (self.secret,)


def _context(hook_id: UUID) -> str:
    return f"hooks_out:{hook_id}"


def sealed(vault: Vault, hook_id: UUID, given: Opened) -> bytes:
    values = {"address": given.address, "secret": given.secret, "old": given.old}
    return vault.seal(values, _context(hook_id))


def opened(vault: Vault, one: Sealed) -> Opened:
    """Raises BadInput when no key of ours opens it."""
    return Opened(**vault.open(one.sealed, _context(one.hook.id)))
