"""What a lead's card tells beside who it is and where it stands: origin, tags, customer, last change."""

from domain.leads import Lead
from domain.members import Member
from handlers.cards import clip, moment
from locales import N_, _
from services.leads.lead_care import LeadDetails

ROOM = 64
UTM_SHOWN = 5
PLACED: tuple[tuple[str, str], ...] = (
    ("segment", N_("🧩 Segment: {value}")),
    ("product", N_("📦 Product: {value}")),
    ("region", N_("📍 Region: {value}")),
    ("referral_code", N_("🔗 Referral code: {value}")),
)
"""Field of a lead and its line on the card."""


def detail_lines(lead: Lead, member: Member, details: LeadDetails) -> list[str]:
    """One line for each thing that is known; safe inside HTML."""
    lines = [
        _(text).format(value=clip(str(getattr(lead, name)), ROOM))
        for name, text in PLACED
        if getattr(lead, name) and not (name == "referral_code" and lead.sender_id is not None)
    ]
    if lead.utm:
        marks = [f"{key.removeprefix('utm_')}: {value}" for key, value in list(lead.utm.items())[:UTM_SHOWN]]
        lines.append(_("🎯 UTM: {value}").format(value=clip(", ".join(marks), 3 * ROOM)))
    if details.tags:
        lines.append(clip("🏷 " + ", ".join(details.tags), 4 * ROOM))
    if details.customer_number:
        lines.append(_("🤝 Customer #{number}").format(number=details.customer_number))
    if lead.updated_at > lead.created_at:
        lines.append(_("🔃 Changed {at}").format(at=moment(lead.updated_at, member)))
    return lines


def deleted_text(lead: Lead, member: Member, details: LeadDetails) -> str:
    """The card of a lead that is out of all lists."""
    head = f"<b>#{lead.number} · {clip(lead.title, 300)}</b>"
    if details.merged_into is not None:
        text = _("🔀 This lead is part of lead {number} now.").format(number=clip(details.merged_number, 20))
        return f"{head}\n{text}"
    at = moment(lead.deleted_at, member) if lead.deleted_at else ""
    return f"{head}\n" + _("🗑 Deleted {at}. An admin can bring it back for 30 days: /deleted").format(at=at)
