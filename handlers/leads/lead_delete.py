"""Deleting a lead softly, and the list of those that an admin can bring back."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.errors import NotAllowed
from domain.members import Member, Right
from handlers.buttons import DeletedButton, LeadButton, MenuButton
from handlers.cards import lead_line, lead_title, moment
from handlers.chat import Chat
from handlers.leads.lead_screens import act, beside, card, stands_now, to_card, ways_of
from handlers.screens import Button, Screen
from locales import _, ngettext
from services.leads.lead_care import may_delete
from services.registry import Services


async def delete(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Asked once more."""
    lead = await services.leads.get(member, callback_data.lead)
    if not may_delete(member, lead):
        raise NotAllowed(right=Right.LEAD_ASSIGN.value)
    text = f"<b>{lead_title(lead)}</b>\n" + _(
        "🗑 Delete this lead? It leaves all lists and the duplicate check; its record in the CRM stays. "
        "An admin can bring it back for 30 days."
    )
    ways = beside(query, chat)
    chat.show(Screen(text, [[act(_("🗑 Yes, delete"), "deleted", lead)], to_card(lead.id), ways]))


async def deleted(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    await services.lead_care.delete(member, callback_data.lead)
    chat.toast(_("🗑 Deleted."))
    lead = await services.leads.for_notice(member.organization_id, callback_data.lead)
    if lead is not None:
        chat.show(await card(services, member, lead, ways_of(query)))


async def bring_back(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    lead = await services.lead_care.bring_back(member, callback_data.lead)
    chat.toast(_("♻️ It is back."))
    chat.show(await card(services, member, lead, ways_of(query)))


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(await _list(services, member, 0))


async def turn(
    _query: CallbackQuery, callback_data: DeletedButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(await _list(services, member, callback_data.page))


async def _list(services: Services, member: Member, page: int) -> Screen:
    found = await services.lead_care.deleted(member, page)
    menu = [Button(_("📋 List"), MenuButton(place="leads")), Button(_("☰ Menu"), MenuButton(place="main"))]
    head = _("🗑 <b>Deleted leads</b>")
    if not found.total:
        return Screen(head + "\n\n" + _("None in the last 30 days."), [menu])
    text = ngettext("{count} lead can be brought back.", "{count} leads can be brought back.", found.total)
    rows = [
        [
            act(
                f"{lead_line(lead)} · {moment(lead.deleted_at, member) if lead.deleted_at else ''}",
                "bin",
                lead,
            )
        ]
        for lead in found.leads
    ]
    turning = []
    if found.page:
        turning.append(Button("⬅️", DeletedButton(page=found.page - 1)))
    if found.page + 1 < found.pages:
        turning.append(Button("➡️", DeletedButton(page=found.page + 1)))
    lines = [head, text.format(count=found.total), _("Tap one to look at it.")]
    return Screen("\n".join(lines), [*rows, turning, menu])


async def look(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """The card of a deleted lead, with Restore."""
    if not member.may(Right.LEAD_ASSIGN):
        raise NotAllowed(right=Right.LEAD_ASSIGN.value)
    lead = await services.leads.for_notice(member.organization_id, callback_data.lead)
    if lead is not None:
        chat.show(await card(services, member, lead, beside(query, chat)))


def routes() -> Router:
    router = Router(name="lead_delete")
    router.callback_query.middleware(stands_now)
    router.message.register(command, Command("deleted"))
    press = router.callback_query.register
    press(turn, DeletedButton.filter())
    press(look, LeadButton.filter(F.do == "bin"))
    press(delete, LeadButton.filter(F.do == "delete"))
    press(deleted, LeadButton.filter(F.do == "deleted"))
    press(bring_back, LeadButton.filter(F.do == "undelete"))
    return router
