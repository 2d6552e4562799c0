"""Pushes about what CRMs change, in words."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from domain.errors import NotFound
from domain.leads import Lead
from domain.members import Right
from handlers.cards import clip, lead_title
from handlers.crm.conflict_cards import deleted_screen, duplicate_screen, field_word, merged_screen
from handlers.crm.conflicts import open_card
from handlers.leads.lead_history import VALUES
from handlers.leads.lead_screens import to_lead
from handlers.screens import Screen
from locales import _
from services.leads.duplicates import may_see
from services.messages.notices import Delivery
from services.registry import Services

ROOM = 300


async def followed(services: Services, delivery: Delivery) -> Screen | None:
    """Fields that the CRM has changed, old and new."""
    member, params = delivery.member, delivery.notice.params
    if member is None or not member.may(Right.LEAD_SEE_OWN):
        return None
    lead = await services.leads.for_notice(member.organization_id, UUID(params["lead"]))
    if lead is None or not may_see(member, lead):
        return None
    lines = [_("✏️ <b>{lead}</b>").format(lead=lead_title(lead)), _("Changed in the CRM:")]
    for name, old, new in params["changes"]:
        speak = VALUES.get(name, str)
        before, after = (clip(speak(value), ROOM) if value else "—" for value in (old, new))
        lines.append(f"{field_word(name)}: {before} → {after}")
    return Screen("\n".join(lines), [to_lead(lead.id)])


async def conflict(services: Services, delivery: Delivery) -> Screen | None:
    """Two values to choose from, or how it ended."""
    if delivery.member is None or not delivery.member.may(Right.LEAD_WORK):
        return None
    return await open_card(services, delivery.member, UUID(delivery.notice.params["conflict"]))


async def deleted(services: Services, delivery: Delivery) -> Screen | None:
    """The record of a lead is gone in the CRM, or what was decided."""
    member, params = delivery.member, delivery.notice.params
    if member is None or not member.may(Right.LEAD_WORK):
        return None
    link_id = UUID(params["link"])
    try:
        lead, mark = await services.deletions.stands(member, link_id)
    except NotFound:
        found = await services.leads.for_notice(member.organization_id, UUID(params["lead"]))
        return deleted_screen(found, link_id, "", "") if found is not None else None
    return deleted_screen(lead, link_id, mark, "")


async def merged(services: Services, delivery: Delivery) -> Screen | None:
    """Two leads became one record."""
    pair = await _two_leads(services, delivery)
    return merged_screen(*pair) if pair is not None else None


async def duplicate(services: Services, delivery: Delivery) -> Screen | None:
    """A new lead whose contacts are another lead's in the CRM."""
    pair, member = await _two_leads(services, delivery), delivery.member
    if pair is None or member is None or not may_see(member, pair[0]):
        return None
    return duplicate_screen(*pair, knows=may_see(member, pair[1]))


async def _two_leads(services: Services, delivery: Delivery) -> tuple[Lead, Lead] | None:
    """The lead that the push is about and the other one, for somebody who works on leads."""
    member, params = delivery.member, delivery.notice.params
    if member is None or not member.may(Right.LEAD_WORK):
        return None
    lead = await services.leads.for_notice(member.organization_id, UUID(params["lead"]))
    other = await services.leads.for_notice(member.organization_id, UUID(params["other"]))
    return (lead, other) if lead is not None and other is not None else None


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    "lead.followed": followed,
    "crm.conflict": conflict,
    "crm.deleted": deleted,
    "crm.duplicate": duplicate,
    "crm.merged": merged,
}
