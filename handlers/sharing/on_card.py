"""What a lead's card says and offers about who has it."""

from domain.leads import Lead
from domain.members import Member, Right
from handlers.buttons import LeadButton
from handlers.screens import Button
from handlers.sharing.words import has_why
from locales import _


def _act(text: str, do: str, lead: Lead) -> Button:
    return Button(text, LeadButton(do=do, lead=lead.id))


def assign_button(member: Member, lead: Lead) -> list[Button]:
    """Give the lead to somebody; empty for whoever may not."""
    if not member.may(Right.LEAD_WORK):
        return []
    if lead.assignee_id is None:
        return [_act(_("👤 Assign"), "assign", lead)] if member.may(Right.LEAD_ASSIGN) else []
    own = lead.assignee_id == member.id or member.may(Right.LEAD_ASSIGN)
    return [_act(_("🤝 Hand over"), "assign", lead)] if own else []


def why_button(member: Member, lead: Lead) -> list[Button]:
    """Why this person has it; empty where nothing was kept about that."""
    if not has_why(lead, member):
        return []
    return [_act(_("❔ Why me") if lead.assignee_id == member.id else _("❔ Why them"), "why", lead)]


def may_take(member: Member, lead: Lead) -> bool:
    """Free, or not answered in time by somebody else."""
    return member.may(Right.LEAD_WORK) and lead.is_up_for_all and lead.assignee_id != member.id
