"""What a template's fields stand for on one lead, in the language of whoever sends the message."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from domain.custom_fields import FieldType
from domain.leads import Lead
from domain.members import Member
from domain.phones import show_phone
from handlers.cards import money, stage_name
from handlers.fields.words import shown_value
from locales import N_, _, current_language
from services.registry import Services

FIELD_NAMES: dict[str, str] = {
    "name": N_("the client's name"),
    "company": N_("the client's company"),
    "number": N_("the lead's number"),
    "phone": N_("the client's phone"),
    "email": N_("the client's e-mail"),
    "amount": N_("the amount"),
    "product": N_("the product"),
    "stage": N_("the stage"),
    "manager": N_("your name"),
    "manager_phone": N_("your phone"),
    "organization": N_("the organization"),
    "today": N_("today's date"),
}


async def values_of(services: Services, member: Member, lead: Lead) -> dict[str, str]:
    """Every field's value, as plain text; empty where the lead has none."""
    organization = await services.organizations.of(member)
    today = datetime.now(UTC).astimezone(ZoneInfo(member.time_zone)).date()
    values = {
        "name": lead.name or lead.company,
        "company": lead.company,
        "number": str(lead.number),
        "phone": show_phone(lead.phones[0]) if lead.phones else "",
        "email": lead.emails[0] if lead.emails else "",
        "amount": money(lead.amount) if lead.amount else "",
        "product": lead.product,
        "stage": stage_name(lead.stage).removeprefix(lead.stage.color).strip(),
        "manager": member.name,
        "manager_phone": show_phone(member.phone) if member.phone else "",
        "organization": organization.name,
        "today": format_date(today, "d MMMM y", locale=current_language()),
    }
    for one in await services.custom_fields.for_member(member):
        kept = lead.custom.get(one.key, "")
        if one.type is not FieldType.FILE:
            values[one.path] = shown_value(one, kept) if kept else ""
    return values


def field_lines(known: list[str]) -> list[str]:
    """The fields a template may have, each with what it stands for."""
    return [
        f"<code>{{{name}}}</code>" + (f" {_(FIELD_NAMES[name])}" if name in FIELD_NAMES else "")
        for name in known
    ]
