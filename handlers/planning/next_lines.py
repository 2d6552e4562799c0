"""The next step of a lead or customer, on its card."""

from domain.customers import Customer
from domain.leads import Lead
from domain.members import Member, Right
from domain.plans import Subject
from handlers.planning.words import next_step_line
from locales import _
from services.registry import Services


async def next_lines(services: Services, member: Member, lead: Lead) -> list[str]:
    """What is next; that nothing is, for a lead that is worked on. Senders see none of it."""
    if not member.may(Right.LEAD_WORK):
        return []
    plan = await services.plans.next_step(member, Subject("lead", lead.id))
    if plan is not None:
        return [next_step_line(plan, member)]
    return [_("❗ No next step yet")] if lead.is_open and lead.assignee_id is not None else []


async def customer_next_lines(services: Services, member: Member, customer: Customer) -> list[str]:
    """What is next; a customer may well have nothing planned."""
    plan = await services.plans.next_step(member, Subject("customer", customer.id))
    return [next_step_line(plan, member)] if plan is not None else []
