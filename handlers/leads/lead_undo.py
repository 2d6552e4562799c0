"""Taking back what was just done to a lead."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.history import Undone
from domain.members import Member
from handlers.buttons import LeadButton
from handlers.chat import Chat
from handlers.leads.lead_screens import card, stands_now, ways_of
from locales import N_, _, ngettext
from services.registry import Services

WHY: dict[str, str] = {
    "changed": N_("somebody has changed it since"),
    "gone": N_("the stage or the person is not there any more"),
    "taken": N_("another lead has this contact now"),
    "unknown": N_("there is no way back for it"),
}


def said(undone: Undone) -> str:
    """What came of an undo, in a line."""
    if not undone.skipped:
        return _("↩️ Taken back.")
    reasons = sorted({_(WHY.get(one.why, WHY["unknown"])) for one in undone.skipped})
    text = ngettext(
        "↩️ Taken back, but for {count} thing: {why}.",
        "↩️ Taken back, but for {count} things: {why}.",
        len(undone.skipped),
    )
    return text.format(count=len(undone.skipped), why="; ".join(reasons))


async def undo(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Within half a minute; extra is the end of the change's id."""
    change_id = await services.changes.of_lead(member, callback_data.lead, callback_data.extra)
    undone = await services.changes.undo(member, change_id)
    chat.toast(said(undone), alert=bool(undone.skipped))
    lead = await services.leads.for_notice(member.organization_id, callback_data.lead)
    if lead is not None:
        chat.show(await card(services, member, lead, ways_of(query)))


def routes() -> Router:
    router = Router(name="lead_undo")
    router.callback_query.middleware(stands_now)
    router.callback_query.register(undo, LeadButton.filter(F.do == "undo"))
    return router
