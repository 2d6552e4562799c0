"""Domain values in words: leads, stages, money, moments, calls, and how far a lead is on its way."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_currency, get_currency_symbol

from domain.activities import ActivityType, CallResult
from domain.delivery import Delivery, DeliveryState
from domain.leads import Lead, Money
from domain.members import Member
from domain.phones import show_phone
from handlers.pipelines.words import stage_name as stage_name
from handlers.pipelines.words import stage_word as stage_word
from handlers.screens import esc
from locales import N_, _, current_language, use_language

NOTE_ROOM = 1500
"""Characters of HTML that a note may take on a card, of the 4096 that a message has."""

CONTACTS_SHOWN = 5

SOURCES: dict[str, str] = {
    "telegram": N_("Telegram"),
    "contact": N_("a contact card"),
    "forward": N_("a forwarded message"),
    "website": N_("the website"),
    "messenger": N_("a messenger link"),
    "make": "Make.com",
    "hook": N_("another system"),
}
CALL_RESULTS: dict[CallResult, str] = {
    CallResult.REACHED: N_("✅ Spoke with them"),
    CallResult.NO_ANSWER: N_("🔇 No answer"),
    CallResult.CALL_BACK: N_("🔁 Call back later"),
    CallResult.WRONG_NUMBER: N_("🚫 Wrong number"),
}
DELIVERY_ERRORS: dict[str, str] = {
    "crm_unavailable": N_("the CRM does not answer"),
    "crm_uncertain": N_(
        "the CRM's answer was lost; I check before sending again, so there will be no double"
    ),
    "crm_rate_limited": N_("the CRM asks to slow down"),
    "crm_access_lost": N_("the CRM refuses our key; the admins know"),
    "crm_misconfigured": N_("the fields of the CRM have changed; the admins know"),
    "crm_rejected": N_("the CRM does not accept this lead as it is; the admins know"),
    "crm_gone": N_("the record was deleted in the CRM; the admins know"),
    "crm_unsupported": N_("this CRM cannot keep such a record"),
    "ambiguous": N_("the CRM has several records with this contact; the admins must choose"),
    "unexpected": N_("something broke on our side; the admins know"),
}
DELIVERY_ERROR_ELSE = N_("the CRM is not ready")


def clip(text: str, room: int) -> str:
    """The text, safe inside HTML and at most `room` characters long there."""
    safe = esc(text)
    if len(safe) <= room:
        return safe
    kept, length = [], 1
    for character in text:
        length += len(esc(character))
        if length > room:
            break
        kept.append(character)
    return esc("".join(kept)) + "…"


def money(value: Money) -> str:
    """The amount in the current language's notation, without the pence of a round one."""
    language = current_language()
    pattern = Locale.parse(language).currency_formats["standard"].pattern
    if value.amount == value.amount.to_integral_value():
        pattern = pattern.replace(".00", "")
    text = format_currency(value.amount, value.currency, pattern, locale=language, currency_digits=False)
    symbol = get_currency_symbol(value.currency, locale=language)
    return (
        text.replace(symbol, f"{symbol}\u00a0", 1) if symbol.isalpha() and text.startswith(symbol) else text
    )


def moment(at: datetime, member: Member, now: datetime | None = None) -> str:
    """The time in the member's zone; with the day unless it is today's, with the year unless this one's."""
    zone = ZoneInfo(member.time_zone)
    then, today = at.astimezone(zone), (now or datetime.now(UTC)).astimezone(zone)
    if then.date() == today.date():
        pattern = "HH:mm"
    else:
        pattern = "d MMM, HH:mm" if then.year == today.year else "d MMM y, HH:mm"
    return format_datetime(then, pattern, tzinfo=zone, locale=current_language())


def call_result(code: str) -> str:
    """A call's result as it is stored, in words."""
    return _(CALL_RESULTS[CallResult(code)]) if code in set(CallResult) else code


def activity_title(kind: ActivityType, language: str) -> str:
    """What a call is called in the CRM, where its subject is read by the whole organization."""
    with use_language(language):
        return _("Call") if kind is ActivityType.CALL else ""


def amount_text(typed: str) -> str:
    """An amount as the history keeps it."""
    return money(Money(Decimal(typed))) if typed else "—"


def lead_title(lead: Lead) -> str:
    """Number and name, safe inside HTML."""
    return f"#{lead.number} · {clip(lead.title, 300)}"


def lead_line(lead: Lead) -> str:
    """A lead on a button of a list: plain text."""
    mark = "↩️" if lead.withdrawn_at else lead.stage.color
    parts = [f"{mark} #{lead.number} {lead.title[:40]}"]
    if lead.amount:
        parts.append(money(lead.amount))
    if lead.assignee_name:
        parts.append("👤 " + lead.assignee_name.split()[0][:16])
    return " · ".join(parts)


