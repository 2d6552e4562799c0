"""Keys that a CRM replaces while they are in use (OAuth): renewed by one of all processes, and kept first.

A refresh token is used up by being used, so whoever renews writes a mark into the integration's row before
the CRM is asked; the others wait for what he keeps. No transaction is open while the CRM is asked. When the
answer is lost on the way, or we die before it is kept, the token is tried once more; if it turns out to be
used up, only an admin can help.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

import structlog

from crm_adapters.credentials import GrantLost, Refresh, Renew
from domain.errors import CrmAccessLost, CrmError, CrmRateLimited, CrmUnsupported
from services.clock import Clock
from storage.db import Database, Session
from storage.delivery import renewals
from storage.delivery.integrations import Integration
from storage.delivery.renewals import Mark
from storage.secrets import Vault

log = structlog.get_logger()

TOKENS = ("access_token", "refresh_token", "auth_code")
LASTS = timedelta(seconds=60)
"""How long a mark counts: longer than a call to a CRM may take."""

LOOKS_EVERY = 0.1
LOOKS = 100
GRANT_LOST = "grant_lost"
"""Reason of CrmAccessLost: revoked, expired, or used up by a renewal whose answer was lost."""

Sleep = Callable[[float], Awaitable[None]]


class Renewal:
    """Renews keys of integrations that are kept."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self.db, self.vault, self.clock, self._sleep = db, vault, clock, sleep
        self._under_way: set[asyncio.Task[Mapping[str, str]]] = set()

    def of(self, row: Integration) -> Renew:
        """The `Renew` of one integration's adapter. Raises CrmAccessLost when its grant is dead,
        CrmRateLimited when somebody else has not finished yet, or what became of the refresh."""

        async def renew(refused: Mapping[str, str], refresh: Refresh) -> Mapping[str, str]:
            task = asyncio.ensure_future(_One(self, row, refused, refresh).run())
            self._under_way.add(task)
            task.add_done_callback(self._ended)
            # whoever is cancelled meanwhile must not take the new tokens along
            return await asyncio.shield(task)

        return renew

    def _ended(self, task: asyncio.Task[Mapping[str, str]]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()

    async def close(self) -> None:
        """Let what is under way be kept, before the database and the client are closed."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def pause(self) -> None:
        await self._sleep(LOOKS_EVERY)


class _One:
    """One caller who found the keys refused."""

    def __init__(
        self, renewal: Renewal, row: Integration, refused: Mapping[str, str], refresh: Refresh
    ) -> None:
        self._renewal, self._db, self._vault = renewal, renewal.db, renewal.vault
        self._id, self._organization_id = row.id, row.organization_id
        self._settings, self._refresh = refused, refresh
        self._owner = secrets.token_hex(8)

    async def run(self) -> Mapping[str, str]:
        kept = await self._take_turn()
        if kept is not None:
            return kept
        try:
            fresh = await self._refresh(self._settings)
        except CrmError as error:
            await self._leave()
            if not isinstance(error, GrantLost):
                raise
            log.warning("integration.grant_lost", integration=str(self._id), reason=error.reason)
            raise CrmAccessLost(GRANT_LOST) from None
        return await self._keep(fresh)

    async def _take_turn(self) -> Mapping[str, str] | None:
        """Keys that somebody else has renewed; None when it is for us to do."""
        until = self._renewal.clock()
        for _ in range(LOOKS):
            async with self._db.transaction(self._organization_id) as session:
                held = await self._held(session)
                now = self._renewal.clock()
                kept = self._opened(held.credentials)
                if _tokens(kept) != _tokens(self._settings):
                    if kept.get("access_token"):
                        return _renewed(kept)
                    self._settings = {**self._settings, **_tokens(kept)}
                if held.mark is None or held.mark.until <= now:
                    await renewals.set_mark(session, self._id, Mark(self._owner, now + LASTS))
                    return None
                until = held.mark.until
            await self._renewal.pause()
        raise CrmRateLimited(until, "keys are being renewed")

    async def _keep(self, fresh: Mapping[str, str]) -> Mapping[str, str]:
        """Store the new keys; ones that an admin has given meanwhile win."""
        async with self._db.transaction(self._organization_id) as session:
            held = await self._held(session)
            await self._wipe(session, held)
            kept = self._opened(held.credentials)
            if _tokens(kept) != _tokens(self._settings):
                log.warning("integration.keys_replaced_meanwhile", integration=str(self._id))
                return _renewed(kept)
            values = {name: value for name, value in {**kept, **fresh}.items() if value}
            sealed = self._vault.seal(values, sealed_for(self._id))
            await renewals.set_credentials(session, self._id, sealed)
        log.info("integration.keys_renewed", integration=str(self._id))
        return fresh

    async def _leave(self) -> None:
        async with self._db.transaction(self._organization_id) as session:
            await self._wipe(session, await self._held(session))

    async def _wipe(self, session: Session, held: renewals.Keys) -> None:
        """Take our mark away, if it is still ours."""
        if held.mark is not None and held.mark.owner == self._owner:
            await renewals.set_mark(session, self._id, None)

    async def _held(self, session: Session) -> renewals.Keys:
        held = await renewals.locked(session, self._id)
        if held is None:
            raise CrmUnsupported("no such integration")
        return held

    def _opened(self, sealed: bytes | None) -> dict[str, str]:
        return self._vault.open(sealed, sealed_for(self._id))


class FreshKeys:
    """Renews keys that are being tried before they are kept. Whoever keeps the settings keeps `fresh` with
    them: what it replaces is used up."""

    def __init__(self) -> None:
        self.fresh: dict[str, str] = {}
        self._turn = asyncio.Lock()

    async def renew(self, refused: Mapping[str, str], refresh: Refresh) -> Mapping[str, str]:
        async with self._turn:
            if not self.fresh or _tokens({**refused, **self.fresh}) == _tokens(refused):
                self.fresh |= await refresh(refused)
            return self.fresh

    def kept_with(self, settings: Mapping[str, str]) -> dict[str, str]:
        """The settings as they are now in force, without those that have become empty."""
        return {name: value for name, value in {**settings, **self.fresh}.items() if value}


def sealed_for(integration_id: UUID) -> str:
    """What an integration's sealed credentials are bound to."""
    return f"integrations:{integration_id}"


def _tokens(settings: Mapping[str, str]) -> dict[str, str]:
    return {name: settings.get(name, "") for name in TOKENS}


def _renewed(kept: Mapping[str, str]) -> dict[str, str]:
    return {**_tokens(kept), "expires_at": kept.get("expires_at", "")}
