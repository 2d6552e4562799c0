"""The sender's receipt: one message that follows the lead from accepted to the end."""

from domain import slots
from domain.delivery import Delivery, DeliveryState
from domain.leads import Lead, StageKind
from domain.members import Member
from handlers.buttons import MenuButton
from handlers.cards import clip, delivery_line, lead_title, moment, stage_name
from handlers.leads.lead_screens import UNSENT, act
from handlers.screens import Button, Screen
from locales import _

RETRY_OF_RECEIPT = "receipt"
"""On a button: the message is a receipt, and is to stay one."""


def receipt(lead: Lead, member: Member, delivery: DeliveryState) -> Screen:
    """Accepted, how far on its way to the CRM, the stage and who took it."""
    at = moment(lead.created_at, member)
    lines = [
        f"🧾 <b>{lead_title(lead)}</b>",
        _("✅ Accepted {at}").format(at=at),
    ]
    if delivery.state is not Delivery.NONE:
        lines.append(delivery_line(delivery, member))
    lines += _progress(lead, member)
    one_more = Button(_("➕ One more"), MenuButton(place="new_lead"))
    rows = [[act(_("📄 Open"), "open", lead), one_more]]
    if delivery.state in UNSENT:
        rows.insert(0, [act(_("🔁 Retry now"), "retry", lead, RETRY_OF_RECEIPT)])
    return Screen("\n".join(lines), rows, slot=slots.receipt(lead.id))


def _progress(lead: Lead, member: Member) -> list[str]:
    if lead.withdrawn_at is not None:
        return [_("↩️ You have withdrawn it.")]
    if lead.deleted_at is not None:
        return [_("🗑 The team has taken it out of its lists.")]
    if lead.assignee_id is None and lead.stage.kind is StageKind.OPEN:
        return [_("👤 Waiting for a manager. Until one takes it you can add, correct or withdraw.")]
    lines = [_("Stage: {stage}").format(stage=clip(stage_name(lead.stage), 200))]
    if lead.assignee_id == member.id:
        lines.append(_("👤 You are responsible"))
    elif lead.assignee_id is not None:
        lines.append(_("👤 {name} works on it").format(name=clip(lead.assignee_name, 200)))
    return lines
