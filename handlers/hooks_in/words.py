"""Hooks of our own in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from domain.hooks_in import HookKind
from domain.members import Member
from handlers.screens import esc
from locales import N_, _, current_language, ngettext
from services.hooks_in.inlets import Inlet

KINDS: dict[HookKind, tuple[str, str]] = {
    HookKind.WEBSITE: ("🌍", N_("Website form")),
    HookKind.CLICKS: ("💬", N_("Messenger links")),
    HookKind.MAKE: ("📮", N_("Make.com")),
    HookKind.OTHER: ("🧩", N_("Another system")),
}
FIELDS: dict[str, str] = {
    "name": N_("Name"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "company": N_("Company"),
    "inn": N_("INN"),
    "note": N_("Comment"),
    "referral_code": N_("Referral code"),
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "user_type": N_("User type"),
    "language": N_("Language"),
    "field_of_study": N_("Field of study"),
    "universities": N_("Universities"),
    "scholarship": N_("Scholarship"),
    "utm_source": "utm_source",
    "utm_medium": "utm_medium",
    "utm_campaign": "utm_campaign",
    "utm_content": "utm_content",
    "utm_term": "utm_term",
    "session_id": N_("Visitor's session"),
    "event_id": N_("Id of the delivery"),
}
REASONS: dict[str, str] = {
    "required": N_("is missing"),
    "invalid": N_("cannot be read"),
    "too_long": N_("is too long"),
    "too_many": N_("are too many"),
    "length": N_("has a wrong length"),
    "checksum": N_("has wrong check digits"),
}


def title(inlet: Inlet) -> str:
    """Its picture and name; plain text."""
    icon, kind = KINDS[inlet.kind]
    return f"{icon} {inlet.name or _(kind)}"


def field_word(name: str) -> str:
    return _(FIELDS[name]) if name in FIELDS else name


def day_and_time(at: datetime, member: Member) -> str:
    return format_datetime(at.astimezone(ZoneInfo(member.time_zone)), "short", locale=current_language())


def traffic(inlet: Inlet, member: Member) -> str:
    """How much has come, as HTML."""
    if inlet.last_at is None:
        return _("Nothing has come yet.")
    count = ngettext("{count} delivery", "{count} deliveries", inlet.deliveries).format(
        count=inlet.deliveries
    )
    last = day_and_time(inlet.last_at, member)
    return _("📊 {count}, the last one {moment}").format(count=count, moment=esc(last))


HOOK_INPUT: dict[tuple[str, str], str] = {
    ("hook_name", "required"): N_("Please give it a name, so that you know it later."),
    ("doors", "too_many"): N_("There can be {limit} of them at most. Close one first."),
    ("origin", "invalid"): N_("This is no address of a site. Example: https://example.com"),
    ("origin", "too_many"): N_("At most {limit} sites. Please leave some out."),
    ("honeypot", "invalid"): N_("A field's name has Latin letters, digits, - and _. Example: _gotcha"),
    ("place_telegram", "invalid"): N_("This is no Telegram name. Example: my_bot"),
    ("place_whatsapp", "invalid"): N_("Please send the whole number. Example: +7 999 123-45-67"),
    ("place_instagram", "invalid"): N_("This is no Instagram name. Example: my.school"),
    ("sample", "invalid"): N_("This is not JSON. Copy all of it, from the first curly bracket to the last."),
    ("sample", "empty"): N_("There is nothing in this JSON. Send one with a lead in it."),
    ("sample", "required"): N_("First I need a sample: let the other system send one, or paste it."),
    ("field", "unknown"): N_("This field is not there any more. Please open the list again."),
}
