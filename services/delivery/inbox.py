"""What CRMs tell us: verified, kept raw before it is answered, worked off afterwards."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID

import structlog

from crm_adapters import PROVIDERS
from crm_adapters.base import Provider
from domain.crm import CrmEvent, CrmEventKind
from domain.errors import (
    BadInput,
    CrmAccessLost,
    CrmRateLimited,
    CrmUnavailable,
    TooLate,
    VoronkaError,
    WebhookRefused,
)
from services import website_form
from services.access import open_to
from services.clock import Clock
from services.connections.subscriptions import hook_context
from services.delivery.retry import SPREAD
from services.delivery.sync import CrmSync
from services.two_ways.incoming import Applied
from services.website_form import WebsiteForm
from storage import hooks, inbox
from storage.db import Database
from storage.hooks import Hook
from storage.ids import new_id
from storage.inbox import InboxRow, InboxState
from storage.secrets import Vault
from storage.signals import Signals

log = structlog.get_logger()

TOPIC = "inbox"
LEASE = timedelta(seconds=60)
FLOOR = 1.0
SOURCES_AT_ONCE = 8
KEPT_HEADERS = frozenset({"content-type", "user-agent", "signature", "x-signature"})

_FOLLOWED = frozenset({CrmEventKind.LEAD_CREATED, CrmEventKind.LEAD_CHANGED, CrmEventKind.LEAD_DELETED})
_LATER = (CrmUnavailable, CrmRateLimited, CrmAccessLost, TooLate)


@dataclass(frozen=True, slots=True)
class InboxReceipt:
    """The delivery is committed; `duplicate` when it had been already."""

    id: UUID
    duplicate: bool = False


class Inbox:
    """Takes deliveries and works them off."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        signals: Signals,
        crm_sync: CrmSync,
        form: WebsiteForm,
        retry_delays: Sequence[timedelta],
        random: Random,
    ) -> None:
        self.db, self.vault, self.clock, self.signals = db, vault, clock, signals
        self.crm_sync, self.form = crm_sync, form
        self._delays, self._random = tuple(retry_delays), random

    @open_to("anyone with the key")
    async def receive(self, provider: str, key: str, headers: Mapping[str, str], body: bytes) -> InboxReceipt:
        """Verify and commit a delivery. `headers` have lower-case names.

        Raises WebhookRefused: with reason unknown_key for a key that is not of this provider, gone for one
        that we could not take back at a CRM, without one for a wrong signature.
        """
        async with self.db.reading(system=True) as session:
            hook = await hooks.by_key(session, key)
            left = hook is None and await hooks.is_left(session, key, provider)
        kind = PROVIDERS.get(provider)
        if hook is None or kind is None or hook.provider != provider:
            raise WebhookRefused(reason="gone" if left else "unknown_key")
        secret = self.vault.open(hook.secret, hook_context(hook)).get("secret", "")
        learnt = "" if secret else _introduced(kind, hook, body)
        kind.verify(headers, body, hook.external_id, secret or learnt)
        row_id = new_id()
        async with self.db.transaction(hook.organization_id) as session:
            new = await inbox.add(
                session,
                row_id,
                hook.id,
                event_id=_event_id(kind, hook, body),
                headers={name: value for name, value in headers.items() if name in KEPT_HEADERS},
                body=body,
                state=InboxState.PENDING,
                now=self.clock(),
            )
            if learnt:
                sealed = self.vault.seal({"secret": learnt}, hook_context(hook))
                await hooks.change(session, hook.id, secret=sealed)
            session.after_commit(lambda: self.signals.wake(TOPIC))
        return InboxReceipt(row_id, duplicate=not new)

    @open_to("the scheduler")
    async def work_once(self) -> int:
        """Work off the oldest due delivery of every source, and return how many those were."""
        now = self.clock()
        async with self.db.transaction(system=True) as session:
            claimed = await inbox.claim(session, now, now + LEASE, SOURCES_AT_ONCE)
        await asyncio.gather(*(self._work_off(row) for row in claimed))
        return len(claimed)

    @open_to("the worker")
    async def loop(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        while not stop.is_set():
            try:
                worked = await self.work_once()
            except Exception as error:  # the database may be away; the rows wait there
                log.warning("inbox.no_database", error=type(error).__name__)
                worked = 0
            if not worked:
                await self.signals.wait(TOPIC, FLOOR)

    async def _work_off(self, row: InboxRow) -> None:
        try:
            if row.provider == website_form.PROVIDER:
                await self.form.work_off(row)
                return
            state = await self._follow(row)
        except BadInput as error:
            if row.provider != website_form.PROVIDER:
                await self._settle(row, InboxState.FAILED, f"{error.field}: {error.reason}")
        except VoronkaError as error:
            await self._later_or_fail(row, error)
        except Exception as error:
            log.exception("inbox.fault", delivery=str(row.id))
            await self._settle(row, InboxState.FAILED, type(error).__name__)
        else:
            await self._settle(row, state)

    async def _follow(self, row: InboxRow) -> InboxState:
        """Apply every event of a delivery; what is not about leads of ours is ignored."""
        assert row.integration_id is not None
        results = set()
        for event in PROVIDERS[row.provider].parse(row.event, row.body):
            results.add(await self._apply(row, row.integration_id, event))
            async with self.db.transaction(row.organization_id) as session:
                await inbox.renew(session, row.id, self.clock() + LEASE)
        return InboxState.DONE if results - {Applied.IGNORED} else InboxState.IGNORED

    async def _apply(self, row: InboxRow, integration_id: UUID, event: CrmEvent) -> Applied:
        if event.kind not in _FOLLOWED:
            return Applied.IGNORED
        return await self.crm_sync.apply_remote(
            row.organization_id, integration_id, event.external_id, row.received_at
        )

    async def _later_or_fail(self, row: InboxRow, error: VoronkaError) -> None:
        if not isinstance(error, _LATER) or row.attempts >= len(self._delays):
            await self._settle(row, InboxState.FAILED, error.code)
            return
        due = self.clock() + self._delays[row.attempts] * self._random.uniform(1 - SPREAD, 1 + SPREAD)
        wanted = getattr(error, "retry_at", None)
        async with self.db.transaction(row.organization_id) as session:
            await inbox.postpone(session, row, max(due, wanted) if wanted else due, error.code)

    async def _settle(self, row: InboxRow, state: InboxState, error: str = "") -> None:
        async with self.db.transaction(row.organization_id) as session:
            await inbox.settle(session, row.id, state, self.clock(), error)


def _introduced(kind: Provider, hook: Hook, body: bytes) -> str:
    """What the first delivery is known by, where the CRM tells it in no other way. The address, which we
    gave to the CRM alone, proves this one."""
    if kind.introduced is None or hook.external_id in ("", hooks.BY_HAND):
        return ""
    try:
        return kind.introduced(body)
    except BadInput:
        return ""


def _event_id(kind: Provider, hook: Hook, body: bytes) -> str:
    """The vendor's id of the delivery: those of its events, empty where one has none or none is readable."""
    try:
        ids = [event.event_id for event in kind.parse(hook.event, body)]
    except BadInput:
        return ""
    if not ids or not all(ids):
        return ""
    return ids[0][:200] if len(ids) == 1 else hashlib.sha256("\n".join(ids).encode()).hexdigest()
