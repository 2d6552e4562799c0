"""The buttons of a lead's card: take, call, move, retry, history."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.members import Member
from handlers.buttons import LeadButton
from handlers.cards import lead_title
from handlers.chat import Chat
from handlers.forms.forms import Form
from handlers.leads import lead_work
from handlers.leads.duplicate_verdict import STATE as VERDICT
from handlers.leads.lead_list import list_button
from handlers.leads.lead_screens import (
    beside,
    card,
    default_ways,
    is_verdict,
    stands_now,
    to_card,
    ways_of,
)
from handlers.leads.receipts import RETRY_OF_RECEIPT, receipt
from handlers.pipelines.board_places import board_button
from handlers.screens import Button, Screen
from locales import _
from services.registry import Services

FORMS: tuple[Form, ...] = lead_work.FORMS
NUMBERS_TO_CALL = 3


async def show(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """Open the card; from a list, List will lead back to the same page.

    From a duplicate's verdict it takes the verdict's place, and the draft is settled.
    """
    lead = await services.leads.get(member, callback_data.lead)
    if is_verdict(query) and await state.get_state() == VERDICT:
        await state.clear()
    ways = beside(query, chat)
    back = list_button(callback_data.extra)
    board = board_button(callback_data.extra)
    if back is not None:
        ways = [Button(_("📋 List"), back), default_ways()[-1]]
    elif board is not None:
        ways = [Button(_("📊 Board"), board), default_ways()[-1]]
    chat.show(await card(services, member, lead, ways))


async def refresh(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    lead = await services.leads.get(member, callback_data.lead)
    chat.show(await card(services, member, lead, ways_of(query)))
    chat.toast(_("This is the newest state."))


async def take(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Become responsible; the slower of two is told who was faster."""
    lead = await services.pipeline.take(member, callback_data.lead)
    chat.toast(_("It is yours now. Good luck!"))
    chat.show(await card(services, member, lead, ways_of(query)))


async def call(
    _query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Contact cards to tap on, and the question how it went."""
    lead = await services.leads.get(member, callback_data.lead)
    if not lead.phones:
        chat.toast(_("This lead has no phone. You can add one: Edit."), alert=True)
        return
    for phone in lead.phones[:NUMBERS_TO_CALL]:
        chat.contact(phone, lead.title)
    text = _("☝️ Tap the card to call. How did it go?") + f"\n\n<b>{lead_title(lead)}</b>"
    rows = [*lead_work.result_rows(lead), to_card(lead.id), default_ways()]
    chat.say(Screen(text, rows))


async def retry(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Send to the CRM at once what waits; on the receipt the receipt stays."""
    lead = await services.leads.get(member, callback_data.lead)
    await services.outbox.retry_now(member, lead.id)
    chat.toast(_("Trying again now…"))
    if callback_data.extra == RETRY_OF_RECEIPT:
        chat.show(receipt(lead, member, await services.outbox.of_lead(lead)))
        return
    chat.show(await card(services, member, lead, ways_of(query)))


async def whole_note(
    _query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """The note in messages of its own, where the card has no room for it."""
    lead = await services.leads.get(member, callback_data.lead)
    for screen in lead_work.note_screens(lead):
        chat.say(screen)


def routes() -> Router:
    router = Router(name="lead_card")
    router.callback_query.middleware(stands_now)
    press = router.callback_query.register
    press(show, LeadButton.filter(F.do == "open"))
    press(refresh, LeadButton.filter(F.do == "refresh"))
    press(take, LeadButton.filter(F.do == "take"))
    press(call, LeadButton.filter(F.do == "call"))
    press(retry, LeadButton.filter(F.do == "retry"))
    press(whole_note, LeadButton.filter(F.do == "text"))
    press(lead_work.log_call, LeadButton.filter(F.do == "log"))
    press(lead_work.log_call, LeadButton.filter(F.do == "result"))
    press(lead_work.starts(lead_work.NOTE), LeadButton.filter(F.do == "note"))
    press(lead_work.set_amount, LeadButton.filter(F.do == "amount"))
    return router
