"""Applications from a website's form: kept raw whatever comes, then walked down the leads' road.

A form is a hook of the kind `website`; what an admin may set about it says domain/hooks_in.py.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import structlog

from domain.file_body import FileBody
from domain.files import FileKind, IncomingFile
from domain.hooks_in import FormSettings, HookKind, form_settings
from domain.leads import LeadDraft
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock
from services.connections.subscriptions import KEY_BYTES
from services.hooks_in.form_fields import consent_in, read_form, session_in
from services.hooks_in.kept import KeptDeliveries
from services.leads.stored_files import StoredFiles
from storage.db import Database, Session
from storage.hooks_in import hooks
from storage.hooks_in.hooks import Hook
from storage.hooks_in.inbox import InboxRow, InboxState
from storage.ids import new_id
from storage.leads import files, lead_history, uploads
from storage.people import members as member_rows

log = structlog.get_logger()

PROVIDER = HookKind.WEBSITE.value
SOURCE = "website"
TRAPPED = "honeypot"


class FormResult(StrEnum):
    """duplicate: this very submission (by its id) was taken before; trapped: a machine has filled in what
    people do not see."""

    CREATED = "created"
    ATTACHED = "attached"
    DUPLICATE = "duplicate"
    TRAPPED = "trapped"


@dataclass(frozen=True, slots=True)
class FormOutcome:
    """What became of a submission. `lead_id` is for us alone: a stranger learns nothing of other leads."""

    result: FormResult
    lead_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came with a form."""

    name: str
    mime: str
    body: FileBody


class TakesVisitors(Protocol):
    async def sent_form(self, s: Session, draft: LeadDraft, session: str) -> tuple[UUID, bool]:
        """(the lead, whether it is new); False: attached to one that exists. Raises BadInput."""
        ...


class WebsiteForm:
    """Takes submissions."""

    def __init__(self, db: Database, clock: Clock, visitors: TakesVisitors, stored: StoredFiles) -> None:
        self.db, self.clock, self.visitors, self.stored = db, clock, visitors, stored
        self.kept = KeptDeliveries(db, clock)

    @open_to("anyone with the key")
    async def settings_of(self, key: str) -> FormSettings:
        """What is set about the form at an address. Raises WebhookRefused for an unknown key."""
        return form_settings((await self.kept.hook(key, PROVIDER)).settings)

    @open_to("anyone with the key")
    async def submit(
        self, key: str, fields: Mapping[str, str], event_id: str = "", sent: Sequence[SentFile] = ()
    ) -> FormOutcome:
        """Keep the submission with its files, then make a lead of it.

        `event_id` is the sender's own id of the submission: the same one twice is one lead. Raises
        WebhookRefused for an unknown key; FilesAway where its files cannot be stored, nothing being kept
        then; BadInput with `fields` ({field: reason}) naming everything
        that is wrong, the submission being kept as rejected.
        """
        hook = await self.kept.hook(key, PROVIDER)
        settings = form_settings(hook.settings)
        body = json.dumps(dict(fields), ensure_ascii=False).encode()
        if settings.honeypot and fields.get(settings.honeypot, "").strip():
            await self.kept.keep(hook, body, state=InboxState.IGNORED, why=TRAPPED)
            return FormOutcome(FormResult.TRAPPED)
        stored = [
            await self.stored.keep(hook.organization_id, one.name, one.mime, one.body)
            for one in (sent if settings.files else ())
        ]
        row_id = await self.kept.keep(hook, body, event_id, stored)
        if row_id is None:
            return FormOutcome(FormResult.DUPLICATE)
        return await self._take(hook, row_id, fields)

    @open_to("the inbox")
    async def work_off(self, row: InboxRow) -> None:
        """Take a submission that was kept but not finished. Raises BadInput as `submit` does."""
        await self._take(await self.kept.hook_of(row), row.id, json.loads(row.body))

    @open_to("the first start")
    async def ensure_hook(self, session: Session, organization_id: UUID) -> str:
        """The key of the organization's form; made when it has none."""
        for hook in await hooks.of_provider(session, PROVIDER):
            return hook.key
        hook = Hook(new_id(), organization_id, secrets.token_urlsafe(KEY_BYTES), PROVIDER, None, "", "", None)
        await hooks.add(session, hook, self.clock())
        return hook.key

    @needs(Right.CRM_MANAGE)
    async def key(self, member: Member) -> str:
        """The key of the organization's form, for those who may put it on a site."""
        async with self.db.transaction(member.organization_id) as session:
            return await self.ensure_hook(session, member.organization_id)

    async def _take(self, hook: Hook, row_id: UUID, fields: Mapping[str, str]) -> FormOutcome:
        async def take(session: Session) -> tuple[UUID, bool]:
            organization = await member_rows.get_organization(session, hook.organization_id)
            assert organization is not None
            required = form_settings(hook.settings).required
            draft = read_form(fields, required, organization.region, SOURCE)
            made = await self.visitors.sent_form(session, draft, session_in(fields))
            await self._attach_files(session, row_id, made[0])
            await self._keep_consent(session, hook, fields, made[0])
            return made

        lead_id, created = await self.kept.finish(hook, row_id, take)
        result = FormResult.CREATED if created else FormResult.ATTACHED
        log.info("form.taken", result=result.value, lead=str(lead_id), organization=str(hook.organization_id))
        return FormOutcome(result, lead_id)

    async def _keep_consent(
        self, session: Session, hook: Hook, fields: Mapping[str, str], lead_id: UUID
    ) -> None:
        given = consent_in(fields)
        if given is not None:
            await member_rows.add_lead_consent(
                session, lead_id, version=given.version, text_hash=given.text_hash, channel=SOURCE,
                place=hook.name[:64], given_at=self.clock(),
            )  # fmt: skip

    async def _attach_files(self, session: Session, row_id: UUID, lead_id: UUID) -> None:
        now, written = self.clock(), []
        for one in await uploads.of_delivery(session, row_id):
            given = IncomingFile(FileKind.DOCUMENT, "", one.name, one.mime, one.size)
            file_id = await files.add(session, lead_id, given, "", None, now)
            await uploads.becomes(session, one.id, file_id)
            written.append(("file", "", one.name))
        if written:
            await lead_history.add_history(session, lead_id, None, SOURCE, written, now)


def kept_settings(settings: FormSettings) -> dict[str, Any]:
    """The settings of a form as its hook keeps them."""
    return {
        "required": list(settings.required),
        "honeypot": settings.honeypot,
        "origins": list(settings.origins),
        "files": settings.files,
    }
