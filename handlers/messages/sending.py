"""A message to a lead's person out of a template: filled in, sent by a messenger or a letter, and noted."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote
from uuid import UUID

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.errors import NotFound
from domain.leads import Lead
from domain.members import Member, Right
from domain.templates import Template, empty_fields, fill
from handlers.buttons import LeadButton, short
from handlers.cards import clip, lead_title
from handlers.chat import Chat
from handlers.leads.lead_screens import Ways, act, beside, stands_now, to_card, to_lead
from handlers.messages.buttons import TemplatesButton
from handlers.messages.values import values_of
from handlers.screens import COPY_LIMIT, Button, Screen, esc, grid
from locales import N_, _
from services.messages.notices import Delivery
from services.registry import Services

URL_LIMIT = 2000
"""Characters of an address on a button; a longer text is pasted by the person."""

WAYS: dict[str, str] = {
    "whatsapp": N_("WhatsApp"),
    "telegram": N_("Telegram"),
    "sms": N_("SMS"),
    "email": N_("E-mail"),
    "other": N_("Another way"),
}
"""A way as the history keeps it, in words."""

NOTED = ("whatsapp", "telegram", "sms", "email")
_MARK = {"w": "whatsapp", "t": "telegram", "s": "sms", "e": "email"}
"""The first letter of a way, on a button before the template's short id."""


def told_message(kept: str) -> str:
    """A sent message as the history keeps it, in words."""
    way, _colon, text = kept.partition(": ")
    return f"{_(WAYS[way])}: {text}" if way in WAYS else kept


