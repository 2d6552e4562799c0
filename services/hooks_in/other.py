"""JSON of any system: an admin shows which of its paths is which of our fields, looks, and lets it live."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog

from domain.errors import BadInput, NotFound, WebhookRefused
from domain.hooks_in import HookKind, JsonSettings, json_settings
from domain.json_paths import flat
from domain.leads import LeadDraft
from domain.members import Member, Right
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.hooks_in.form_fields import ALIASES, LIMITS, SESSIONS, read_form, session_in
from services.hooks_in.inlets import Inlets
from services.hooks_in.kept import KeptDeliveries
from services.hooks_in.secrets import REFUSED, HookSecrets
from services.hooks_in.website_form import TakesVisitors
from services.leads.duplicates import clean_draft, demand_somebody
from storage.db import Database, Session
from storage.hooks_in import hooks, inbox_of_hook
from storage.hooks_in.hooks import Hook
from storage.hooks_in.inbox import InboxRow, InboxState
from storage.people import members as member_rows

log = structlog.get_logger()

PROVIDER = HookKind.OTHER.value
SOURCE = "hook"
SAMPLE = "sample"
EVENT_ID = "event_id"
SESSION = SESSIONS[0]
FIELDS = (*LIMITS, "first_name", "last_name", SESSION, EVENT_ID)
"""What a path may be mapped to."""

SAMPLE_ROOM = 64_000
PATH_ROOM = 300


class JsonHooks:
    """Takes deliveries, and what admins do about them."""

    def __init__(
        self, db: Database, clock: Clock, secrets: HookSecrets, visitors: TakesVisitors, inlets: Inlets
    ) -> None:
        self.db, self.clock, self.secrets = db, clock, secrets
        self.visitors, self.inlets = visitors, inlets
        self.kept = KeptDeliveries(db, clock)

    @open_to("anyone with the key")
    async def take(self, key: str, body: bytes, event_id: str = "", secret: str = "") -> str:
        """Keep the JSON, and make a lead of it where the hook is live.

        Returns accepted, duplicate, or sample for a hook that is not live. Raises WebhookRefused for an
        unknown key or a wrong secret, BadInput with `fields` in the names of the sender's paths.
        """
        hook = await self.kept.hook(key, PROVIDER)
        settings = json_settings(hook.settings)
        if settings.guarded and (await self.secrets.admit(secret, PROVIDER)).id != hook.id:
            raise WebhookRefused(reason=REFUSED)
        if not settings.live:
            await self._keep_sample(hook, body)
            return SAMPLE
        told = event_id or flat(json.loads(body)).get(settings.mapping.get(EVENT_ID, ""), "")
        row_id = await self.kept.keep(hook, body, told or hashlib.sha256(body).hexdigest())
        if row_id is None:
            return "duplicate"
        await self._take(hook, row_id, json.loads(body))
        return "accepted"

    @open_to("the inbox")
    async def work_off(self, row: InboxRow) -> None:
        """Take a delivery that was kept but not finished."""
        await self._take(await self.kept.hook_of(row), row.id, json.loads(row.body))

    async def _take(self, hook: Hook, row_id: UUID, body: Any) -> None:
        settings = json_settings(hook.settings)

        async def take(s: Session) -> tuple[UUID, bool]:
            draft, session = await _read(s, settings, body)
            return await self.visitors.sent_form(s, draft, session)

        try:
            lead_id, created = await self.kept.finish(hook, row_id, take)
        except BadInput as error:
            raise _in_their_words(error, settings) from error
        log.info("hook.taken", created=created, lead=str(lead_id))

    async def _keep_sample(self, hook: Hook, body: bytes) -> None:
        await self.kept.keep(hook, body, state=InboxState.IGNORED, why=SAMPLE)
        if not json_settings(hook.settings).mapping:
            async with self.db.transaction(hook.organization_id) as s:
                held = await hooks.held(s, hook.id)
                if held is not None and not json_settings(held.settings).mapping:
                    mapping = guessed(flat(json.loads(body)))
                    await hooks.change(s, hook.id, settings={**held.settings, "mapping": mapping})

    @needs(Right.CRM_MANAGE)
    @recorded("hook.sample", "hook")
    async def paste(self, member: Member, hook_id: UUID, text: str) -> None:
        """A sample typed in the chat. Raises BadInput("sample", ...): invalid, too_long, empty."""
        if len(text) > SAMPLE_ROOM:
            raise BadInput(SAMPLE, "too_long", length=len(text), limit=SAMPLE_ROOM)
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            raise BadInput(SAMPLE, "invalid") from None
        if not isinstance(body, dict | list) or not flat(body):
            raise BadInput(SAMPLE, "empty")
        await self._keep_sample(await self._own(member, hook_id), json.dumps(body).encode())

    @needs(Right.CRM_MANAGE)
    async def sample(self, member: Member, hook_id: UUID) -> Mapping[str, str]:
        """Paths and texts of what came last, or was pasted since; empty where nothing has come."""
        async with self.db.reading(member.organization_id) as s:
            body = await inbox_of_hook.newest_of_hook(s, hook_id)
        return flat(json.loads(body)) if body is not None else {}

    @needs(Right.CRM_MANAGE)
    async def map(self, member: Member, hook_id: UUID, field: str, path: str) -> None:
        """The path that is this field of ours; empty: none. Raises BadInput("field", "unknown")."""
        if field not in FIELDS or len(path) > PATH_ROOM:
            raise BadInput("field", "unknown")
        async with self.db.transaction(member.organization_id) as s:
            hook = await hooks.held(s, hook_id)
            mapping = dict(json_settings(hook.settings).mapping) if hook is not None else {}
            mapping.pop(field, None)
            if path:
                mapping[field] = path
            await self.inlets.patch(s, member, hook_id, HookKind.OTHER, {"mapping": mapping})

    @needs(Right.CRM_MANAGE)
    async def preview(self, member: Member, hook_id: UUID) -> LeadDraft:
        """The lead that the sample would become. Raises BadInput where it would be refused, and
        ("sample", "required") without a sample."""
        hook = await self._own(member, hook_id)
        async with self.db.reading(member.organization_id) as s:
            body = await inbox_of_hook.newest_of_hook(s, hook_id)
            if body is None:
                raise BadInput(SAMPLE, "required")
            return (await _read(s, json_settings(hook.settings), json.loads(body)))[0]

    @needs(Right.CRM_MANAGE)
    async def live(self, member: Member, hook_id: UUID, live: bool) -> None:
        """Make leads of what comes from now on, or only keep it. Raises as `preview` does."""
        if live:
            await self.preview(member, hook_id)
        await self._switch(member, hook_id, {"live": live})

    @needs(Right.CRM_MANAGE)
    async def guard(self, member: Member, hook_id: UUID, guarded: bool) -> None:
        """Ask callers for the secret, or for the address alone."""
        await self._switch(member, hook_id, {"guarded": guarded})

    async def _switch(self, member: Member, hook_id: UUID, more: Mapping[str, Any]) -> None:
        async with self.db.transaction(member.organization_id) as s:
            await self.inlets.patch(s, member, hook_id, HookKind.OTHER, more)

    async def _own(self, member: Member, hook_id: UUID) -> Hook:
        async with self.db.reading(member.organization_id) as s:
            for hook in await hooks.of_provider(s, PROVIDER):
                if hook.id == hook_id:
                    return hook
        raise NotFound(what="hook")


async def _read(s: Session, settings: JsonSettings, body: Any) -> tuple[LeadDraft, str]:
    """The draft in a body, and the visitor's session. Raises BadInput."""
    organization = await member_rows.get_organization(s, s.tenant)
    assert organization is not None
    found = flat(body)
    fields = {name: found[path] for name, path in settings.mapping.items() if path in found}
    draft = read_form(fields, (), organization.region, SOURCE)
    demand_somebody(clean_draft(draft, organization.region))
    return draft, session_in(fields)


def guessed(found: Mapping[str, str]) -> dict[str, str]:
    """A mapping by the names that the paths end in."""
    mapping: dict[str, str] = {}
    for path in found:
        last = next((part for part in reversed(path.split(".")) if not part.isdigit()), "").lower()
        field = ALIASES.get(last, last)
        if field in FIELDS and field != EVENT_ID:
            mapping.setdefault(field, path)
    return mapping


def _in_their_words(error: BadInput, settings: JsonSettings) -> BadInput:
    wrong = error.params.get("fields")
    if not isinstance(wrong, dict):
        return error
    fields = {settings.mapping.get(name, name): reason for name, reason in wrong.items()}
    return BadInput(next(iter(fields)), next(iter(fields.values())), fields=fields)
