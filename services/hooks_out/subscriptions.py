"""Subscriptions to events: made, changed, rotated, paused and removed by admins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from crm_adapters.hook_http import HookHttp
from domain.errors import BadInput, NotFound, TooLate
from domain.fields import read_text
from domain.hooks_out import (
    EVENTS,
    HOOKS_LIMIT,
    NAME_LIMIT,
    OLD_SECRET_FOR,
    Hook,
    HookState,
    new_secret,
)
from domain.members import Member, Right
from services.access import needs
from services.clock import Clock
from services.entry.confirming import confirmed
from services.hooks_out.sealing import Opened, opened, sealed
from storage.db import Database, Session
from storage.hooks_out import hooks_out as rows
from storage.hooks_out.hooks_out import Sealed
from storage.ids import new_id
from storage.planning import activities as audit_rows
from storage.secrets import Vault


class HooksOut:
    """Use cases on subscriptions."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, http: HookHttp) -> None:
        self.db, self.vault, self.clock, self._http = db, vault, clock, http

    @needs(Right.API_MANAGE)
    async def browse(self, member: Member) -> Sequence[Hook]:
        """Those of the organization, the newest first."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.all_of(s)

    @needs(Right.API_MANAGE)
    async def get(self, member: Member, hook_id: UUID) -> tuple[Hook, str]:
        """One with its whole address. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            found = await _existing(s, hook_id)
        return found.hook, opened(self.vault, found).address

    @needs(Right.API_MANAGE)
    async def check(self, member: Member, address: str) -> str:
        """The address as it will be called. Raises BadInput("hook_url", ...)."""
        return self._http.check(address)[0]

    @needs(Right.API_MANAGE)
    @confirmed
    async def make(self, member: Member, name: str, address: str, events: Iterable[str]) -> tuple[Hook, str]:
        """A subscription and its secret, which is never told again.

        Raises BadInput: hook_name, hook_url, hook_events (required, invalid) or hooks (too_many).
        """
        name, wanted = read_text("hook_name", name, NAME_LIMIT), read_events(events)
        address, host = self._http.check(address)
        hook_id, secret, now = new_id(), new_secret(), self.clock()
        async with self.db.transaction(member.organization_id) as s:
            if len(await rows.all_of(s)) >= HOOKS_LIMIT:
                raise BadInput("hooks", "too_many", limit=HOOKS_LIMIT)
            kept = sealed(self.vault, hook_id, Opened(address, secret))
            await rows.add(
                s, hook_id, now, name=name, host=host[:254], events=list(wanted), sealed=kept,
                made_by=member.id,
            )  # fmt: skip
            said = {"name": name, "host": host, "events": list(wanted)}
            await audit_rows.add_audit(s, member.id, "hook_out.make", "hook_out", hook_id, now, said)
            return (await _existing(s, hook_id)).hook, secret

    @needs(Right.API_MANAGE)
    async def change(
        self,
        member: Member,
        hook_id: UUID,
        *,
        name: str | None = None,
        address: str | None = None,
        events: Iterable[str] | None = None,
    ) -> Hook:
        """Another name or address, or other events; what has been owed goes to the new address.

        Raises NotFound, and BadInput as `make` does.
        """
        values: dict[str, object] = {}
        if name is not None:
            values["name"] = read_text("hook_name", name, NAME_LIMIT)
        if events is not None:
            values["events"] = list(read_events(events))
        target, host = self._http.check(address) if address is not None else ("", "")
        async with self.db.transaction(member.organization_id) as s:
            found = await _existing(s, hook_id, hold=True)
            if target:
                known = opened(self.vault, found)
                kept = sealed(self.vault, hook_id, replace(known, address=target))
                values |= {"sealed": kept, "host": host[:254]}
            await self._write(s, member, hook_id, "change", values)
            return (await _existing(s, hook_id)).hook

    @needs(Right.API_MANAGE)
    @confirmed
    async def rotate(self, member: Member, hook_id: UUID) -> tuple[Hook, str]:
        """A new secret; the one before signs along for OLD_SECRET_FOR. Raises NotFound."""
        secret, now = new_secret(), self.clock()
        async with self.db.transaction(member.organization_id) as s:
            found = await _existing(s, hook_id, hold=True)
            known = opened(self.vault, found)
            kept = sealed(self.vault, hook_id, replace(known, secret=secret, old=known.secret))
            values = {"sealed": kept, "secret_at": now, "old_until": now + OLD_SECRET_FOR}
            await self._write(s, member, hook_id, "rotate", values)
            return (await _existing(s, hook_id)).hook, secret

    @needs(Right.API_MANAGE)
    async def pause(self, member: Member, hook_id: UUID) -> Hook:
        """Nothing is sent; what happens meanwhile waits. Raises NotFound, TooLate("answered")."""
        async with self.db.transaction(member.organization_id) as s:
            if (await _existing(s, hook_id, hold=True)).hook.state is not HookState.ON:
                raise TooLate("answered")
            await self._write(s, member, hook_id, "pause", {"state": HookState.PAUSED.value})
            return (await _existing(s, hook_id)).hook

    @needs(Right.API_MANAGE)
    async def resume(self, member: Member, hook_id: UUID) -> Hook:
        """Sending goes on, also to one that was switched off. Raises NotFound, TooLate("answered")."""
        async with self.db.transaction(member.organization_id) as s:
            if (await _existing(s, hook_id, hold=True)).hook.state is HookState.ON:
                raise TooLate("answered")
            values = {"state": HookState.ON.value, "why": "", "failing_since": None}
            await self._write(s, member, hook_id, "resume", values)
            return (await _existing(s, hook_id)).hook

    @needs(Right.API_MANAGE)
    @confirmed
    async def remove(self, member: Member, hook_id: UUID) -> None:
        """The subscription goes with its log. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            await _existing(s, hook_id, hold=True)
            await rows.remove(s, hook_id)
            await audit_rows.add_audit(s, member.id, "hook_out.remove", "hook_out", hook_id, self.clock())

    async def _write(
        self, s: Session, member: Member, hook_id: UUID, what: str, values: Mapping[str, object]
    ) -> None:
        if values:
            await rows.change(s, hook_id, **values)
        await audit_rows.add_audit(s, member.id, f"hook_out.{what}", "hook_out", hook_id, self.clock())


def read_events(given: Iterable[str]) -> tuple[str, ...]:
    """Types in their order, each once. Raises BadInput("hook_events", ...): required or invalid."""
    wanted = set(given)
    if not wanted:
        raise BadInput("hook_events", "required")
    if wanted - set(EVENTS):
        raise BadInput("hook_events", "invalid")
    return tuple(one for one in EVENTS if one in wanted)


async def _existing(s: Session, hook_id: UUID, *, hold: bool = False) -> Sealed:
    found = await rows.get(s, hook_id, hold=hold)
    if found is None:
        raise NotFound(what="hook_out")
    return found