def lead_text(
    lead: Lead, member: Member, delivery: DeliveryState | None = None, more: Sequence[str] = ()
) -> str:
    """The whole card for somebody who may see the lead; `more` are further lines about it, as HTML."""
    lines = [f"<b>{lead_title(lead)}</b>", *_who(lead), *_details(lead), *more, ""]
    lines += [_standing(lead, member), _responsible(lead, member), _origin(lead, member)]
    if delivery is not None and delivery.state is not Delivery.NONE:
        lines.append(delivery_line(delivery, member))
    return "\n".join(lines)


def lead_gone_text(lead: Lead, member: Member) -> str:
    """The card for somebody who was shown the lead while it was free: who has it now, and no contacts."""
    return "\n".join([f"<b>{lead_title(lead)}</b>", _standing(lead, member), _responsible(lead, member)])


def _who(lead: Lead) -> list[str]:
    lines = [f"🏢 {clip(lead.company, 400)}"] if lead.company and lead.company != lead.title else []
    lines += [f"📞 {show_phone(phone)}" for phone in lead.phones[:CONTACTS_SHOWN]]
    lines += [f"✉️ {clip(email, 120)}" for email in lead.emails[:3]]
    if lead.inn:
        lines.append(_("INN {inn}").format(inn=lead.inn))
    return lines


def _details(lead: Lead) -> list[str]:
    lines = [f"💰 {money(lead.amount)}"] if lead.amount else []
    if lead.note:
        lines.append(f"📝 {clip(lead.note, NOTE_ROOM)}")
    return lines


def note_is_cut(lead: Lead) -> bool:
    """Whether the card has no room for the whole note."""
    return len(esc(lead.note)) > NOTE_ROOM


def _standing(lead: Lead, member: Member) -> str:
    if lead.withdrawn_at is not None:
        return _("↩️ Withdrawn by its sender, {at}").format(at=moment(lead.withdrawn_at, member))
    return _("Stage: {stage}").format(stage=clip(stage_name(lead.stage), 100))


def _responsible(lead: Lead, member: Member) -> str:
    if lead.assignee_id is None:
        return _("👤 Nobody has taken it yet")
    if lead.assignee_id == member.id:
        return _("👤 You are responsible")
    name = clip(lead.assignee_name, 100)
    if lead.taken_at is None:
        return _("👤 Taken by {name}").format(name=name)
    return _("👤 Taken by {name}, {at}").format(name=name, at=moment(lead.taken_at, member))


def _origin(lead: Lead, member: Member) -> str:
    source = _(SOURCES[lead.source]) if lead.source in SOURCES else clip(lead.source, 100)
    at = moment(lead.created_at, member)
    if lead.sender_id == member.id:
        return _("📨 Sent by you, {at} ({source})").format(at=at, source=source)
    if lead.sender_name:
        name = clip(lead.sender_name, 100)
        return _("📨 Sent by {name}, {at} ({source})").format(name=name, at=at, source=source)
    return _("📨 Came in {at} ({source})").format(at=at, source=source)


def delivery_line(delivery: DeliveryState, member: Member) -> str:
    """How far the lead is on its way into the CRM, in one or two lines of HTML."""
    if delivery.state is Delivery.DELIVERED:
        return _delivered(delivery, member)
    if delivery.state in (Delivery.QUEUED, Delivery.SENDING):
        return _("⏳ On its way to the CRM…")
    if delivery.state is Delivery.DROPPED:
        return _("🗑 Not sent to the CRM: an admin decided so. The lead is safe here.")
    reason = _(DELIVERY_ERRORS.get(delivery.error, DELIVERY_ERROR_ELSE))
    if delivery.state is Delivery.FAILED:
        return _("🛑 Not in the CRM: {reason}. The lead is safe here.").format(reason=reason)
    text = _("⚠️ Not in the CRM yet: {reason}. The lead is safe here.").format(reason=reason)
    if delivery.next_try_at is not None:
        text += "\n" + _("Next try: {at}").format(at=moment(delivery.next_try_at, member))
    return text


def _delivered(delivery: DeliveryState, member: Member) -> str:
    name = (
        _("record {number}").format(number=clip(delivery.number, 60)) if delivery.number else _("the record")
    )
    if delivery.url.startswith(("http://", "https://")):
        address = esc(delivery.url).replace('"', "%22")
        name = f'<a href="{address}">{name}</a>'
    if delivery.delivered_at is None:
        return _("☁️ In the CRM: {record}").format(record=name)
    return _("☁️ In the CRM: {record}, {at}").format(record=name, at=moment(delivery.delivered_at, member))