async def choose(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Which template?"""
    lead = await services.leads.get(member, callback_data.lead)
    found = await services.templates.every(member)
    text = f"<b>{lead_title(lead)}</b>\n"
    text += (
        _("✉️ Which message?") if found else _("There are no templates yet. An admin makes them: /templates")
    )
    buttons = [act(one.name, "tpl", lead, short(one.id)) for one in found]
    making = []
    if not found and member.may(Right.ORGANIZATION_EDIT):
        making = [Button(_("➕ Add a template"), TemplatesButton(do="add"))]
    ways = beside(query, chat)
    chat.show(Screen(text, [*grid(buttons, 2), making, to_card(lead.id), ways]))


async def filled(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """The text as it would go out, and the ways to send it."""
    lead = await services.leads.get(member, callback_data.lead)
    one = await _template(services, member, callback_data.extra)
    values = await values_of(services, member, lead)
    ways = beside(query, chat)
    chat.show(filled_screen(lead, one, values, ways, mailing=services.templates.mailing))


def filled_screen(lead: Lead, one: Template, values: dict[str, str], ways: Ways, *, mailing: bool) -> Screen:
    text = fill(one.text, values)
    lines = [f"<b>{lead_title(lead)}</b>", f"<pre>{esc(text)}</pre>"]
    lacking = empty_fields(one.text, values)
    if lacking:
        names = ", ".join("{" + name + "}" for name in lacking)
        lines.append(_("⚠️ Nothing to fill in for: {fields}").format(fields=esc(names)))
    if not lead.phones and not lead.emails:
        lines.append(_("The lead has neither phone nor e-mail."))
    lines.append(_("Send it by a button, then note below which way it went."))
    mark = short(one.id)
    rows = [_links(lead, text), _letter(lead, mark, text, mailing=mailing)]
    noting = [act("✅ " + _(WAYS[way]), "tplsent", lead, way[0] + mark) for way in _reachable(lead)]
    back = [act(_("⬅️ Back"), "message", lead), *to_card(lead.id)]
    return Screen("\n".join(lines), [*rows, noting, back, ways])


def _reachable(lead: Lead) -> list[str]:
    """Ways that fit what the lead has."""
    return [way for way in NOTED if (lead.emails if way == "email" else lead.phones)]


def _links(lead: Lead, text: str) -> list[Button]:
    """Messengers open with the text; where it is too long for an address it is pasted."""
    copying = [Button(_("📋 Copy"), copy=text)] if text and len(text) <= COPY_LIMIT else []
    if not lead.phones:
        return copying
    digits = lead.phones[0].lstrip("+")
    written = quote(text)
    written = f"?text={written}" if len(written) < URL_LIMIT else ""
    return [
        Button("WhatsApp", url=f"https://wa.me/{digits}{written}"),
        Button("Telegram", url=f"https://t.me/+{digits}{written}"),
        *copying,
    ]


def _letter(lead: Lead, mark: str, text: str, *, mailing: bool) -> list[Button]:
    """Telegram takes neither sms: nor mailto: links: a contact card is tapped for the one; a letter goes out
    from here, or its address is tapped."""
    row = [act(_("📱 SMS"), "tplsms", lead, mark)] if lead.phones else []
    if lead.emails:
        label = _("✉️ Send by e-mail") if mailing else _("✉️ E-mail")
        row.append(act(label, "tplmail", lead, mark))
    return row


async def sms(
    _query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """The contact card, from which the telephone writes, and the text to paste."""
    lead = await services.leads.get(member, callback_data.lead)
    one = await _template(services, member, callback_data.extra)
    text = fill(one.text, await values_of(services, member, lead))
    if not lead.phones:
        raise NotFound(what="phone")
    chat.contact(lead.phones[0], lead.title)
    note = [act("✅ " + _(WAYS["sms"]), "tplsent", lead, "s" + callback_data.extra)]
    said = _("☝️ Tap the card to write an SMS; here is the text to paste:")
    chat.say(Screen(f"{said}\n<pre>{esc(text)}</pre>", [note, to_card(lead.id)]))


async def mail(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """A letter from here where SMTP is set up; otherwise the address to tap on, and the text."""
    lead = await services.leads.get(member, callback_data.lead)
    one = await _template(services, member, callback_data.extra)
    values = await values_of(services, member, lead)
    text, subject = fill(one.text, values), fill(one.subject, values) or one.name
    if not lead.emails:
        raise NotFound(what="email")
    if not services.templates.mailing:
        note = [act("✅ " + _(WAYS["email"]), "tplsent", lead, "e" + callback_data.extra)]
        said = _("☝️ Tap the address to write; here is the letter to paste:")
        letter = f"{clip(lead.emails[0], 254)}\n{said}\n<b>{esc(subject)}</b>\n<pre>{esc(text)}</pre>"
        chat.say(Screen(letter, [note, to_card(lead.id)]))
        return
    await services.templates.email(member, lead.id, lead.emails[0], subject, text)
    chat.toast(_("The letter is on its way."))
    said = _("✉️ The letter to {email} is on its way.").format(email=clip(lead.emails[0], 254))
    chat.show(Screen(f"<b>{lead_title(lead)}</b>\n{said}", [to_card(lead.id), beside(query, chat)]))


async def sent(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Note which way it went."""
    way = _MARK.get(callback_data.extra[:1], "other")
    lead = await services.leads.get(member, callback_data.lead)
    one = await _template(services, member, callback_data.extra[1:])
    text = fill(one.text, await values_of(services, member, lead))
    await services.templates.note_sent(member, lead.id, way, text)
    said = _("✅ Noted: the message went by {way}.").format(way=_(WAYS[way]))
    chat.show(Screen(f"<b>{lead_title(lead)}</b>\n{said}", [to_card(lead.id), beside(query, chat)]))


async def _template(services: Services, member: Member, mark: str) -> Template:
    found: Sequence[Template] = await services.templates.every(member)
    one = next((one for one in found if short(one.id) == mark), None)
    if one is None:
        raise NotFound(what="template")
    return one


async def failed(services: Services, delivery: Delivery) -> Screen | None:
    """A letter was given up: whoever wrote it is told."""
    member = delivery.member
    if member is None:
        return None
    lead_id = UUID(delivery.notice.params["lead"])
    lead = await services.leads.for_notice(delivery.notice.organization_id, lead_id)
    if lead is None:
        return None
    text = _("⚠️ The letter to {email} could not be sent. Check the address, or write another way.").format(
        email=clip(delivery.notice.params["to"], 254)
    )
    return Screen(f"<b>{lead_title(lead)}</b>\n{text}", [to_lead(lead.id)])


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {"mail.failed": failed}


def routes() -> Router:
    router = Router(name="messages")
    router.callback_query.middleware(stands_now)
    press = router.callback_query.register
    press(choose, LeadButton.filter(F.do == "message"))
    press(filled, LeadButton.filter(F.do == "tpl"))
    press(sms, LeadButton.filter(F.do == "tplsms"))
    press(mail, LeadButton.filter(F.do == "tplmail"))
    press(sent, LeadButton.filter(F.do == "tplsent"))
    return router
