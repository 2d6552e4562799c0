"""Taking deliveries of CRMs in: verified, and committed raw before anybody is answered.

Under load they share transactions: while one commits, those that arrive wait, and the first of them commits
all of them together. A single one waits for nobody.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from crm_adapters import PROVIDERS
from crm_adapters.base import Provider
from domain.errors import BadInput, VoronkaError, WebhookRefused
from services.clock import Clock
from services.connections.subscriptions import hook_context
from services.delivery.settling import is_outage
from storage import hooks, inbox
from storage.db import Database, Session
from storage.hooks import Hook
from storage.ids import new_id
from storage.inbox import Arrived
from storage.secrets import Vault
from storage.signals import Signals

TOPIC = "inbox"
MOST_TOGETHER = 500
"""Deliveries in one transaction."""

KEPT_HEADERS = frozenset({"content-type", "user-agent", "signature", "x-signature"})


@dataclass(frozen=True, slots=True)
class InboxReceipt:
    """The delivery is committed; `duplicate` when it had been already."""

    id: UUID
    duplicate: bool = False


@dataclass(eq=False, slots=True)
class _Letter:
    """A delivery on its way in. `outcome` is None until somebody has committed or refused it."""

    provider: str
    key: str
    headers: Mapping[str, str]
    body: bytes
    id: UUID = field(default_factory=new_id)
    hook: Hook | None = None
    event_id: str = ""
    learnt: str = ""
    outcome: InboxReceipt | Exception | None = None


class Intake:
    """Verifies and commits deliveries."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, signals: Signals) -> None:
        self.db, self.vault, self.clock, self.signals = db, vault, clock, signals
        self._turn = asyncio.Lock()
        self._waiting: list[_Letter] = []

    async def take(self, provider: str, key: str, headers: Mapping[str, str], body: bytes) -> InboxReceipt:
        """Returns when the delivery is committed. Raises WebhookRefused, or what the database ended in."""
        letter = _Letter(provider, key, headers, body)
        self._waiting.append(letter)
        try:
            async with self._turn:
                if letter.outcome is None:
                    await self._take_together(letter)
        finally:
            if letter in self._waiting:
                self._waiting.remove(letter)
        if isinstance(letter.outcome, Exception):
            raise letter.outcome
        assert letter.outcome is not None
        return letter.outcome

    async def _take_together(self, first: _Letter) -> None:
        """Settle a letter with the others that wait. Where one of them cannot be kept, each is by itself:
        none must suffer from another's body. While the database is away, that holds for all of them."""
        others = [one for one in self._waiting if one is not first and one.outcome is None]
        letters = [first, *others[: MOST_TOGETHER - 1]]
        try:
            await self._commit(letters)
        except Exception as error:
            for letter in letters:
                letter.outcome = error if is_outage(error) or len(letters) == 1 else None
            if first.outcome is None:
                await self._take_alone(first)
        settled = {id(one) for one in letters if one.outcome is not None}
        self._waiting = [one for one in self._waiting if id(one) not in settled]

    async def _take_alone(self, letter: _Letter) -> None:
        try:
            await self._commit([letter])
        except Exception as error:
            letter.outcome = error

    async def _commit(self, letters: Sequence[_Letter]) -> None:
        await self._find_hooks(letters)
        for letter in letters:
            try:
                self._verify(letter)
            except VoronkaError as error:
                letter.outcome = error
        kept = [letter for letter in letters if letter.outcome is None]
        if not kept:
            return
        async with self.db.transaction(system=True) as session:
            new = await self._keep(session, kept)
            session.after_commit(lambda: self.signals.wake(TOPIC))
        for letter in kept:
            letter.outcome = InboxReceipt(letter.id, duplicate=letter.id not in new)

    async def _find_hooks(self, letters: Sequence[_Letter]) -> None:
        async with self.db.reading(system=True) as session:
            found = await hooks.by_keys(session, {letter.key for letter in letters})
            for letter in letters:
                letter.hook = found.get(letter.key)
                if letter.hook is None and await hooks.is_left(session, letter.key, letter.provider):
                    letter.outcome = WebhookRefused(reason="gone")

    def _verify(self, letter: _Letter) -> None:
        """Raises WebhookRefused for a letter that nobody vouches for."""
        if letter.outcome is not None:
            return
        hook, kind = letter.hook, PROVIDERS.get(letter.provider)
        if hook is None or kind is None or hook.provider != letter.provider:
            raise WebhookRefused(reason="unknown_key")
        secret = self.vault.open(hook.secret, hook_context(hook)).get("secret", "")
        letter.learnt = "" if secret else _introduced(kind, hook, letter.body)
        kind.verify(letter.headers, letter.body, hook.external_id, secret or letter.learnt)
        letter.event_id = _event_id(kind, hook, letter.body)

    async def _keep(self, session: Session, letters: Sequence[_Letter]) -> frozenset[UUID]:
        new: set[UUID] = set()
        for organization_id, own in _by_organization(letters):
            scoped = session.scoped(organization_id, system=False)
            new |= await inbox.add_all(scoped, [_arrived(one) for one in own], self.clock())
            first = {one.hook.id: (one.hook, one.learnt) for one in reversed(own) if one.hook}
            for hook, learnt in first.values():
                if learnt:
                    sealed = self.vault.seal({"secret": learnt}, hook_context(hook))
                    await hooks.change(scoped, hook.id, secret=sealed)
        return frozenset(new)


def _by_organization(letters: Iterable[_Letter]) -> Iterable[tuple[UUID, list[_Letter]]]:
    """In the order in which they came."""
    owned = [(one.hook.organization_id, one) for one in letters if one.hook is not None]
    for organization_id, own in groupby(sorted(owned, key=lambda one: one[0]), key=lambda one: one[0]):
        yield organization_id, [letter for _, letter in own]


def _arrived(letter: _Letter) -> Arrived:
    assert letter.hook is not None
    headers = {name: value for name, value in letter.headers.items() if name in KEPT_HEADERS}
    return Arrived(letter.id, letter.hook.id, letter.event_id, headers, letter.body)


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
