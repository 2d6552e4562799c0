"""A lead without a form: one line of text, a contact card, or a forwarded message."""

from dataclasses import replace
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import (
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from domain.fields import NAME_LIMIT
from domain.free_text import opening_name, read_lead
from domain.leads import LeadDraft
from domain.members import Member, Right
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.contacts.contact_cards import read_contact
from handlers.leads import new_lead
from handlers.screens import Button, Screen
from handlers.words import known_words
from locales import _
from services.registry import Services

SHORT = 120
"""A forwarded text up to this long is read like a typed line: its first words are the name."""


async def reads_lead(message: Message, member: Member | None = None) -> bool | dict[str, Any]:
    """Whether a text of somebody who may send leads holds a phone or an e-mail; gives the draft."""
    text = message.text or message.caption or ""
    if member is None or not member.may(Right.LEAD_CREATE) or text.startswith("/"):
        return False
    draft = read_lead(text, member.region, known_words())
    return {"draft": draft} if draft else False


async def may_send(_message: Message, member: Member | None = None) -> bool:
    return member is not None and member.may(Right.LEAD_CREATE)


async def line(
    _message: Message, chat: Chat, member: Member, state: FSMContext, services: Services, draft: LeadDraft
) -> None:
    """A typed line; a missing name is asked."""
    await new_lead.start(chat, state, member, services, draft)


async def forwarded(
    message: Message, chat: Chat, member: Member, state: FSMContext, services: Services, draft: LeadDraft
) -> None:
    """A forwarded text: kept whole where it is more than a line about somebody, and from whom it came.

    The name is that of the text where nothing but a full name stands before the phone. One word there may
    be a name or not: then it is asked. Otherwise the lead is whoever wrote the message.
    """
    text = message.text or message.caption or ""
    origin = origin_name(message)
    named = opening_name(text, member.region) if _is_one_line(text) else ""
    names = tuple(name for name in (draft.name, origin) if name)
    if not named and origin and _is_one_line(text):
        draft = replace(draft, name=origin, note=text)
    elif not _is_one_line(text):
        # a letter begins with anything but a name: its writer, or the first words, are offered instead
        draft = replace(draft, name="", note=text)
    elif origin and " " not in named:
        draft = replace(draft, name="")
    if origin:
        draft = replace(draft, note=_with_origin(draft.note, origin))
    await new_lead.start(chat, state, member, services, replace(draft, source="forward"), names)


def _is_one_line(text: str) -> bool:
    return len(text) <= SHORT and "\n" not in text.strip()


def origin_name(message: Message) -> str:
    """Who wrote a forwarded message, as far as Telegram tells."""
    origin = message.forward_origin
    if isinstance(origin, MessageOriginUser):
        return origin.sender_user.full_name[:NAME_LIMIT]
    if isinstance(origin, MessageOriginHiddenUser):
        return origin.sender_user_name[:NAME_LIMIT]
    if isinstance(origin, MessageOriginChat):
        return (origin.sender_chat.title or "")[:NAME_LIMIT]
    if isinstance(origin, MessageOriginChannel):
        return (origin.chat.title or "")[:NAME_LIMIT]
    return ""


async def contact(
    message: Message, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    """A contact card. One's own is most likely a slip, so it is not taken for a lead."""
    assert message.contact is not None
    if message.from_user is not None and message.contact.user_id == message.from_user.id:
        text = _("This is your own contact. To send a lead, share somebody else's or write the phone here.")
        chat.say(Screen(text, [[Button(_("➕ New lead"), MenuButton(place="new_lead"))]]))
        return
    draft = read_contact(message.contact, member.region)
    origin = origin_name(message)
    if origin:
        draft = replace(draft, source="forward", note=_with_origin(draft.note, origin))
    await new_lead.start(chat, state, member, services, draft)


def _with_origin(note: str, origin: str) -> str:
    came = _("Forwarded from: {name}").format(name=origin)
    return "\n".join(part for part in (note, came) if part)


def routes() -> Router:
    router = Router(name="lead_intake")
    router.message.register(contact, F.contact, may_send)
    router.message.register(forwarded, F.forward_origin, reads_lead)
    router.message.register(line, reads_lead)
    return router
