"""The people behind a lead: the list, one of them, adding by a line, a contact card or a vCard file."""

from typing import Any
from uuid import UUID

from aiogram import Bot, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Document, Message

from domain.errors import BadInput, DuplicateLead, TooLate
from domain.files import DOWNLOAD_LIMIT
from domain.members import Member
from domain.vcards import read_vcards
from handlers.buttons import LeadButton
from handlers.chat import Chat
from handlers.contacts.contact_forms import ADD, EDIT, EDITED, draft_of_card
from handlers.contacts.contact_screens import ContactButton, contact_screen, contacts_screen, refusal
from handlers.documents import read_document
from handlers.forms import forms
from handlers.forms.forms import Form
from handlers.leads.lead_screens import beside, default_ways, stands_now
from handlers.leads.lead_work import begin, starts
from handlers.screens import Screen
from locales import _, ngettext
from services.registry import Services

FORMS: tuple[Form, ...] = (ADD, EDIT)
ADDING = forms.state_of(ADD.name, "phone")
"""The state in which a vCard file is taken."""


async def contacts(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Everybody, the primary one first."""
    lead = await services.leads.get(member, callback_data.lead)
    ways = beside(query, chat)
    chat.show(contacts_screen(lead, await services.contacts.of_lead(member, lead.id), ways))


async def show(
    _query: CallbackQuery, callback_data: ContactButton, chat: Chat, member: Member, services: Services
) -> None:
    contact, lead = await services.contacts.get(member, callback_data.contact)
    chat.show(contact_screen(contact, lead, sure=callback_data.do == "delete"))


async def call(
    _query: CallbackQuery, callback_data: ContactButton, chat: Chat, member: Member, services: Services
) -> None:
    """A contact card to tap on: Telegram takes no tel: links."""
    contact, _lead = await services.contacts.get(member, callback_data.contact)
    if contact.phone:
        chat.contact(contact.phone, contact.name or contact.phone)


async def make_primary(
    _query: CallbackQuery, callback_data: ContactButton, chat: Chat, member: Member, services: Services
) -> None:
    contact = await services.contacts.make_primary(member, callback_data.contact)
    await _again(chat, member, services, contact.id, _("⭐ Primary now."))


async def decides(
    _query: CallbackQuery, callback_data: ContactButton, chat: Chat, member: Member, services: Services
) -> None:
    """Mark or unmark who decides."""
    contact, _lead = await services.contacts.get(member, callback_data.contact)
    await services.contacts.change(member, contact.id, {"decides": not contact.decides})
    await _again(chat, member, services, contact.id, _("Kept."))


async def field(
    query: CallbackQuery,
    callback_data: ContactButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """One field of a contact anew."""
    contact, lead = await services.contacts.get(member, callback_data.contact)
    name = callback_data.extra if callback_data.extra in EDITED else "name"
    context = {"contact": str(contact.id), "field": name, "now": str(getattr(contact, name))}
    await begin(EDIT, query, chat, state, member, services, lead, None, **context)


async def remove(
    query: CallbackQuery, callback_data: ContactButton, chat: Chat, member: Member, services: Services
) -> None:
    lead = await services.contacts.remove(member, callback_data.contact)
    chat.toast(_("🗑 Deleted."))
    chat.show(contacts_screen(lead, await services.contacts.of_lead(member, lead.id), beside(query, chat)))


async def _again(chat: Chat, member: Member, services: Services, contact_id: UUID, said: str) -> None:
    contact, lead = await services.contacts.get(member, contact_id)
    chat.toast(said)
    chat.show(contact_screen(contact, lead))


async def vcard(
    message: Message, chat: Chat, member: Member, state: FSMContext, services: Services, bot: Bot
) -> None:
    """A vCard file while a contact is asked for: everybody in it is added."""
    assert message.document is not None
    document = message.document
    if (document.file_size or 0) > DOWNLOAD_LIMIT:
        raise BadInput("file", "too_big", limit=DOWNLOAD_LIMIT // 1000)
    context: dict[str, Any] = (await state.get_data())["context"]
    lead_id = UUID(context["lead"])
    chat.strip_buttons()
    await state.clear()

    async def work(later: Chat) -> None:
        await _add_all(later, member, services, bot, document, lead_id)

    chat.then(work)


async def _add_all(
    chat: Chat, member: Member, services: Services, bot: Bot, document: Document, lead_id: UUID
) -> None:
    text = (await read_document(bot, document, DOWNLOAD_LIMIT)).decode("utf-8", "replace")
    drafts = [draft_of_card(card, member.region) for card in read_vcards(text)]
    if not any(drafts):
        raise BadInput("file", "no_contact")
    added, refused = 0, list[str]()
    for draft in filter(None, drafts):
        try:
            await services.contacts.add(member, lead_id, draft)
        except (BadInput, DuplicateLead, TooLate) as error:
            refused.append(f"{draft.name or draft.phone}: {refusal(error)}")
            continue
        added += 1
    lead = await services.leads.get(member, lead_id)
    shown = contacts_screen(lead, await services.contacts.of_lead(member, lead_id), default_ways())
    said = ngettext("✅ {count} contact added.", "✅ {count} contacts added.", added).format(count=added)
    lines = [said, *(f"⚠️ {one}" for one in refused[:10])]
    chat.say(Screen("\n".join(lines) + f"\n\n{shown.text}", shown.rows))


def vcard_routes() -> Router:
    """Asked before the forms: a file answers no question of theirs."""
    router = Router(name="vcards")
    named = F.document.file_name.lower().endswith(".vcf") | F.document.mime_type.in_(
        {"text/vcard", "text/x-vcard", "text/directory"}
    )
    router.message.register(vcard, F.document, named, _is_adding)
    return router


async def _is_adding(_message: Message, raw_state: str | None = None) -> bool:
    return raw_state == ADDING


def routes() -> Router:
    router = Router(name="lead_contacts")
    router.callback_query.middleware(stands_now)
    press = router.callback_query.register
    press(contacts, LeadButton.filter(F.do == "contacts"))
    press(starts(ADD), LeadButton.filter(F.do == "contact"))
    press(show, ContactButton.filter(F.do.in_({"show", "delete"})))
    press(call, ContactButton.filter(F.do == "call"))
    press(make_primary, ContactButton.filter(F.do == "main"))
    press(decides, ContactButton.filter(F.do == "decides"))
    press(field, ContactButton.filter(F.do == "field"))
    press(remove, ContactButton.filter(F.do == "remove"))
    return router
