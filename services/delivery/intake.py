"""Taking deliveries of CRMs in: verified, and committed raw before anybody is answered."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from crm_adapters import PROVIDERS, Letters
from domain.errors import BadInput, VoronkaError, WebhookRefused
from services.access import open_to
from services.clock import Clock
from storage.db import Database, Session
from storage.hooks_in import hooks, inbox
from storage.hooks_in.hooks import Hook, hook_context
from storage.hooks_in.inbox import Arrived
from storage.ids import new_id
from storage.replicas.signals import Signals
from storage.secrets import Vault
from storage.together import Way

TOPIC = "inbox"
KEPT_HEADERS = frozenset({"content-type", "user-agent", "signature", "x-signature"})


@dataclass(frozen=True, slots=True)
class InboxReceipt:
    """The delivery is committed; `duplicate` when it had been already."""

    id: UUID
    duplicate: bool = False


@dataclass(eq=False, slots=True)
class _Letter:
    """A delivery on its way in."""

    provider: str
    key: str
    headers: Mapping[str, str]
    body: bytes
    id: UUID = field(default_factory=new_id)
    hook: Hook | None = None
    event_id: str = ""
    learnt: str = ""


class Intake:
    """Verifies and commits deliveries."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, signals: Signals) -> None:
        self.db, self.vault, self.clock, self.signals = db, vault, clock, signals
        self._way = Way(self._keep, self._vouch)

    @open_to("anyone with the key")
    async def receive(self, provider: str, key: str, headers: Mapping[str, str], body: bytes) -> InboxReceipt:
        """Verify and commit a delivery: it returns when that is done. `headers` have lower-case names.

        Raises what the database ended in, and WebhookRefused: with reason unknown_key for a key that is not
        of this provider, gone for one that we could not take back at a CRM, without one for a wrong
        signature.
        """
        return await self.db.together.take(self._way, _Letter(provider, key, headers, body))

    async def _vouch(self, session: Session, letters: Sequence[_Letter]) -> Sequence[Exception | None]:
        found = await hooks.by_keys(session, {letter.key for letter in letters})
        secrets = {key: self._secret(hook) for key, hook in found.items()}
        errors: list[Exception | None] = []
        for letter in letters:
            letter.hook = found.get(letter.key)
            try:
                if letter.hook is None and await hooks.is_left(session, letter.key, letter.provider):
                    raise WebhookRefused(reason="gone")
                _verify(letter, secrets.get(letter.key))
            except VoronkaError as error:
                errors.append(error)
            else:
                errors.append(None)
        return errors

    def _secret(self, hook: Hook) -> str | VoronkaError:
        """What the CRM signs with, empty where it does not; or why our own key does not open it."""
        try:
            return self.vault.open(hook.secret, hook_context(hook)).get("secret", "")
        except VoronkaError as error:
            return error

    async def _keep(self, session: Session, letters: Sequence[_Letter]) -> Sequence[InboxReceipt]:
        new = await inbox.add(session, [_arrived(one) for one in letters], self.clock())
        introduced = {one.hook.id: (one.hook, one.learnt) for one in reversed(letters) if one.hook}
        for hook, learnt in introduced.values():
            if learnt:
                sealed = self.vault.seal({"secret": learnt}, hook_context(hook))
                scoped = session.scoped(hook.organization_id, system=False)
                await hooks.change(scoped, hook.id, secret=sealed)
        if new:
            session.after_commit(lambda: self.signals.wake(TOPIC))
        return [InboxReceipt(one.id, duplicate=one.id not in new) for one in letters]


def _verify(letter: _Letter, secret: str | VoronkaError | None) -> None:
    """Raises WebhookRefused for a letter that nobody vouches for."""
    hook, kind = letter.hook, PROVIDERS.letters(letter.provider)
    if hook is None or kind is None or hook.provider != letter.provider:
        raise WebhookRefused(reason="unknown_key")
    if not isinstance(secret, str):
        raise secret or WebhookRefused
    letter.learnt = "" if secret else _introduced(kind, hook, letter.body)
    kind.verify(letter.headers, letter.body, hook.external_id, secret or letter.learnt)
    letter.event_id = _event_id(kind, hook, letter.body)


def _arrived(letter: _Letter) -> Arrived:
    assert letter.hook is not None
    headers = {name: value for name, value in letter.headers.items() if name in KEPT_HEADERS}
    hook = letter.hook
    return Arrived(letter.id, hook.organization_id, hook.id, letter.event_id, headers, letter.body)


def _introduced(kind: Letters, hook: Hook, body: bytes) -> str:
    """What the first delivery is known by, where the CRM tells it in no other way. The address, which we
    gave to the CRM alone, proves this one."""
    if kind.introduced is None or hook.external_id in ("", hooks.BY_HAND):
        return ""
    try:
        return kind.introduced(body)
    except BadInput:
        return ""


def _event_id(kind: Letters, hook: Hook, body: bytes) -> str:
    """The vendor's id of the delivery: those of its events, empty where one has none or none is readable."""
    try:
        ids = [event.event_id for event in kind.parse(hook.event, body)]
    except BadInput:
        return ""
    if not ids or not all(ids):
        return ""
    return ids[0][:200] if len(ids) == 1 else hashlib.sha256("\n".join(ids).encode()).hexdigest()
