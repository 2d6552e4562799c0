"""Webhooks registered at a CRM: a secret address of ours per event."""

import secrets
from collections.abc import Iterable
from typing import Any

import structlog

from crm_adapters import base
from crm_adapters.base import Provider
from domain.crm import Problem
from domain.errors import CrmError
from services.clock import Clock
from storage import hooks
from storage.db import Database
from storage.hooks import Hook
from storage.ids import new_id
from storage.integrations import Integration
from storage.secrets import Vault

log = structlog.get_logger()

KEY_BYTES = 24


def hook_context(hook: Hook) -> str:
    """What a hook's sealed secret is bound to."""
    return f"hooks:{hook.id}"


class Subscriptions:
    """Registers and removes webhooks. Calls to the CRM run outside any transaction."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, public_url: str) -> None:
        self.db, self.vault, self.clock = db, vault, clock
        self.public_url = public_url.rstrip("/")

    async def renew(self, row: Integration, adapter: Any, provider: Provider) -> list[Problem]:
        """Register every event of the provider, also those that seem to be: the account may be new."""
        return await self._subscribe(row, adapter, provider, provider.manifest.webhook_events)

    async def complete(self, row: Integration, adapter: Any, provider: Provider) -> list[Problem]:
        """Register the events that have no webhook yet."""
        async with self.db.reading(row.organization_id) as session:
            here = {hook.event for hook in await hooks.of_integration(session, row.id) if hook.external_id}
        missing = [event for event in provider.manifest.webhook_events if event not in here]
        return await self._subscribe(row, adapter, provider, missing)

    async def end(self, row: Integration, adapter: Any) -> None:
        """Remove all of them at the CRM. Raises CrmError."""
        if not isinstance(adapter, base.Webhooks):
            return
        async with self.db.reading(row.organization_id) as session:
            subscribed = [hook for hook in await hooks.of_integration(session, row.id) if hook.external_id]
        for hook in subscribed:
            await adapter.unsubscribe(hook.external_id)
            async with self.db.transaction(row.organization_id) as session:
                await hooks.change(session, hook.id, external_id="", secret=None)

    async def _subscribe(
        self, row: Integration, adapter: Any, provider: Provider, events: Iterable[str]
    ) -> list[Problem]:
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
        return problems

    async def _hook(self, row: Integration, provider: Provider, event: str) -> Hook:
        """The address of an event: kept before the CRM hears of it, so that a quick call finds it."""
        async with self.db.transaction(row.organization_id) as session:
            for hook in await hooks.of_integration(session, row.id):
                if hook.event == event:
                    return hook
            key = secrets.token_urlsafe(KEY_BYTES)
            hook = Hook(new_id(), row.organization_id, key, provider.manifest.name, row.id, event, "", None)
            await hooks.add(session, hook, self.clock())
            return hook

    async def _register(self, hook: Hook, adapter: base.Webhooks) -> None:
        url = f"{self.public_url}/webhooks/{hook.provider}/{hook.key}"
        made = await adapter.subscribe(hook.event, url)
        sealed = self.vault.seal({"secret": made.secret}, hook_context(hook))
        async with self.db.transaction(hook.organization_id) as session:
            await hooks.change(session, hook.id, external_id=made.external_id, secret=sealed)
