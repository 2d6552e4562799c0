"""Files and voice notes of a lead: the screen that takes them, the list, sending them again, deleting them.

While the screen is open, whatever file the person sends goes to that lead; so does a file sent as a reply to
the lead's card.
"""

import asyncio
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.custom_fields import CustomField
from domain.errors import NotFound, TooLate
from domain.files import LeadFile
from domain.leads import Lead
from domain.members import Member
from handlers.buttons import LeadButton
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.incoming_files import incoming_file
from handlers.leads.file_screens import FileButton, file_line, file_screen, files_screen, kept_screen
from handlers.leads.lead_screens import beside, card, default_ways, stands_now, ways_of
from handlers.screens import Screen
from locales import _
from services.registry import Services

STATE = "files:open"
"""The dialog's state while files are taken; its data names the lead, and the field where it is for one."""


async def files(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """A page of files; from now on what is sent goes here. `extra` is the page."""
    page = int(callback_data.extra) if callback_data.extra.isdigit() else 0
    lead = await services.leads.get(member, callback_data.lead)
    found = await services.files.of_lead(member, lead.id, page)
    await _take_for(state, lead, "")
    chat.show(files_screen(lead, found, beside(query, chat)))


async def open_for(
    query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services, lead: Lead,
    field: CustomField,
) -> None:  # fmt: skip
    """The same for a field of the organization's own: the next file is its value."""
    held = await services.files.of_field(member, lead.id, field.key)
    await _take_for(state, lead, field.key)
    chat.show(file_screen(held, lead, field, beside(query, chat)))


async def _take_for(state: FSMContext, lead: Lead, field: str) -> None:
    await state.set_state(STATE)
    await state.set_data({"lead": str(lead.id), "field": field})


async def done(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """Back to the card; files go nowhere from now on."""
    if await state.get_state() == STATE:
        await state.clear()
    lead = await services.leads.get(member, callback_data.lead)
    chat.show(await card(services, member, lead, ways_of(query) or default_ways()))


async def take(
    message: Message, chat: Chat, member: Member, state: FSMContext, services: Services, lead_id: UUID,
    field: str = "",
) -> None:  # fmt: skip
    """Keep what was sent."""
    given = incoming_file(message)
    assert given is not None
    try:
        file = await services.files.add(member, lead_id, given, field)
        lead = await services.leads.get(member, lead_id)
    except (NotFound, TooLate) as error:
        await _forget(state)
        chat.say(Screen(in_words(error), [default_ways()]))
        return
    if field:
        await _take_for(state, lead, "")
    page = await services.files.of_lead(member, lead_id)
    chat.say(kept_screen(file, lead, page.total))


async def _forget(state: FSMContext) -> None:
    if await state.get_state() == STATE:
        await state.clear()


async def send(
    _query: CallbackQuery, callback_data: FileButton, chat: Chat, member: Member, services: Services
) -> None:
    """The file once more, as what it is."""
    file = await services.files.get(member, callback_data.file)
    lead = await services.leads.get(member, file.lead_id)
    caption = f"#{lead.number} {lead.title[:100]} · {file_line(file, member)}"
    if file.file_id:
        chat.media(file.kind, file.file_id, caption)
        return

    async def upload(later: Chat) -> None:
        with await services.files.content(member, file.id) as found:
            later.upload(file.name, await asyncio.to_thread(found.saved), caption)

    chat.then(upload)


async def delete(
    query: CallbackQuery, callback_data: FileButton, chat: Chat, member: Member, services: Services
) -> None:
    """Off the lead, with a way back."""
    file = await services.files.delete(member, callback_data.file)
    await _list_again(query, chat, member, services, file, deleted=file)


async def restore(
    query: CallbackQuery, callback_data: FileButton, chat: Chat, member: Member, services: Services
) -> None:
    file = await services.files.restore(member, callback_data.file)
    chat.toast(_("It is back."))
    await _list_again(query, chat, member, services, file)


async def _list_again(
    query: CallbackQuery, chat: Chat, member: Member, services: Services, file: LeadFile,
    deleted: LeadFile | None = None,
) -> None:  # fmt: skip
    lead = await services.leads.get(member, file.lead_id)
    found = await services.files.of_lead(member, lead.id)
    chat.show(files_screen(lead, found, beside(query, chat), deleted=deleted))


async def show(
    query: CallbackQuery, callback_data: FileButton, chat: Chat, member: Member, services: Services
) -> None:
    """One file with what can be done."""
    file = await services.files.get(member, callback_data.file)
    lead = await services.leads.get(member, file.lead_id)
    chat.show(file_screen(file, lead, None, beside(query, chat), member))


async def for_open(
    message: Message, raw_state: str | None = None, state: FSMContext | None = None
) -> bool | dict[str, Any]:
    """Whether the screen of files is open and the message holds one; gives the lead and the field."""
    if raw_state != STATE or state is None or incoming_file(message) is None:
        return False
    data = await state.get_data()
    return {"lead_id": UUID(data["lead"]), "field": data.get("field", "")}


async def for_reply(message: Message, member: Member | None = None) -> bool | dict[str, Any]:
    """Whether a file came as a reply to a lead's card; gives the lead."""
    replied = message.reply_to_message
    if member is None or replied is None or replied.reply_markup is None or incoming_file(message) is None:
        return False
    prefix = f"{LeadButton.__prefix__}:"
    for row in replied.reply_markup.inline_keyboard:
        for button in row:
            if (button.callback_data or "").startswith(prefix):
                return {"lead_id": LeadButton.unpack(button.callback_data or "").lead}
    return False


def routes() -> Router:
    router = Router(name="lead_files")
    router.callback_query.middleware(stands_now)
    router.message.register(take, for_reply)
    router.message.register(take, for_open)
    press = router.callback_query.register
    press(files, LeadButton.filter(F.do == "files"))
    press(done, LeadButton.filter(F.do == "filesdone"))
    press(show, FileButton.filter(F.do == "show"))
    press(send, FileButton.filter(F.do == "send"))
    press(delete, FileButton.filter(F.do == "delete"))
    press(restore, FileButton.filter(F.do == "restore"))
    return router
