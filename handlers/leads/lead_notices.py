"""Pushes about leads in words. A push shows the newest state, not the one it was owed for."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from domain.leads import Lead, StageKind
from domain.members import Member, Right
from domain.phones import show_phone
from domain.slots import is_opened
from handlers.cards import clip, lead_title, stage_name
from handlers.leads.lead_screens import act, card, default_ways, to_lead
from handlers.leads.lead_thread import line
from handlers.leads.receipts import receipt as receipt_screen
from handlers.screens import Screen, esc
from locales import _
from services.leads.duplicates import may_see
from services.messages.notices import Delivery
from services.registry import Services

ROOM = 2500


async def new(services: Services, delivery: Delivery) -> Screen | None:
    """A card for whoever may take the lead; nothing when it was withdrawn before the push went out."""
    lead, member = await _about(services, delivery)
    if lead is None or member is None or lead.withdrawn_at is not None or lead.deleted_at is not None:
        return None
    shown = await card(services, member, lead)
    if lead.assignee_id is not None:
        return shown
    return Screen(_("🔔 <b>New lead</b>") + "\n" + shown.text, shown.rows)


async def brought_up_to_date(services: Services, delivery: Delivery) -> Screen | None:
    """The card as it stands: taken and by whom, at which stage, withdrawn."""
    lead, member = await _about(services, delivery)
    if lead is None or member is None:
        return None
    return await card(services, member, lead, default_ways() if is_opened(delivery.notice.slot) else ())


async def stage(services: Services, delivery: Delivery) -> Screen | None:
    """The stage has changed: to the sender and to the assignee."""
    lead, member = await _about(services, delivery)
    if lead is None or member is None:
        return None
    moved_to = UUID(delivery.notice.params["stage"])
    stages = await services.pipeline.stages(member)
    now = next((one for one in stages if one.id == moved_to), lead.stage)
    lines = [f"<b>{lead_title(lead)}</b>", _("Now: {stage}").format(stage=esc(stage_name(now)))]
    if now.kind is StageKind.FAILED and may_see(member, lead):
        lines += await _reason(services, member, lead)
    if lead.assignee_name and lead.assignee_id != member.id:
        lines.append(_("👤 {name} works on it").format(name=clip(lead.assignee_name, 200)))
    rows = [to_lead(lead.id)] if may_see(member, lead) else []
    return Screen("\n".join(lines), rows)


async def _reason(services: Services, member: Member, lead: Lead) -> list[str]:
    entries = await services.leads.history(member, lead.id)
    given = next((entry.new for entry in entries if entry.field == "reason"), "")
    return [_("Reason: {reason}").format(reason=clip(given, ROOM))] if given else []


async def message(services: Services, delivery: Delivery) -> Screen | None:
    """A line from the other side of the thread, with Reply."""
    lead, member = await _about(services, delivery)
    if lead is None or member is None:
        return None
    found = await services.activities.for_notice(lead.organization_id, lead.id, _activity_id(delivery))
    if found is None:
        return None
    text = f"💬 <b>{lead_title(lead)}</b>\n\n" + line(found, member, ROOM)
    rows = [[act(_("💬 Reply"), "write", lead)], to_lead(lead.id)] if may_see(member, lead) else []
    return Screen(text, rows)


async def attached(services: Services, delivery: Delivery) -> Screen | None:
    """Somebody tried to send the same contact again and left a comment; a repeated website form, too."""
    lead, member = await _about(services, delivery)
    if lead is None or member is None:
        return None
    found = await services.activities.for_notice(lead.organization_id, lead.id, _activity_id(delivery))
    if found is None:
        return None
    who = clip(found.author_name, 100) or _("The website form")
    head = _("📎 To <b>{lead}</b> from {who}:").format(who=who, lead=lead_title(lead))
    text = f"{head}\n\n{clip(found.text, ROOM)}"
    return Screen(text, [to_lead(lead.id)] if may_see(member, lead) else [])


async def asked(services: Services, delivery: Delivery) -> Screen | None:
    """A sender wants to talk about a lead that stands in the way of theirs."""
    lead, member = await _about(services, delivery)
    if lead is None or member is None:
        return None
    asker = await services.members.for_notice(lead.organization_id, UUID(delivery.notice.params["from"]))
    if asker is None:
        return None
    text = _(
        "🙋 {name} has the same contact and asks you to get in touch about <b>{lead}</b>.\n{contact}"
    ).format(name=clip(asker.name, 100), lead=lead_title(lead), contact=_contact(asker))
    return Screen(text, [to_lead(lead.id)] if may_see(member, lead) else [])


async def receipt(services: Services, delivery: Delivery) -> Screen | None:
    """The sender's one message about the lead, from accepted to the end."""
    lead, member = await _about(services, delivery)
    if lead is None or member is None or lead.sender_id != member.id:
        return None
    return receipt_screen(lead, member, await services.outbox.of_lead(lead))


async def _about(services: Services, delivery: Delivery) -> tuple[Lead | None, Member | None]:
    """The lead and the person, if they are still members who may see leads at all."""
    member = delivery.member
    if member is None or not member.may(Right.LEAD_SEE_OWN):
        return None, None
    lead_id = UUID(delivery.notice.params["lead"])
    return await services.leads.for_notice(delivery.notice.organization_id, lead_id), member


def _activity_id(delivery: Delivery) -> UUID:
    return UUID(delivery.notice.params["activity"])


def _contact(person: Member) -> str:
    parts = [f"📞 {show_phone(person.phone)}"] if person.phone else []
    if person.username:
        parts.append(f"@{esc(person.username)}")
    return "\n".join(parts)


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    "lead.new": new,
    "lead.card": brought_up_to_date,
    "lead.stage": stage,
    "lead.message": message,
    "lead.attached": attached,
    "lead.asked": asked,
    "receipt": receipt,
}
