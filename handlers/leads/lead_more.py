"""Further things to do with a lead, behind "More" on its card. The table MORE is the screen."""

from collections.abc import Callable
from dataclasses import dataclass

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.leads import Lead
from domain.members import Member, Right
from handlers.buttons import LeadButton
from handlers.cards import lead_title, note_is_cut
from handlers.chat import Chat
from handlers.leads.lead_screens import act, beside, stands_now, to_card, works_on
from handlers.screens import Screen, grid
from locales import N_, _
from services.leads.lead_care import may_delete
from services.registry import Services


@dataclass(frozen=True, slots=True)
class Further:
    """A button: its label (a msgid), what LeadButton does, and for whom it is shown."""

    label: str
    do: str
    shown: Callable[[Member, Lead], bool] = lambda _member, _lead: True


def _active(_member: Member, lead: Lead) -> bool:
    return lead.withdrawn_at is None


def _works(member: Member, lead: Lead) -> bool:
    return works_on(member, lead) and lead.withdrawn_at is None


MORE: tuple[Further, ...] = (
    Further(N_("👥 Contacts"), "contacts", _active),
    Further(N_("📎 Files"), "files", _active),
    Further(N_("✉️ Message"), "message", _active),
    Further(N_("💰 Amount"), "amount", _works),
    Further(N_("📄 The whole note"), "text", lambda _m, lead: note_is_cut(lead)),
    Further(N_("🤝 Make a customer"), "qualify", lambda m, lead: _works(m, lead) and not lead.customer_id),
    Further(N_("🤝 Customer"), "customer", lambda m, lead: lead.customer_id is not None),
    Further(N_("🧩 Own fields"), "fields"),
    Further(N_("🔀 Merge"), "merge", lambda m, lead: m.may(Right.LEAD_WORK) and lead.withdrawn_at is None),
    Further(N_("🗑 Delete"), "delete", may_delete),
)
"""In the order of the screen. A conversation with a verb of its own on a lead adds its line here."""


async def more(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """All that fits this lead and this member."""
    lead = await services.leads.get(member, callback_data.lead)
    contacts, files = await services.contacts.counts(member, lead.id)
    counts = {"contacts": contacts, "files": files}
    buttons = [
        act(_(one.label) + (f" {counts[one.do]}" if counts.get(one.do) else ""), one.do, lead)
        for one in MORE
        if one.shown(member, lead)
    ]
    text = f"<b>{lead_title(lead)}</b>\n" + _("What else shall we do with it?")
    ways = beside(query, chat)
    chat.show(Screen(text, [*grid(buttons, 2), to_card(lead.id), ways]))


def routes() -> Router:
    router = Router(name="lead_more")
    router.callback_query.middleware(stands_now)
    router.callback_query.register(more, LeadButton.filter(F.do == "more"))
    return router
