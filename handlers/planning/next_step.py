"""No open lead is left without a next step: it is asked for, gently, when something has been done."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from domain.leads import Lead
from domain.members import Member, Right
from domain.plans import Plan
from handlers.buttons import LeadButton
from handlers.cards import lead_title
from handlers.chat import Chat
from handlers.planning.buttons import PlanButton
from handlers.screens import Button, Rows, Screen
from locales import _
from services.registry import Services


async def ask_next_step(services: Services, chat: Chat, member: Member, lead: Lead) -> None:
    """Below what was just done: what is next? Nothing where something is planned, the lead is over, or it is
    somebody else's."""
    if await lacks_next_step(services, member, lead):
        text = _("🗓 What is next with <b>{lead}</b>?").format(lead=lead_title(lead))
        chat.say(Screen(text, next_rows(services, member, lead)))


async def lacks_next_step(services: Services, member: Member, lead: Lead) -> bool:
    """Whether this member is to be asked what is next."""
    if not member.may(Right.LEAD_WORK) or lead.assignee_id != member.id or not lead.is_open:
        return False
    return await services.plans.next_step(member, lead.id) is None


async def with_nudge(services: Services, member: Member, plan: Plan, shown: Screen) -> Screen:
    """The card of an ended activity, with the question what is next where nothing is."""
    if plan.lead_id is None:
        return shown
    lead = await services.leads.for_notice(member.organization_id, plan.lead_id)
    if lead is None or not await lacks_next_step(services, member, lead):
        return shown
    text = shown.text + "\n\n" + _("🗓 What is next?")
    return replace(shown, text=text, rows=[*next_rows(services, member, lead)[:1], *shown.rows])


def next_rows(services: Services, member: Member, lead: Lead) -> Rows:
    """A call tomorrow, something else, or later."""
    here = services.plans.clock().astimezone(ZoneInfo(member.time_zone))
    tomorrow = (here + timedelta(days=1)).date()
    call = PlanButton(do="at", of="l", id=lead.id, extra=f"c.{tomorrow:%Y%m%d}1000")
    choose = PlanButton(do="types", of="l", id=lead.id)
    return [
        [Button(_("📞 Call tomorrow 10:00"), call), Button(_("🗓 Choose"), choose)],
        [Button(_("💤 Later"), LeadButton(do="open", lead=lead.id))],
    ]
