"""The next step of a lead, on its card."""

from domain.leads import Lead
from domain.members import Member, Right
from handlers.planning.words import next_step_line
from locales import _
from services.registry import Services


async def next_lines(services: Services, member: Member, lead: Lead) -> list[str]:
    """What is next; that nothing is, for a lead that is worked on. Senders see none of it."""
    if not member.may(Right.LEAD_WORK):
        return []
    plan = await services.plans.next_step(member, lead.id)
    if plan is not None:
        return [next_step_line(plan, member)]
    return [_("❗ No next step yet")] if lead.is_open and lead.assignee_id is not None else []
