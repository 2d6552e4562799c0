"""Moving everything that is sealed to the current key, while the product goes on working.

Values are rewrapped in small batches, each only where it is still what was read: whoever has written a new
one meanwhile wins, and the next walk finds it if that was sealed with the old key. A walk can be broken off
at any moment and begun anew.
"""

from dataclasses import dataclass, field

import structlog

from domain.errors import BadInput
from services.access import open_to
from storage import sealed
from storage.db import Database
from storage.sealed import SEALED, Held, Sealed
from storage.secrets import Vault, key_id_of

log = structlog.get_logger()

BATCH = 50
WALKS = 5
"""How often is begun anew for what was written with the old key meanwhile."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """`keys` are how many values each key has sealed now, by its id in hexadecimal digits, `current` the id
    of the key that seals. `lost` are values that no key of ours opens: table.column and the row's key."""

    current: str
    rewrapped: int = 0
    keys: dict[str, int] = field(default_factory=dict)
    lost: tuple[str, ...] = ()

    @property
    def old_needed(self) -> bool:
        """Whether something is still sealed with another key."""
        return any(key != self.current for key in self.keys)


class Rotation:
    """Rewraps what is sealed."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self.db, self.vault = db, vault

    @open_to("operators")
    async def keys(self) -> Rotated:
        """Which keys are in use; nothing is changed."""
        return Rotated(self.vault.current.hex(), keys=await self._in_use())

    @open_to("operators")
    async def rotate(self) -> Rotated:
        """Rewrap everything that the current key has not sealed."""
        total, lost = 0, list[str]()
        for _walk in range(WALKS):
            done, lost = 0, []
            for one in SEALED:
                count, gone = await self._column(one)
                done, lost = done + count, lost + gone
            total += done
            if not done:
                break
        keys = await self._in_use()
        log.info("secrets.rotated", count=total, keys=len(keys), lost=len(lost))
        return Rotated(self.vault.current.hex(), total, keys, tuple(lost))

    async def _column(self, one: Sealed) -> tuple[int, list[str]]:
        done, lost, after = 0, list[str](), None
        while True:
            async with self.db.transaction(system=True) as s:
                found = await sealed.with_other_key(s, one, self.vault.current, after, BATCH)
                for held in found:
                    fresh = self._rewrapped(one, held)
                    if fresh is None:
                        lost.append(f"{one.name} {held.key} (key {key_id_of(held.value).hex()})")
                    else:
                        done += await sealed.replace(s, one, held, fresh)
            if len(found) < BATCH:
                return done, lost
            after = found[-1].key

    def _rewrapped(self, one: Sealed, held: Held) -> bytes | None:
        try:
            return self.vault.rewrap(held.value, one.context(held.bound))
        except BadInput:
            return None

    async def _in_use(self) -> dict[str, int]:
        found: dict[str, int] = {}
        async with self.db.reading(system=True) as s:
            for one in SEALED:
                for key_id, many in (await sealed.in_use(s, one)).items():
                    found[key_id.hex()] = found.get(key_id.hex(), 0) + many
        return found
