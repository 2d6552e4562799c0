"""Contacts of a lead on the screen."""

from collections.abc import Sequence
from uuid import UUID

from aiogram.filters.callback_data import CallbackData

from domain.contacts import Contact
from domain.errors import BadInput, DuplicateLead, NotFound, TooLate
from domain.leads import Lead
from domain.phones import show_phone
from handlers.buttons import LeadButton
from handlers.cards import clip, lead_title
from handlers.contacts.contact_lines import contact_line, marks
from handlers.errors import in_words
from handlers.leads.lead_screens import Ways, act, default_ways, to_card
from handlers.screens import Button, Screen
from locales import _

SHOWN = 12
ROOM = 100


class ContactButton(CallbackData, prefix="cont"):
    """Act on a contact: do is show, call, main, decides, field (extra is one), delete (asks) or remove."""

    do: str
    contact: UUID
    extra: str = ""


def contacts_screen(lead: Lead, found: Sequence[Contact], ways: Ways) -> Screen:
    """Everybody of a lead; a tap opens one."""
    lines = [f"<b>{lead_title(lead)}</b>", _("👥 Contacts")]
    lines += [contact_line(one) for one in found[:SHOWN]]
    if not found:
        lines.append(_("Nobody yet. Add the people who decide, pay or pick up the phone."))
    rows = [[Button(_label(one), ContactButton(do="show", contact=one.id))] for one in found]
    rows.append([act(_("➕ Add a contact"), "contact", lead), act(_("☎️ Phones, e-mails"), "points", lead)])
    return Screen("\n".join(lines), [*rows, to_card(lead.id), ways])


def _label(one: Contact) -> str:
    name = one.name or one.phone or one.email
    return f"{marks(one)} {name[:40]}" + (f" · {one.position[:24]}" if one.position else "")


def contact_screen(one: Contact, lead: Lead, *, sure: bool = False) -> Screen:
    """One person with everything that can be done; `sure` asks before it is deleted."""

    def button(text: str, do: str, extra: str = "") -> Button:
        return Button(text, ContactButton(do=do, contact=one.id, extra=extra))

    text = "\n".join(_about(one, lead))
    back = [Button(_("⬅️ Back"), LeadButton(do="contacts", lead=lead.id))]
    if sure:
        keep = [button(_("⬅️ Back"), "show")]
        return Screen(
            text + "\n\n" + _("🗑 Delete this contact?"), [[button(_("🗑 Yes, delete"), "remove")], keep]
        )
    rows = [reach_row(one.phone, button(_("📞 Call"), "call"))] if one.phone else []
    decides = _("🎩 Does not decide") if one.decides else _("🎩 Decides")
    first = [button(_("⭐ Make primary"), "main")] if not one.is_primary else []
    rows += [
        [*first, button(decides, "decides")],
        [button(_("✏️ Name"), "field", "name"), button(_("💼 Position"), "field", "position")],
        [button(_("📞 Phone"), "field", "phone"), button(_("✉️ E-mail"), "field", "email")],
        [button(_("🗑 Delete"), "delete"), *back],
    ]
    return Screen(text, [*rows, default_ways()])


def reach_row(phone: str, call: Button) -> list[Button]:
    """Ring up, or write by a messenger."""
    digits = phone.lstrip("+")
    return [
        call,
        Button("WhatsApp", url=f"https://wa.me/{digits}"),
        Button("Telegram", url=f"https://t.me/+{digits}"),
    ]


def _about(one: Contact, lead: Lead) -> list[str]:
    lines = [f"<b>{lead_title(lead)}</b>", f"👤 <b>{clip(one.name, ROOM) or '—'}</b>"]
    if one.position:
        lines.append(f"💼 {clip(one.position, ROOM)}")
    if one.phone:
        lines.append(f"📞 {show_phone(one.phone)}")
    if one.email:
        lines.append(f"✉️ {clip(one.email, 254)}")
    if one.is_primary:
        lines.append(_("⭐ Primary: ring up first"))
    if one.decides:
        lines.append(_("🎩 Decision maker"))
    return lines


def refusal(error: BadInput | DuplicateLead | NotFound | TooLate) -> str:
    """Why a contact, a phone or an e-mail was not taken."""
    if isinstance(error, DuplicateLead):
        return _("Another lead has this phone or e-mail.")
    return in_words(error)


def in_the_way(error: DuplicateLead) -> Screen:
    """Another lead has the contact; it can be opened by whoever may see it."""
    opening = []
    if error.lead_id is not None:
        opened = LeadButton(do="open", lead=error.lead_id)
        opening = [[Button(_("📄 Open the other lead"), opened)]]
    return Screen(refusal(error), opening)
