"""Message templates: made by admins, filled in by whoever works the lead, noted on it when sent."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from domain.activities import ActivityType
from domain.custom_fields import FieldType
from domain.errors import BadInput, NotFound, TooLate
from domain.fields import read_email, read_text
from domain.leads import Lead
from domain.members import Member, Right
from domain.templates import FIELDS, NAME_LIMIT, SUBJECT_LIMIT, TEXT_LIMIT, Template, check
from services.access import needs
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.custom_fields import CustomFields
from services.leads.leads import visible_lead
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.ids import new_id
from storage.leads import lead_history
from storage.messages import mails
from storage.people import templates as rows
from storage.planning import activities as activity_rows
from storage.replicas.signals import Signals

TEMPLATES_LIMIT = 30
WAYS = ("whatsapp", "telegram", "sms", "email", "other")
"""How a message goes out; all but a letter by SMTP are sent by the person, who says so."""

SENT = "sent"
"""What the history calls it; the value is "<way>: <text>"."""


class Templates:
    """Use cases on templates and the messages made of them. Letters go out where `mailing`."""

    def __init__(
        self, db: Database, clock: Clock, signals: Signals, outbox: Outbox, notices: Notices,
        fields: CustomFields, *, mailing: bool = False,
    ) -> None:  # fmt: skip
        self.db, self.clock, self.signals = db, clock, signals
        self.outbox, self.notices, self.fields, self.mailing = outbox, notices, fields, mailing

    @needs(Right.LEAD_WORK)
    async def every(self, member: Member) -> Sequence[Template]:
        """The organization's templates, in order."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.list_templates(s)

    @needs(Right.LEAD_WORK)
    async def get(self, member: Member, template_id: UUID) -> Template:
        """One template in use. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            return await _must_get(s, template_id)

    @needs(Right.LEAD_WORK)
    async def known_fields(self, member: Member) -> list[str]:
        """What a template may ask for: the product's fields and the organization's own but for files."""
        own = await self.fields.for_member(member)
        return [*FIELDS, *(one.path for one in own if one.type is not FieldType.FILE)]

    @needs(Right.ORGANIZATION_EDIT)
    async def add(self, member: Member, name: str, text: str, subject: str = "") -> Template:
        """A new template. Raises BadInput for a name that is taken and for a field nobody knows."""
        async with self.db.transaction(member.organization_id) as s:
            known = await rows.list_templates(s)
            if len(known) >= TEMPLATES_LIMIT:
                raise BadInput("template_name", "too_many", limit=TEMPLATES_LIMIT)
            position = max((one.position for one in known), default=0) + 1
            one = await self._read(member, Template(new_id(), name, subject, text, position), known)
            template_id = await rows.add(s, one, self.clock())
            await self._audit(s, member, "add", template_id)
            return await _must_get(s, template_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def change(self, member: Member, template_id: UUID, field: str, typed: str) -> Template:
        """Give name, subject or text anew. Raises BadInput as `add` does."""
        if field not in ("name", "subject", "text"):
            raise BadInput(field, "unknown")
        async with self.db.transaction(member.organization_id) as s:
            one = await _must_get(s, template_id)
            others = [other for other in await rows.list_templates(s) if other.id != template_id]
            one = await self._read(member, replace(one, **{field: typed}), others)  # type: ignore[arg-type]
            await rows.change(s, template_id, name=one.name, subject=one.subject, text=one.text)
            await self._audit(s, member, "change", template_id)
            return await _must_get(s, template_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def archive(self, member: Member, template_id: UUID) -> None:
        """Put a template away. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            await _must_get(s, template_id)
            await rows.change(s, template_id, archived_at=self.clock())
            await self._audit(s, member, "archive", template_id)

    @needs(Right.LEAD_WORK)
    async def note_sent(self, member: Member, lead_id: UUID, way: str, text: str) -> Lead:
        """Keep on the lead that a message went out by one of WAYS, and tell the CRM. Raises BadInput."""
        if way not in WAYS:
            raise BadInput("way", "invalid")
        async with self.db.transaction(member.organization_id) as s:
            lead = await _workable(s, member, lead_id)
            await self._note(s, member, lead, way, text)
            return lead

    @needs(Right.LEAD_WORK)
    async def email(self, member: Member, lead_id: UUID, to: str, subject: str, text: str) -> Lead:
        """Owe a letter to one of the lead's addresses, its contacts' included; the mailer sends it. Raises
        BadInput("email", ...) for a strange address, and TooLate("no_mailing") without SMTP."""
        if not self.mailing:
            raise TooLate("no_mailing")
        async with self.db.transaction(member.organization_id) as s:
            lead = await _workable(s, member, lead_id)
            to = read_email(to)
            if to not in lead.emails and to not in await mails.known_addresses(s, lead_id):
                raise BadInput("email", "strange")
            letter = {
                "to": to,
                "subject": read_text("subject", subject, SUBJECT_LIMIT),
                "text": text,
                "sender_name": member.name,
                "reply_to": member.profile.get("email", ""),
            }
            await mails.owe(s, member.telegram_id, lead_id, letter, self.clock())
            await self._note(s, member, lead, "email", text)
            s.after_commit(lambda: self.signals.wake(mails.KIND))
            return lead

    async def _note(self, s: Session, member: Member, lead: Lead, way: str, text: str) -> None:
        now = self.clock()
        kind = ActivityType.EMAIL if way == "email" else ActivityType.MESSENGER_CLICK
        activity_id = await activity_rows.add_activity(
            s, lead.id, now, type=kind.value, text=text, result=way, author_id=member.id, completed_at=now
        )
        entry = (SENT, "", f"{way}: {text}")
        await lead_history.add_history(s, lead.id, member.id, "chat", [entry], now)
        await activity_rows.add_audit(s, member.id, "lead.message", "lead", lead.id, now)
        await self.outbox.enqueue(s, "activity.create", lead.id, activity_id, {})

    async def _read(self, member: Member, one: Template, others: Sequence[Template]) -> Template:
        name = read_text("template_name", one.name, NAME_LIMIT)
        if any(other.name.casefold() == name.casefold() for other in others):
            raise BadInput("template_name", "taken", name=name)
        text = one.text.strip()
        if not text:
            raise BadInput("template", "required")
        if len(text) > TEXT_LIMIT:
            raise BadInput("template", "too_long", limit=TEXT_LIMIT, length=len(text))
        subject = read_text("subject", one.subject, SUBJECT_LIMIT, required=False)
        known = await self.known_fields(member)
        check(text, known)
        check(subject, known)
        return replace(one, name=name, subject=subject, text=text)

    async def _audit(self, s: Session, member: Member, what: str, template_id: UUID) -> None:
        await activity_rows.add_audit(s, member.id, f"template.{what}", "template", template_id, self.clock())


async def _workable(s: Session, member: Member, lead_id: UUID) -> Lead:
    lead = await visible_lead(s, member, lead_id)
    if lead.withdrawn_at is not None:
        raise TooLate("withdrawn")
    return lead


async def _must_get(s: Session, template_id: UUID) -> Template:
    one = await rows.get(s, template_id)
    if one is None:
        raise NotFound(what="template")
    return one
