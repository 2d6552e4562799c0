"""Hooks of our own as admins see them: made, named, set, closed."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import BadInput, NotFound
from domain.fields import read_text
from domain.hooks_in import (
    CHANNELS,
    MOST_HOOKS,
    NAME_LIMIT,
    FormSettings,
    HookKind,
    read_place,
)
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock
from services.connections.subscriptions import KEY_BYTES
from services.hooks_in.form_fields import LIMITS
from services.hooks_in.website_form import kept_settings
from storage.db import Database, Session
from storage.hooks_in import hooks, inbox_of_hook
from storage.hooks_in.hooks import Hook
from storage.ids import new_id
from storage.planning import activities as audit_rows

KINDS = tuple(kind.value for kind in HookKind)


@dataclass(frozen=True, slots=True)
class Inlet:
    """A hook. `key` is the end of its address; how many deliveries it has had, and when the last one."""

    id: UUID
    kind: HookKind
    name: str
    key: str
    settings: Mapping[str, Any]
    deliveries: int = 0
    last_at: datetime | None = None


class Inlets:
    """Use cases on them. All raise NotFound for a hook that is closed or another organization's."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @needs(Right.CRM_MANAGE)
    async def browse(self, member: Member) -> Sequence[Inlet]:
        """All in use, kind by kind."""
        async with self.db.reading(member.organization_id) as s:
            return [_inlet(hook) for kind in KINDS for hook in await hooks.of_provider(s, kind)]

    @needs(Right.CRM_MANAGE)
    async def get(self, member: Member, hook_id: UUID) -> Inlet:
        async with self.db.reading(member.organization_id) as s:
            found = await hooks.get(s, hook_id)
            if found is None or found.provider not in KINDS:
                raise NotFound(what="hook")
            if hook_id not in {one.id for one in await hooks.of_provider(s, found.provider)}:
                raise NotFound(what="hook")
            return _inlet(found, *await inbox_of_hook.came_to(s, hook_id))

    @needs(Right.CRM_MANAGE)
    async def make(
        self, member: Member, kind: HookKind, name: str, settings: Mapping[str, Any] | None = None
    ) -> Inlet:
        """A new one. Raises BadInput("hook_name", ...) and ("hooks", "too_many")."""
        title = read_text("hook_name", name, NAME_LIMIT)
        async with self.db.transaction(member.organization_id) as s:
            known = [hook for one in KINDS for hook in await hooks.of_provider(s, one)]
            if len(known) >= MOST_HOOKS:
                raise BadInput("doors", "too_many", limit=MOST_HOOKS)
            key = secrets.token_urlsafe(KEY_BYTES)
            hook = Hook(
                new_id(), member.organization_id, key, kind.value, None, "", "", None, title, settings or {}
            )
            await hooks.add(s, hook, self.clock())
            await self._audit(s, member, "make", hook.id)
        return _inlet(hook)

    @needs(Right.CRM_MANAGE)
    async def rename(self, member: Member, hook_id: UUID, name: str) -> Inlet:
        """Raises BadInput("hook_name", ...)."""
        title = read_text("hook_name", name, NAME_LIMIT)
        async with self.db.transaction(member.organization_id) as s:
            await self._held(s, hook_id)
            await hooks.change(s, hook_id, name=title)
            await self._audit(s, member, "rename", hook_id)
        return await self.get(member, hook_id)

    @needs(Right.CRM_MANAGE)
    async def close(self, member: Member, hook_id: UUID) -> None:
        """Whoever calls it from now on learns that there is nothing. What came stays."""
        async with self.db.transaction(member.organization_id) as s:
            await self._held(s, hook_id)
            await hooks.change(s, hook_id, closed_at=self.clock())
            await self._audit(s, member, "close", hook_id)

    @needs(Right.CRM_MANAGE)
    async def set_form(self, member: Member, hook_id: UUID, settings: FormSettings) -> Inlet:
        """What a website's form must have and who may send it. Raises BadInput("required", "invalid")."""
        if any(name not in LIMITS for name in settings.required):
            raise BadInput("required", "invalid")
        return await self._set(member, hook_id, HookKind.WEBSITE, kept_settings(settings))

    @needs(Right.CRM_MANAGE)
    async def set_place(self, member: Member, hook_id: UUID, channel: str, typed: str) -> Inlet:
        """Where the links of a messenger lead; empty: there are none. Raises BadInput."""
        if channel not in CHANNELS:
            raise BadInput("channel", "unknown")
        place = read_place(channel, typed) if typed.strip() else ""
        return await self._set(member, hook_id, HookKind.CLICKS, {channel: place})

    @needs(Right.CRM_MANAGE)
    async def set_origins(self, member: Member, hook_id: UUID, origins: Sequence[str]) -> Inlet:
        """Which pages may tell of clicks; none: any."""
        return await self._set(member, hook_id, HookKind.CLICKS, {"origins": list(origins)})

    @open_to("use cases on one kind of hook")
    async def patch(
        self, s: Session, member: Member, hook_id: UUID, kind: HookKind, more: Mapping[str, Any]
    ) -> Hook:
        """Write settings in the caller's transaction."""
        hook = await self._held(s, hook_id, kind)
        settings = {**hook.settings, **more}
        await hooks.change(s, hook_id, settings=settings)
        await self._audit(s, member, "set", hook_id)
        return hook

    async def _set(self, member: Member, hook_id: UUID, kind: HookKind, more: Mapping[str, Any]) -> Inlet:
        async with self.db.transaction(member.organization_id) as s:
            await self.patch(s, member, hook_id, kind, more)
        return await self.get(member, hook_id)

    async def _held(self, s: Session, hook_id: UUID, kind: HookKind | None = None) -> Hook:
        hook = await hooks.held(s, hook_id)
        if hook is None or hook.provider not in ((kind.value,) if kind is not None else KINDS):
            raise NotFound(what="hook")
        return hook

    async def _audit(self, s: Session, member: Member, what: str, hook_id: UUID) -> None:
        await audit_rows.add_audit(s, member.id, f"hook.{what}", "hook", hook_id, self.clock())


def _inlet(hook: Hook, deliveries: int = 0, last_at: datetime | None = None) -> Inlet:
    return Inlet(hook.id, HookKind(hook.provider), hook.name, hook.key, hook.settings, deliveries, last_at)
