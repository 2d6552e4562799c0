"""Leads that Make.com reads out of a mailbox: lead, contact and meeting in one request (docs/webhooks.md)."""

import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog

from domain.activities import ActivityType
from domain.contacts import ContactDraft, in_one_line, read_contact_draft
from domain.errors import BadInput, DuplicateLead
from domain.hooks_in import HookKind
from domain.leads import Lead, LeadDraft
from domain.members import Organization
from domain.plans import Subject, usual_reminder
from services.access import open_to
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.hooks_in.kept import KeptDeliveries
from services.hooks_in.make_fields import MakeLead, Meeting, read_make
from services.hooks_in.secrets import HookSecrets
from services.hooks_in.stage_names import stage_named
from services.hooks_in.visitors import TakesForms
from services.leads.duplicates import CleanDraft, clean_draft, demand_somebody, duplicates_of
from services.pipelines.places import Titles
from storage.db import Database, Session
from storage.hooks_in.hooks import Hook
from storage.hooks_in.inbox import InboxRow
from storage.leads import contacts as contact_rows
from storage.leads import custom_fields as field_rows
from storage.leads import lead_history
from storage.leads import leads as rows
from storage.people import members as member_rows
from storage.planning import plans as plan_rows

log = structlog.get_logger()

PROVIDER = HookKind.MAKE.value
ORIGIN = "make"


@dataclass(frozen=True, slots=True)
class MakeOutcome:
    """What was made. `contact_id` and `activity_id` are None where nobody and no meeting was named."""

    lead_id: UUID
    number: int
    stage_id: UUID
    contact_id: UUID | None
    activity_id: UUID | None


class MakeLeads:
    """Takes them."""

    def __init__(
        self, db: Database, clock: Clock, secrets: HookSecrets, leads: TakesForms, outbox: Outbox,
        titles: Titles,
    ) -> None:  # fmt: skip
        self.db, self.clock, self.secrets, self.leads = db, clock, secrets, leads
        self.outbox, self.titles = outbox, titles
        self.kept = KeptDeliveries(db, clock)

    @open_to("whoever shows the secret")
    async def take(self, hook: Hook, body: bytes) -> MakeOutcome:
        """Keep what came to a hook that `admit` has found, and make the lead of it.

        Raises BadInput with `fields`, and DuplicateLead with the lead's id where another lead has the e-mail,
        or one that is not free has the phone or INN.
        """
        row_id = await self.kept.keep(hook, body)
        assert row_id is not None
        return await self._take(hook, row_id, json.loads(body))

    @open_to("whoever shows the secret")
    async def admit(self, secret: str) -> Hook:
        """Raises WebhookRefused."""
        return await self.secrets.admit(secret, PROVIDER)

    @open_to("the inbox")
    async def work_off(self, row: InboxRow) -> None:
        """Take a delivery that was kept but not finished."""
        await self._take(await self.kept.hook_of(row), row.id, json.loads(row.body))

    async def _take(self, hook: Hook, row_id: UUID, body: Any) -> MakeOutcome:
        async def take(s: Session) -> MakeOutcome:
            organization = await member_rows.get_organization(s, s.tenant)
            assert organization is not None
            own = frozenset(one.key for one in await field_rows.list_fields(s))
            given = read_make(body, organization.region, organization.time_zone, own)
            return await self._made(s, organization, given)

        made = await self.kept.finish(hook, row_id, take)
        log.info("make.taken", lead=str(made.lead_id), organization=str(hook.organization_id))
        return made

    async def _made(self, s: Session, organization: Organization, given: MakeLead) -> MakeOutcome:
        contact = _read_contact(given, organization.region)
        await self._demand_new(s, clean_draft(given.draft, organization.region), contact)
        draft = given.draft
        if given.stage:
            draft = replace(draft, stage_id=await stage_named(s, given.stage, self.titles))
        lead_id, _ = await self.leads.create_from_form(s, draft)
        if given.segment:
            await rows.update_lead(s, lead_id, self.clock(), segment=given.segment)
        contact_id = await self._contact(s, lead_id, contact) if contact is not None else None
        lead = await rows.get_lead(s, lead_id)
        assert lead is not None
        activity_id = await self._meeting(s, lead, given.meeting) if given.meeting is not None else None
        return MakeOutcome(lead_id, lead.number, lead.stage.id, contact_id, activity_id)

    async def _demand_new(self, s: Session, clean: CleanDraft, contact: ContactDraft | None) -> None:
        """An e-mail is any one lead's; a phone and an INN may be given again once their lead is free."""
        demand_somebody(clean)
        await rows.hold_numbers(s)
        points = [one for one in clean.points if one[0] == "email"]
        if contact is not None and contact.email:
            points.append(("email", contact.email, contact.email))
        mails = CleanDraft(LeadDraft(), tuple(points))
        same_mail = (await duplicates_of(s, mails, self.clock())).leads if points else ()
        busy = (await duplicates_of(s, clean, self.clock())).busy
        for lead in (*same_mail, *busy):
            raise DuplicateLead(lead.id)

    async def _contact(self, s: Session, lead_id: UUID, contact: ContactDraft) -> UUID:
        now = self.clock()
        contact_id = await contact_rows.add(s, contact, now, lead_id=lead_id, is_primary=True)
        written = [("contact", "", in_one_line(contact))]
        await lead_history.add_history(s, lead_id, None, ORIGIN, written, now)
        return contact_id

    async def _meeting(self, s: Session, lead: Lead, meeting: Meeting) -> UUID:
        now, kind = self.clock(), ActivityType.MEETING
        title = meeting.title or lead.title
        plan_id = await plan_rows.add_plan(
            s, Subject("lead", lead.id), now, type=kind.value, title=title[:200], text=meeting.text,
            author_id=None, assignee_id=lead.assignee_id, scheduled_at=meeting.at,
            duration=meeting.minutes * 60, 
            remind_at=usual_reminder(kind, meeting.at, now) if meeting.at > now else None,
        )  # fmt: skip
        planned = f"{kind.value} {meeting.at.isoformat()}"
        await lead_history.add_history(s, lead.id, None, ORIGIN, [("planned", "", planned)], now)
        await self.outbox.enqueue(
            s, "activity.create", lead.id, plan_id, {"plan": True, "title": title[:200]}
        )
        return plan_id


def _read_contact(given: MakeLead, region: str) -> ContactDraft | None:
    """Raises BadInput in the names of the request."""
    if given.contact is None:
        return None
    try:
        return read_contact_draft(given.contact, region)
    except BadInput as error:
        name = error.field if error.field.startswith("contact_") else f"contact_{error.field}"
        raise BadInput(name, error.reason) from error
