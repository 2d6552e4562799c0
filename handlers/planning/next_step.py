"""No open lead or customer is left without a next step: it is asked for, gently, when something was done."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from domain.errors import NotFound
from domain.leads import Lead
from domain.members import Member, Right
from domain.plans import Plan, Subject
from handlers.cards import lead_title
from handlers.chat import Chat
from handlers.planning.buttons import plans_of
from handlers.planning.subjects import way_to
from handlers.screens import Button, Rows, Screen
from locales import _
from services.registry import Services


async def ask_next_step(services: Services, chat: Chat, member: Member, lead: Lead) -> None:
    """Below what was just done: what is next? Nothing where something is planned, the lead is over, or it is
    somebody else's."""
    if await lacks_next_step(services, member, lead):
        text = _("🗓 What is next with <b>{lead}</b>?").format(lead=lead_title(lead))
        chat.say(Screen(text, next_rows(services, member, Subject("lead", lead.id))))


async def lacks_next_step(services: Services, member: Member, lead: Lead) -> bool:
    """Whether this member is to be asked what is next."""
    if not member.may(Right.LEAD_WORK) or lead.assignee_id != member.id or not lead.is_open:
        return False
    return await services.plans.next_step(member, Subject("lead", lead.id)) is None


async def with_nudge(services: Services, member: Member, plan: Plan, shown: Screen) -> Screen:
    """The card of an ended activity, with the question what is next where nothing is."""
    of = plan.subject
    if of is None or not await _is_idle(services, member, of):
        return shown
    text = shown.text + "\n\n" + _("🗓 What is next?")
    return replace(shown, text=text, rows=[*next_rows(services, member, of)[:1], *shown.rows])


async def _is_idle(services: Services, member: Member, of: Subject) -> bool:
    if of.kind == "customer":
        try:
            customer = await services.customers.get(member, of.id)
        except NotFound:
            return False  # an activity may be handed to somebody who does not see the customer
        return customer.assignee_id == member.id and await services.plans.next_step(member, of) is None
    lead = await services.leads.for_notice(member.organization_id, of.id)
    return lead is not None and await lacks_next_step(services, member, lead)


def next_rows(services: Services, member: Member, of: Subject) -> Rows:
    """A call tomorrow, something else, or later."""
    here = services.plans.clock().astimezone(ZoneInfo(member.time_zone))
    tomorrow = (here + timedelta(days=1)).date()
    choose = plans_of(of)
    call = choose.model_copy(update={"do": "at", "extra": f"c.{tomorrow:%Y%m%d}1000"})
    return [
        [Button(_("📞 Call tomorrow 10:00"), call), Button(_("🗓 Choose"), choose)],
        [replace(way_to(of), text=_("💤 Later"))],
    ]
