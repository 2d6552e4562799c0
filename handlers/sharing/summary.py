"""What waited, in one message: a line a kind with the leads it is about, and buttons that open them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.leads import Lead
from domain.members import Member, Right
from handlers.buttons import LeadButton, MenuButton
from handlers.cards import lead_title
from handlers.menu import to_menu
from handlers.screens import Button, Screen
from handlers.sharing.told import standing, these_leads
from locales import N_, _
from services.leads.duplicates import may_see
from services.messages.notices import Delivery
from services.registry import Services

HEADS: Mapping[str, str] = {
    "bulk.assigned": N_("👤 Leads were given to you: {count} times"),
    "crm.conflict": N_("⚖️ Fields changed on both sides: {count}"),
    "crm.deleted": N_("🗑 Deleted in the CRM: {count}"),
    "crm.failed": N_("🛑 Not accepted by the CRM: {count}"),
    "crm.recovered": N_("✅ The CRM works again"),
    "lead.asked": N_("🙋 Questions about leads: {count}"),
    "lead.attached": N_("📎 Came in once more: {count}"),
    "lead.freed": N_("🔁 Leads that got new hands: {count} times"),
    "lead.given": N_("🎯 Leads for you: {count}"),
    "lead.message": N_("💬 Messages: {count}"),
    "lead.new": N_("🔔 New leads: {count}"),
    "lead.passed": N_("↪️ Leads of yours that others have now: {count}"),
    "lead.shared": N_("🎯 Leads for you: {count}"),
    "lead.stage": N_("🗂 Stages have changed: {count}"),
    "member.gone": N_("🚪 People have left: {count}"),
    "member.wish": N_("👋 Requests to join: {count}"),
    "plan.given": N_("🗓 Activities were handed to you: {count}"),
    "update.parked": N_("🧯 Things that broke on our side: {count}"),
}
ELSE = N_("🔔 Other news: {count}")
PLACES: Mapping[str, tuple[str, str]] = {
    "crm.": (N_("🔌 CRM"), "crm"),
    "member.": (N_("👥 People"), "people"),
    "plan.": (N_("📅 Today"), "today"),
    "lead.": (N_("📋 Leads"), "leads"),
    "bulk.": (N_("📋 Leads"), "leads"),
}
"""Where the rest of a kind is found."""

ONE_LEAD_EACH = frozenset({"lead.given", "lead.new"})
"""Kinds of which each push is about a lead of its own, and whose words count leads."""

LEADS_NAMED = 12
BUTTONS = 8
LABEL_ROOM = 40


async def summary(services: Services, delivery: Delivery) -> Screen | None:
    """The list; nothing where all of it is past."""
    member = delivery.member
    if member is None:
        return None
    items: list[dict[str, Any]] = delivery.notice.params["items"]
    leads = await _leads(services, delivery, member, items)
    lines, named = [_("📬 <b>What has come meanwhile</b>")], list[Lead]()
    for kind, told in _counts(delivery.notice.params).items():
        own = [leads[one["params"]["lead"]] for one in items
               if one["kind"] == kind and one["params"].get("lead") in leads]  # fmt: skip
        distinct = list({lead.id: lead for lead in own}.values())
        # a lead that is gone meanwhile is not told of any more
        whole = kind in ONE_LEAD_EACH and told == sum(one["kind"] == kind for one in items)
        count = len(distinct) if whole else told
        if not count:
            continue
        lines += ["", _(HEADS.get(kind, ELSE)).format(count=count)]
        lines += [f"• {lead_title(lead)}" for lead in distinct[:LEADS_NAMED]]
        if len(distinct) > LEADS_NAMED:
            lines.append("• …")
        named += distinct
    if len(lines) == 1:
        return None
    of_leads = await _all_of_them(services, delivery, member)
    return Screen("\n".join(lines), [*of_leads, *_rows(member, named, delivery.notice.params)])


async def _all_of_them(services: Services, delivery: Delivery, member: Member) -> list[list[Button]]:
    """Opens every lead that the message tells of, with their count."""
    if not member.may(Right.LEAD_SEE_OWN):
        return []
    count = await standing(services, member, delivery.notice.params)
    return [[these_leads(delivery.notice.id, count)]] if count else []


def _counts(params: Mapping[str, Any]) -> dict[str, int]:
    """How many of each kind; pushes that tell a number of leads count these."""
    counts = dict(params["counts"])
    told = [one["params"].get("count", 1) for one in params["items"] if one["kind"] == "lead.shared"]
    if told:
        counts["lead.shared"] = sum(told)
    return counts


async def _leads(
    services: Services, delivery: Delivery, member: Member, items: Sequence[Mapping[str, Any]]
) -> dict[str, Lead]:
    """The leads that the items are about and that the member may see, by id."""
    found: dict[str, Lead] = {}
    if not member.may(Right.LEAD_SEE_OWN):
        return found
    for lead_id in dict.fromkeys(str(one["params"]["lead"]) for one in items if "lead" in one["params"]):
        lead = await services.leads.for_notice(delivery.notice.organization_id, UUID(lead_id))
        if lead is not None and lead.deleted_at is None and may_see(member, lead):
            found[lead_id] = lead
    return found


def _rows(member: Member, leads: Sequence[Lead], params: Mapping[str, Any]) -> list[list[Button]]:
    distinct = list({lead.id: lead for lead in leads}.values())[:BUTTONS]
    rows = [
        [Button(f"#{lead.number} {lead.title[:LABEL_ROOM]}", LeadButton(do="open", lead=lead.id))]
        for lead in distinct
    ]
    kinds = params["counts"]
    places = {place: _(label) for start, (label, place) in PLACES.items()
              if any(kind.startswith(start) for kind in kinds)}  # fmt: skip
    return [*rows, [*[Button(label, MenuButton(place=place)) for place, label in places.items()], *to_menu()]]


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {"summary": summary}
