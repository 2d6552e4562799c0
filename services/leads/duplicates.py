"""Reading a draft, and the verdict on its duplicates."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import BadInput, DuplicateLead
from domain.fields import NAME_LIMIT, read_email, read_inn, read_note, read_text
from domain.leads import DuplicateVerdict, Lead, LeadDraft, StageKind, Verdict
from domain.members import Member, Organization, Right
from domain.phones import read_phone
from storage.db import Session
from storage.finding import lead_search
from storage.leads import contacts
from storage.leads import leads as rows
from storage.people import members as member_rows

LOOKED_AT = 20
"""Of the newest leads with the same contact: more than anybody's contact has."""


@dataclass(frozen=True, slots=True)
class CleanDraft:
    """A draft after normalisation, with its contact points: (kind, value, as typed)."""

    draft: LeadDraft
    points: tuple[tuple[str, str, str], ...]

    @property
    def values(self) -> list[str]:
        return [value for _, value, _ in self.points]

    @property
    def as_note(self) -> str:
        """All of it as lines of a comment."""
        one = self.draft
        return "\n".join(filter(None, (one.name, one.company, *one.phones, *one.emails, one.note)))


def clean_draft(draft: LeadDraft, region: str) -> CleanDraft:
    """The draft with every field normalised. Raises BadInput for the first that cannot be read."""
    phones = dict.fromkeys((read_phone(phone, region), phone) for phone in draft.phones if phone.strip())
    emails = dict.fromkeys((read_email(email), email) for email in draft.emails if email.strip())
    cleaned = replace(
        draft,
        name=read_text("name", draft.name, NAME_LIMIT, required=False),
        company=read_text("company", draft.company, 200, required=False),
        inn=read_inn(draft.inn) if draft.inn.strip() else "",
        note=read_note(draft.note),
        phones=tuple(phone for phone, _ in phones),
        emails=tuple(email for email, _ in emails),
    )
    points = [("phone", value, typed) for value, typed in phones]
    points += [("email", value, typed) for value, typed in emails]
    return CleanDraft(cleaned, tuple(points))


def demand_somebody(clean: CleanDraft) -> None:
    """A lead has a name or a company, and a phone or an e-mail. Raises BadInput otherwise."""
    if not clean.draft.name and not clean.draft.company:
        raise BadInput("name", "required")
    if not clean.points:
        raise BadInput("phone", "required")


def may_see(member: Member, lead: Lead) -> bool:
    """Partners see their own; managers theirs and the unassigned; admins all."""
    if member.may(Right.LEAD_SEE_ALL) or member.id in (lead.sender_id, lead.assignee_id):
        return True
    return lead.is_up_for_all and member.may(Right.LEAD_SEE_UNASSIGNED)


def is_closed(lead: Lead) -> bool:
    """Refused, or withdrawn by its sender."""
    return lead.withdrawn_at is not None or lead.stage.kind is StageKind.FAILED


def is_free(lead: Lead, organization: Organization, now: datetime) -> bool:
    """Closed, or untouched for as long as the organization says."""
    return is_closed(lead) or lead.updated_at < now - timedelta(days=organization.duplicate_free_days)


@dataclass(frozen=True, slots=True)
class Found:
    """Leads with one of a draft's contacts, newest first, and those of them that are not free."""

    leads: tuple[Lead, ...]
    busy: tuple[Lead, ...]

    @property
    def first(self) -> Lead:
        """The one that counts: it stands in the way, or is the newest of the free ones."""
        return (self.busy or self.leads)[0]


async def duplicates_of(s: Session, clean: CleanDraft, now: datetime, besides: UUID | None = None) -> Found:
    """The duplicates of a draft; the lead `besides` is none of itself."""
    found = await lead_search.find_duplicates(s, clean.values, clean.draft.inn)
    ids = [one for one in found if one != besides][:LOOKED_AT]
    if not ids:
        return Found((), ())
    organization = await member_rows.get_organization(s, s.tenant)
    assert organization is not None
    leads = tuple(lead for lead in [await rows.get_lead(s, one) for one in ids] if lead)
    return Found(leads, tuple(lead for lead in leads if not is_free(lead, organization, now)))


async def verdict_on(
    s: Session, member: Member, clean: CleanDraft, now: datetime, besides: UUID | None = None
) -> DuplicateVerdict:
    """New, the asker's own, somebody's (whose, only if the asker may know), or old and free."""
    found = await duplicates_of(s, clean, now, besides)
    if not found.leads:
        return DuplicateVerdict(Verdict.NEW)
    lead = found.first
    known = await contacts.values_of(s, lead.id)
    matched = next((value for value in clean.values if value in known), lead.inn)
    if not found.busy:
        closed = is_closed(lead)
        return DuplicateVerdict(Verdict.FREE, since=lead.created_at, matched=matched, closed=closed)
    knows = may_see(member, lead)
    return DuplicateVerdict(
        verdict=Verdict.YOURS if member.id in (lead.sender_id, lead.assignee_id) else Verdict.TAKEN,
        lead_id=lead.id if knows else None,
        number=lead.number if knows else None,
        owner_name=(lead.assignee_name or lead.sender_name) if knows else "",
        since=lead.created_at if knows else None,
        matched=matched,
        taken=lead.assignee_id is not None,
    )


def demand_no_duplicate(verdict: DuplicateVerdict) -> None:
    """Raises DuplicateLead where a lead stands in the way; its id only for whoever may know it."""
    if verdict.stands_in_the_way:
        raise DuplicateLead(verdict.lead_id, verdict=verdict.verdict.value)
