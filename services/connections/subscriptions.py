"""Webhooks registered at a CRM, by its API or by an admin's hand: a secret address of ours per event."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from crm_adapters import base
from crm_adapters.base import Provider
from domain.crm import Problem
from domain.errors import CrmError
from services.clock import Clock
from storage.db import Database
from storage.delivery import integrations
from storage.delivery.integrations import Integration
from storage.hooks_in import hooks
from storage.hooks_in.hooks import BY_HAND, Hook, hook_context
from storage.ids import new_id
from storage.secrets import Vault

log = structlog.get_logger()

KEY_BYTES = 24
LOOKED_AT = timedelta(hours=24)
"""How long registrations are believed to stand: amoCRM switches off an address that failed too often."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """What an admin registers in the CRM: our address and the events to tick there. `proved` tells whether
    the settings hold what the deliveries will be known by, where the provider has such a thing."""

    url: str
    events: tuple[str, ...]
    proved: bool


def is_by_hand(adapter: Any) -> bool:
    """Whether the provider has no API for webhooks, as the settings are."""
    return isinstance(adapter, base.WebhooksByHand) and not isinstance(adapter, base.Webhooks)


class Subscriptions:
    """Registers and removes webhooks. Calls to the CRM run outside any transaction."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, public_url: str) -> None:
        self.db, self.vault, self.clock = db, vault, clock
        self.public_url = public_url.rstrip("/")

    async def renew(self, row: Integration, adapter: Any, provider: Provider) -> list[Problem]:
        """Register every event of the provider, also those that seem to be: the account may be new."""
        return await self._subscribe(row, adapter, provider, provider.manifest.webhook_events)

    async def complete(self, row: Integration, adapter: Any, provider: Provider) -> list[Problem]:
        """Register the events that have no webhook yet; once a day look whether the others still stand."""
        if row.subscribed_at is None or row.subscribed_at + LOOKED_AT <= self.clock():
            return await self.inspect(row, adapter, provider)
        here = {hook.event for hook in await self._registered(row)}
        missing = [event for event in provider.manifest.webhook_events if event not in here]
        return await self._subscribe(row, adapter, provider, missing)

    async def inspect(self, row: Integration, adapter: Any, provider: Provider) -> list[Problem]:
        """Ask the CRM which webhooks stand, and register those that are gone or switched off."""
        if not isinstance(adapter, base.WebhooksListed):
            return await self.renew(row, adapter, provider)
        try:
            standing = await adapter.standing()
        except CrmError as error:
            log.warning("webhook.not_listed", integration=str(row.id), code=error.code)
            standing = frozenset()
        here = {hook.event for hook in await self._registered(row) if hook.external_id in standing}
        missing = [event for event in provider.manifest.webhook_events if event not in here]
        return await self._subscribe(row, adapter, provider, missing)

    async def end(self, row: Integration, adapter: Any) -> None:
        """Remove all of them at the CRM. Raises CrmError."""
        if not isinstance(adapter, base.Webhooks):
            return
        for hook in await self._registered(row):
            await adapter.unsubscribe(hook.external_id)
            async with self.db.transaction(row.organization_id) as session:
                await hooks.change(session, hook.id, external_id="", secret=None)

    async def by_hand(self, row: Integration, adapter: Any, provider: Provider) -> ByHand | None:
        """What an admin registers himself; None where the API does it, or nobody can reach us."""
        if not is_by_hand(adapter) or not self.public_url:
            return None
        hook = await self._hook_by_hand(row, provider)
        made = adapter.webhook_by_hand(self._url(hook))
        events = tuple(made.event.split())
        async with self.db.transaction(row.organization_id) as session:
            await hooks.change(
                session,
                hook.id,
                event=events[0] if len(events) == 1 else "",
                secret=self.vault.seal({"secret": made.secret}, hook_context(hook)),
            )
        return ByHand(made.url, events, bool(made.secret))

    async def _registered(self, row: Integration) -> list[Hook]:
        async with self.db.reading(row.organization_id) as session:
            every = await hooks.of_integration(session, row.id)
        return [hook for hook in every if hook.external_id not in ("", BY_HAND)]

    async def _subscribe(
        self, row: Integration, adapter: Any, provider: Provider, events: Iterable[str]
    ) -> list[Problem]:
        if is_by_hand(adapter):
            return await self._suggest(row, adapter, provider)
        if not isinstance(adapter, base.Webhooks):
            return []
        problems = []
        for event in events:
            if not self.public_url:
                problems.append(Problem("webhook_needs_public_url", params={"event": event}))
                continue
            hook = await self._hook(row, provider, event)
            try:
                await self._register(hook, adapter)
            except CrmError as error:
                log.warning("webhook.not_registered", integration=str(row.id), topic=event, code=error.code)
                params = {"event": event, "error": error.code, "reason": error.reason}
                problems.append(Problem("webhook_failed", params=params))
        if not problems:
            await self._note(row, self.clock())
        return problems

    async def _suggest(self, row: Integration, adapter: Any, provider: Provider) -> list[Problem]:
        """Have the address ready for the admin, and tell what is still to be done."""
        found = await self.by_hand(row, adapter, provider)
        if found is None:
            return [Problem("webhook_needs_public_url")]
        await self._note(row, self.clock())
        return [] if row.subscribed_at is not None else [Problem("webhook_by_hand")]

    async def _note(self, row: Integration, moment: datetime) -> None:
        async with self.db.transaction(row.organization_id) as session:
            await integrations.change(session, row.id, subscribed_at=moment)

    async def _hook(self, row: Integration, provider: Provider, event: str) -> Hook:
        """The address of an event: kept before the CRM hears of it, so that a quick call finds it."""
        async with self.db.transaction(row.organization_id) as session:
            for hook in await hooks.of_integration(session, row.id):
                if hook.event == event and hook.external_id != BY_HAND:
                    return hook
            return await self._add(session, row, provider, event, "")

    async def _hook_by_hand(self, row: Integration, provider: Provider) -> Hook:
        async with self.db.transaction(row.organization_id) as session:
            for hook in await hooks.of_integration(session, row.id):
                if hook.external_id == BY_HAND:
                    return hook
            return await self._add(session, row, provider, "", BY_HAND)

    async def _add(
        self, session: Any, row: Integration, provider: Provider, event: str, external_id: str
    ) -> Hook:
        key = secrets.token_urlsafe(KEY_BYTES)
        name = provider.manifest.name
        hook = Hook(new_id(), row.organization_id, key, name, row.id, event, external_id, None)
        await hooks.add(session, hook, self.clock())
        return hook

    async def _register(self, hook: Hook, adapter: base.Webhooks) -> None:
        made = await adapter.subscribe(hook.event, self._url(hook))
        sealed = self.vault.seal({"secret": made.secret}, hook_context(hook))
        async with self.db.transaction(hook.organization_id) as session:
            await hooks.change(session, hook.id, external_id=made.external_id, secret=sealed)

    def _url(self, hook: Hook) -> str:
        return f"{self.public_url}/webhooks/{hook.provider}/{hook.key}"
