"""Reading a draft, and the verdict on its duplicates."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.errors import BadInput
from domain.fields import NAME_LIMIT, read_email, read_inn, read_note, read_text
from domain.leads import DuplicateVerdict, Lead, LeadDraft, StageKind, Verdict
from domain.members import Member, Organization, Right
from domain.phones import read_phone
from storage import leads as rows
from storage import members as member_rows
from storage.db import Session


@dataclass(frozen=True, slots=True)
class CleanDraft:
    """A draft after normalisation, with its contact points: (kind, value, as typed)."""

    draft: LeadDraft
    points: tuple[tuple[str, str, str], ...]

    @property
    def values(self) -> list[str]:
        return [value for _, value, _ in self.points]


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
    return lead.assignee_id is None and member.may(Right.LEAD_SEE_UNASSIGNED)


def is_free(lead: Lead, organization: Organization, now: datetime) -> bool:
    """Closed as failed, withdrawn, or untouched for as long as the organization says."""
    if lead.withdrawn_at is not None or lead.stage.kind is StageKind.FAILED:
        return True
    return lead.updated_at < now - timedelta(days=organization.duplicate_free_days)


async def verdict_on(s: Session, member: Member, clean: CleanDraft, now: datetime) -> DuplicateVerdict:
    """New, the asker's own, somebody's (whose, only if the asker may know), or old and free."""
    found = await rows.find_duplicates(s, clean.values, clean.draft.inn)
    if not found:
        return DuplicateVerdict(Verdict.NEW)
    organization = await member_rows.get_organization(s, s.tenant)
    leads = [lead for lead in [await rows.get_lead(s, lead_id) for lead_id in found[:5]] if lead]
    assert organization is not None
    busy = [lead for lead in leads if not is_free(lead, organization, now)]
    lead = busy[0] if busy else leads[0]
    matched = next((value for value in clean.values if value in (*lead.phones, *lead.emails)), lead.inn)
    if not busy:
        return DuplicateVerdict(Verdict.FREE, since=lead.created_at, matched=matched)
    knows = may_see(member, lead)
    return DuplicateVerdict(
        verdict=Verdict.YOURS if member.id in (lead.sender_id, lead.assignee_id) else Verdict.TAKEN,
        lead_id=lead.id if knows else None,
        number=lead.number if knows else None,
        owner_name=(lead.assignee_name or lead.sender_name) if knows else "",
        since=lead.created_at if knows else None,
        matched=matched,
    )
