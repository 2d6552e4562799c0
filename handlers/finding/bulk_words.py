"""What an order on many leads is about to do, in words."""

from uuid import UUID

from domain.bulk import Order, Picked
from domain.leads import Stage
from domain.members import Member
from handlers.cards import stage_name
from handlers.screens import esc
from locales import _, ngettext
from services.registry import Services


async def stage_of(services: Services, member: Member, order: Order) -> Stage | None:
    if order.action != "stage":
        return None
    stages = await services.pipeline.stages(member)
    return next((one for one in stages if str(one.id) == order.value), None)


async def question(services: Services, member: Member, order: Order, picked: Picked) -> str:
    count = picked.total
    if order.action == "assign":
        name = await services.finding.name_of(member, UUID(order.value)) if order.value else ""
        if not name:
            return ngettext("🚪 Make {count} lead free?", "🚪 Make {count} leads free?", count).format(
                count=count
            )
        text = ngettext("👤 Give {count} lead to {name}?", "👤 Give {count} leads to {name}?", count)
        return text.format(count=count, name=esc(name))
    if order.action == "stage":
        stage = await stage_of(services, member, order)
        name = esc(stage_name(stage)) if stage else "?"
        text = ngettext("🗂 Move {count} lead to {stage}?", "🗂 Move {count} leads to {stage}?", count)
        return text.format(count=count, stage=name)
    if order.action == "delete":
        return ngettext("🗑 Delete {count} lead?", "🗑 Delete {count} leads?", count).format(count=count)
    text = ngettext("🏷 Tag {count} lead with #{tag}?", "🏷 Tag {count} leads with #{tag}?", count)
    if order.action == "untag":
        text = ngettext("🏷 Take #{tag} off {count} lead?", "🏷 Take #{tag} off {count} leads?", count)
    return text.format(count=count, tag=esc(order.value))


def warnings(order: Order) -> list[str]:
    lines = [_("What is not yours to change, or changes meanwhile, is left alone and counted.")]
    if order.reason:
        lines.insert(0, _("Reason: {reason}").format(reason=esc(order.reason[:300])))
    return lines
