"""Pushes about who has a lead, in words."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from domain.leads import Lead
from domain.members import Member, Right
from handlers.buttons import ListButton
from handlers.cards import clip, lead_title
from handlers.leads.lead_screens import card, to_lead
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from handlers.sharing.told import these_leads
from locales import N_, _, ngettext
from services.leads.duplicates import may_see
from services.messages.notices import Delivery
from services.registry import Services

NOTE_ROOM = 1000
LATE: Mapping[str, str] = {
    "assignee": N_("⏰ <b>Not answered yet.</b> A call, a note or a move to the next stage stops the clock."),
    "head": N_("⏰ <b>{name} has not answered in time.</b> You are the head of this pipeline."),
    "all": N_("⏰ <b>Nobody has answered in time.</b> Whoever presses Take gets the lead."),
}
LATE_FREE = N_("⏰ <b>Nobody has taken this lead in time.</b> You are the head of this pipeline.")
FREED: Mapping[str, str] = {
    "suspended": N_("⏸ {name} is paused."),
    "removed": N_("🚪 {name} was removed."),
    "left": N_("🚪 {name} has left."),
    "blocked": N_("🔇 {name} has blocked the bot."),
    "away": N_("🏖 {name} is away."),
}


async def given(services: Services, delivery: Delivery) -> Screen | None:
    """A card for whoever has got the lead, with the word that came along."""
    lead, member = await _about(services, delivery)
    if lead is None or member is None or not lead.is_open or lead.assignee_id != member.id:
        return None
    shown = await card(services, member, lead)
    params = delivery.notice.params
    by = await _name(services, delivery, params.get("by"))
    head = (
        _("🤝 <b>{name} hands this lead over to you</b>").format(name=by)
        if by
        else _("🎯 <b>A lead for you</b>")
    )
    said = await _note(services, lead, str(params.get("activity", "")))
    return Screen("\n".join([head, *said, "", shown.text]), shown.rows)


async def _note(services: Services, lead: Lead, activity: str) -> list[str]:
    if not activity:
        return []
    found = await services.activities.for_notice(lead.organization_id, lead.id, UUID(activity))
    return [f"💬 <i>{clip(found.text, NOTE_ROOM)}</i>"] if found is not None else []


async def passed(services: Services, delivery: Delivery) -> Screen | None:
    """To whoever had it: it is somebody else's now."""
    lead, member = await _about(services, delivery)
    if lead is None or member is None or lead.assignee_id == member.id:
        return None
    by = await _name(services, delivery, delivery.notice.params.get("by")) or _("An admin")
    text = _("↪️ {by} has given your lead <b>{lead}</b> to {name}.")
    if lead.assignee_id is None:
        text = _("↪️ {by} has given your lead <b>{lead}</b> back to the pool.")
    elif str(lead.assignee_id) == delivery.notice.params.get("by"):
        text = _("↪️ {by} has taken your lead <b>{lead}</b>: it was not answered in time.")
    said = text.format(by=by, lead=lead_title(lead), name=clip(lead.assignee_name, 100))
    return Screen(said, [to_lead(lead.id)] if may_see(member, lead) else [])


async def late(services: Services, delivery: Delivery) -> Screen | None:
    """A step of the escalation; nothing when somebody has acted meanwhile."""
    lead, member = await _about(services, delivery)
    if lead is None or member is None or not lead.is_open or not lead.escalations:
        return None
    step = str(delivery.notice.params.get("step"))
    text = LATE.get(step)
    if text is None or (step == "all" and lead.assignee_id == member.id):
        text = LATE["assignee"]
    if step == "head" and lead.assignee_id is None:
        text = LATE_FREE
    shown = await card(services, member, lead)
    head = _(text).format(name=clip(lead.assignee_name, 100))
    return Screen(f"{head}\n\n{shown.text}", shown.rows)


async def shared(_services: Services, delivery: Delivery) -> Screen | None:
    """Many leads at once."""
    member, count = delivery.member, int(delivery.notice.params.get("count", 0))
    if member is None or not count or not member.may(Right.LEAD_WORK):
        return None
    text = ngettext("🎯 You have got {count} lead.", "🎯 You have got {count} leads.", count)
    return Screen(text.format(count=count), [[these_leads(delivery.notice.id, count), *to_menu()]])


async def freed(services: Services, delivery: Delivery) -> Screen | None:
    """To those who manage: what became of the leads of somebody who cannot work on them."""
    member, params = delivery.member, delivery.notice.params
    text = FREED.get(str(params.get("why")))
    if member is None or text is None or not member.may(Right.LEAD_WORK):
        return None
    gone = await _name(services, delivery, params.get("member")) or "—"
    count, given_out = int(params["leads"]), dict(params.get("given", {}))
    lines = [_(text).format(name=gone)]
    moved = ngettext("{count} open lead needs new hands:", "{count} open leads need new hands:", count)
    lines.append(moved.format(count=count))
    for who, number in given_out.items():
        lines.append(f"• {await _name(services, delivery, who) or '—'}: {number}")
    left = count - sum(given_out.values())
    if left:
        free = ngettext("{count} is free: take it.", "{count} are free: take them.", left)
        lines.append("• " + free.format(count=left))
    free_ones = [Button(_("🆓 Free leads"), ListButton(owner="unassigned"))] if left else []
    return Screen("\n".join(lines), [[*free_ones, *to_menu()]])


async def _about(services: Services, delivery: Delivery) -> tuple[Lead | None, Member | None]:
    member = delivery.member
    if member is None or not member.may(Right.LEAD_SEE_OWN):
        return None, None
    lead_id = UUID(delivery.notice.params["lead"])
    lead = await services.leads.for_notice(delivery.notice.organization_id, lead_id)
    return (lead, member) if lead is not None and lead.deleted_at is None else (None, None)


async def _name(services: Services, delivery: Delivery, member_id: object) -> str:
    """The name as it is now, as HTML; empty where there is none."""
    if not member_id:
        return ""
    one = await services.members.for_notice(delivery.notice.organization_id, UUID(str(member_id)))
    return esc(one.name) if one is not None else ""


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    "lead.given": given,
    "lead.passed": passed,
    "lead.late": late,
    "lead.shared": shared,
    "lead.freed": freed,
}
