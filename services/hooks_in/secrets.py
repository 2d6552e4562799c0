"""Secrets that callers of our hooks show; two are good while one takes the other's place."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from domain.api_keys import digest_of
from domain.errors import NotFound, WebhookRefused
from domain.hooks_in import WITH_SECRET
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock
from services.entry.confirming import confirmed
from services.messages.notices import Notices
from storage.db import Database
from storage.hooks_in import hook_secrets as rows
from storage.hooks_in import hooks
from storage.hooks_in.hook_secrets import HookSecret
from storage.hooks_in.hooks import Hook
from storage.people import members as member_rows
from storage.planning import activities as audit_rows

PREFIX = "whs_"
SHOWN = 10
GRACE = timedelta(days=7)
"""How long the secret that was replaced opens still."""

OLD = timedelta(days=90)
AGAIN = timedelta(days=30)
"""How often admins are reminded of a secret that has grown old."""

NOTED_EVERY = timedelta(minutes=1)
REFUSED = "secret"
Shown = HookSecret
"""A secret as admins see it."""


class HookSecrets:
    """Use cases on them."""

    def __init__(self, db: Database, clock: Clock, notices: Notices) -> None:
        self.db, self.clock, self.notices = db, clock, notices

    @needs(Right.CRM_MANAGE)
    @confirmed
    async def issue(self, member: Member, hook_id: UUID) -> str:
        """A new secret, told this once. The one before opens for GRACE still, older ones no more. Raises
        NotFound."""
        secret, now = PREFIX + secrets.token_urlsafe(32), self.clock()
        async with self.db.transaction(member.organization_id) as s:
            await _demand(await hooks.held(s, hook_id))
            before = await rows.in_use(s, hook_id, now)
            await rows.end(s, [one.id for one in before[:1] if one.expires_at is None], now + GRACE)
            await rows.end(s, [one.id for one in before[1:]], now)
            await rows.add(s, hook_id, digest_of(secret), secret[:SHOWN], member.id, now)
            await audit_rows.add_audit(s, member.id, "hook.secret", "hook", hook_id, now)
        return secret

    @needs(Right.CRM_MANAGE)
    async def end_old(self, member: Member, hook_id: UUID) -> None:
        """From now on only the newest secret opens."""
        async with self.db.transaction(member.organization_id) as s:
            now = self.clock()
            await _demand(await hooks.held(s, hook_id))
            before = await rows.in_use(s, hook_id, now)
            await rows.end(s, [one.id for one in before[1:]], now)
            await audit_rows.add_audit(s, member.id, "hook.secret_ended", "hook", hook_id, now)

    @needs(Right.CRM_MANAGE)
    async def standing(self, member: Member, hook_id: UUID) -> Sequence[Shown]:
        """Those that open, the newest first."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.in_use(s, hook_id, self.clock())

    @open_to("whoever shows a secret")
    async def admit(self, secret: str, provider: str) -> Hook:
        """The hook that a secret opens. Raises WebhookRefused."""
        now = self.clock()
        async with self.db.reading(system=True) as s:
            found = await rows.owner_of(s, digest_of(secret), provider, now) if secret else None
        if found is None:
            raise WebhookRefused(reason=REFUSED)
        shown, hook = found
        if shown.used_at is None or now - shown.used_at >= NOTED_EVERY:
            async with self.db.transaction(hook.organization_id) as s:
                await rows.used(s, shown.id, now)
        return hook

    @open_to("the scheduler")
    async def warn_old(self) -> int:
        """Tell admins of secrets that are older than OLD; returns of how many hooks."""
        now = self.clock()
        async with self.db.transaction(system=True) as system:
            found = await rows.claim_old(system, now - OLD, now, now - AGAIN)
            for organization_id, hook_id in found:
                s = system.scoped(organization_id, system=False)
                for admin in await member_rows.active_with(s, Right.CRM_MANAGE):
                    await self.notices.to_member(s, admin.id, "hook.old_secret", {"hook": str(hook_id)})
        return len(found)


async def _demand(hook: Hook | None) -> None:
    if hook is None or hook.provider not in WITH_SECRET:
        raise NotFound(what="hook")
