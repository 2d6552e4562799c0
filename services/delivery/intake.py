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
from storage.db import Database, Session
from storage.hooks_in import hooks, inbox
from storage.hooks_in.hooks import Hook
from storage.hooks_in.inbox import Arrived
from storage.ids import new_id
from storage.replicas.signals import Signals
from storage.secrets import Vault

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
    turn: asyncio.Future[None]
    id: UUID = field(default_factory=new_id)
    hook: Hook | None = None
    event_id: str = ""
    learnt: str = ""
    outcome: InboxReceipt | Exception | None = None


class Intake:
    """Verifies and commits deliveries."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, signals: Signals) -> None:
        self.db, self.vault, self.clock, self.signals = db, vault, clock, signals
        self._waiting: list[_Letter] = []
        self._busy = False

    async def take(self, provider: str, key: str, headers: Mapping[str, str], body: bytes) -> InboxReceipt:
        """Returns when the delivery is committed. Raises WebhookRefused, or what the database ended in."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        letter = _Letter(provider, key, headers, body, turn)
        if self._busy:
            await self._wait(letter)
        if letter.outcome is None:
            await self._take_together(letter)
        if isinstance(letter.outcome, Exception):
            raise letter.outcome
        assert letter.outcome is not None
        return letter.outcome

    async def _wait(self, letter: _Letter) -> None:
        """Until somebody has settled the letter, or it is its turn to be the first of those that wait."""
        self._waiting.append(letter)
        try:
            await letter.turn
        except asyncio.CancelledError:
            if letter in self._waiting:
                self._waiting.remove(letter)
            elif letter.outcome is None and not letter.turn.cancelled():
                self._hand_on()
            raise

    async def _take_together(self, first: _Letter) -> None:
        """Settle a letter with the others that wait, and let the next of them begin."""
        self._busy = True
        others, self._waiting = self._waiting[: MOST_TOGETHER - 1], self._waiting[MOST_TOGETHER - 1 :]
        try:
            await self._settle([first, *others])
        finally:
            # whoever was cut off in the middle leaves the others as they were
            self._waiting[:0] = [one for one in others if one.outcome is None]
            for one in others:
                if one.outcome is not None and not one.turn.done():
                    one.turn.set_result(None)
            self._hand_on()

    def _hand_on(self) -> None:
        self._busy = False
        while self._waiting and not self._busy:
            following = self._waiting.pop(0)
            if not following.turn.done():
                following.turn.set_result(None)
                self._busy = True

    async def _settle(self, letters: Sequence[_Letter]) -> None:
        """None must suffer from another's body: where letters cannot be kept together, each half is tried
        by itself. While the database is away, that holds for all of them."""
        try:
            await self._commit(letters)
        except Exception as error:
            if is_outage(error) or len(letters) == 1:
                for letter in letters:
                    letter.outcome = error
                return
            for letter in letters:
                letter.outcome = None
            half = len(letters) // 2
            await self._settle(letters[:half])
            await self._settle(letters[half:])

    async def _commit(self, letters: Sequence[_Letter]) -> None:
        if self.db.is_sqlite:
            # its one writer is not kept waiting by letters that nobody vouches for
            async with self.db.reading(system=True) as session:
                kept = await self._vouched_for(session, letters)
        if self.db.is_sqlite and not kept:
            return
        async with self.db.transaction(system=True) as session:
            if not self.db.is_sqlite:
                kept = await self._vouched_for(session, letters)
            new = await self._keep(session, kept)
            if new:
                session.after_commit(lambda: self.signals.wake(TOPIC))
        for letter in kept:
            letter.outcome = InboxReceipt(letter.id, duplicate=letter.id not in new)

    async def _vouched_for(self, session: Session, letters: Sequence[_Letter]) -> Sequence[_Letter]:
        """Those that are to be kept; the others have their outcome."""
        found = await hooks.by_keys(session, {letter.key for letter in letters})
        secrets = {key: self._secret(hook) for key, hook in found.items()}
        for letter in letters:
            letter.hook = found.get(letter.key)
            try:
                if letter.hook is None and await hooks.is_left(session, letter.key, letter.provider):
                    raise WebhookRefused(reason="gone")
                _verify(letter, secrets.get(letter.key))
            except VoronkaError as error:
                letter.outcome = error
        return [letter for letter in letters if letter.outcome is None]

    def _secret(self, hook: Hook) -> str | VoronkaError:
        """What the CRM signs with, empty where it does not; or why our own key does not open it."""
        try:
            return self.vault.open(hook.secret, hook_context(hook)).get("secret", "")
        except VoronkaError as error:
            return error

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


def _verify(letter: _Letter, secret: str | VoronkaError | None) -> None:
    """Raises WebhookRefused for a letter that nobody vouches for."""
    hook, kind = letter.hook, PROVIDERS.get(letter.provider)
    if hook is None or kind is None or hook.provider != letter.provider:
        raise WebhookRefused(reason="unknown_key")
    if not isinstance(secret, str):
        raise secret or WebhookRefused
    letter.learnt = "" if secret else _introduced(kind, hook, letter.body)
    kind.verify(letter.headers, letter.body, hook.external_id, secret or letter.learnt)
    letter.event_id = _event_id(kind, hook, letter.body)


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
