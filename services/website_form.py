"""Applications from a website's form: kept raw whatever comes, then walked down the leads' road.

A form is a hook of the provider `website`. The fields it must have are the form's own rule: the hook's
`event` holds them as a JSON list, for example ["name", "phone"]; empty stands for REQUIRED.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import structlog

from domain.errors import BadInput, WebhookRefused
from domain.fields import read_email
from domain.leads import LeadDraft
from domain.members import Member, Right
from domain.phones import read_phone
from services.access import needs, open_to
from services.clock import Clock
from services.connections.subscriptions import KEY_BYTES
from storage import hooks, inbox
from storage import members as member_rows
from storage.db import Database, Session
from storage.hooks import Hook
from storage.ids import new_id
from storage.inbox import InboxRow, InboxState

log = structlog.get_logger()

PROVIDER = "website"
SOURCE = "website"
REQUIRED = ("name", "phone", "email", "referral_code")
LEASE = timedelta(seconds=60)

UTM = ("source", "medium", "campaign", "content", "term")
CUSTOM = ("user_type", "language", "field_of_study", "universities", "scholarship")
TEXTS = {"name": 100, "company": 200, "phone": 40, "email": 254, "note": 3000, "referral_code": 64}
LIMITS = {
    **TEXTS,
    "inn": 20,
    **{f"utm_{name}": 200 for name in UTM},
    **dict.fromkeys(CUSTOM, 500),
}
"""Every field a form may have, and the most characters it takes. Other fields stay in the raw delivery."""

ALIASES = {"comment": "note", "message": "note", "ref": "referral_code", "tel": "phone"}


class FormResult(StrEnum):
    """duplicate: this very submission (by its id) was taken before."""

    CREATED = "created"
    ATTACHED = "attached"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class FormOutcome:
    """What became of a submission. `lead_id` is for us alone: a stranger learns nothing of other leads."""

    result: FormResult
    lead_id: UUID | None = None


class TakesForms(Protocol):
    async def create_from_form(self, s: Session, draft: LeadDraft) -> tuple[UUID, bool]:
        """(the lead, whether it is new); False: attached to one that exists. Raises BadInput."""
        ...


class WebsiteForm:
    """Takes submissions."""

    def __init__(self, db: Database, clock: Clock, leads: TakesForms) -> None:
        self.db, self.clock, self.leads = db, clock, leads

    @open_to("anyone with the key")
    async def submit(self, key: str, fields: Mapping[str, str], event_id: str = "") -> FormOutcome:
        """Keep the submission, then make a lead of it.

        `event_id` is the sender's own id of the submission: the same one twice is one lead. Raises
        WebhookRefused for an unknown key; BadInput with `fields` ({field: reason}) naming everything
        that is wrong, the submission being kept as rejected.
        """
        async with self.db.reading(system=True) as session:
            hook = await hooks.by_key(session, key)
        if hook is None or hook.provider != PROVIDER:
            raise WebhookRefused(reason="unknown_key")
        row_id = new_id()
        now = self.clock()
        async with self.db.transaction(hook.organization_id) as session:
            kept = await inbox.add(
                session,
                row_id,
                hook.id,
                event_id=event_id[:200],
                headers={},
                body=json.dumps(dict(fields), ensure_ascii=False).encode(),
                state=InboxState.RUNNING,
                now=now,
                lease_until=now + LEASE,
            )
        if not kept:
            return FormOutcome(FormResult.DUPLICATE)
        return await self._take(hook, row_id, fields)

    @open_to("the inbox")
    async def work_off(self, row: InboxRow) -> FormOutcome:
        """Take a submission that was kept but not finished. Raises BadInput as `submit` does."""
        async with self.db.reading(row.organization_id) as session:
            hook = await hooks.get(session, row.hook_id)
        assert hook is not None
        return await self._take(hook, row.id, json.loads(row.body))

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
        try:
            async with self.db.transaction(hook.organization_id) as session:
                organization = await member_rows.get_organization(session, hook.organization_id)
                assert organization is not None
                draft = read_form(fields, _required(hook), organization.region)
                lead_id, created = await self.leads.create_from_form(session, draft)
                await inbox.settle(session, row_id, InboxState.DONE, self.clock())
        except BadInput as error:
            wrong = error.params.get("fields") or {error.field: error.reason}
            async with self.db.transaction(hook.organization_id) as session:
                await inbox.reject(session, row_id, self.clock(), json.dumps(wrong))
            if "fields" in error.params:
                raise
            raise BadInput(error.field, error.reason, fields=wrong) from error
        result = FormResult.CREATED if created else FormResult.ATTACHED
        log.info("form.taken", result=result.value, lead=str(lead_id), organization=str(hook.organization_id))
        return FormOutcome(result, lead_id)


def _required(hook: Hook) -> tuple[str, ...]:
    return tuple(json.loads(hook.event)) if hook.event else REQUIRED


def read_form(fields: Mapping[str, str], required: tuple[str, ...], region: str) -> LeadDraft:
    """The draft in a submission. Raises BadInput with `fields` = {field: reason} for all that is wrong."""
    given = {name: text.strip() for name, text in _named(fields).items() if name in LIMITS and text.strip()}
    wrong = {name: "required" for name in required if name not in given}
    wrong |= {name: "too_long" for name, text in given.items() if len(text) > LIMITS[name]}
    for name, reason in _unreadable(given, region).items():
        wrong.setdefault(name, reason)
    if wrong:
        first = next(iter(wrong))
        raise BadInput(first, wrong[first], fields=wrong)
    return LeadDraft(
        name=given.get("name", ""),
        company=given.get("company", ""),
        phones=(given["phone"],) if "phone" in given else (),
        emails=(given["email"],) if "email" in given else (),
        inn=given.get("inn", ""),
        note=given.get("note", ""),
        source=SOURCE,
        referral_code=given.get("referral_code", ""),
        utm={name: given[f"utm_{name}"] for name in UTM if f"utm_{name}" in given},
        custom={name: given[name] for name in CUSTOM if name in given},
    )


def _named(fields: Mapping[str, str]) -> dict[str, str]:
    """Fields by our names: any case, known aliases, first and last name put together."""
    named: dict[str, str] = {}
    for name, text in fields.items():
        lower = name.strip().lower()
        named.setdefault(ALIASES.get(lower, lower), text.replace("\0", ""))
    parts = [named.get("first_name", ""), named.get("last_name", "")]
    named.setdefault("name", " ".join(part for part in parts if part))
    return named


def _unreadable(given: Mapping[str, str], region: str) -> dict[str, str]:
    wrong = {}
    for name, read in (("phone", lambda text: read_phone(text, region)), ("email", read_email)):
        try:
            if name in given:
                read(given[name])
        except BadInput as error:
            wrong[name] = error.reason
    return wrong
