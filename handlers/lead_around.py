"""What stands around a lead, on its card: its people, its files, the organization's own fields."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.leads import Lead
from domain.members import Member, Right
from handlers.buttons import LeadButton
from handlers.contact_lines import contact_line
from handlers.fields.values import value_lines
from handlers.screens import Button
from locales import _
from services.registry import Services

CONTACTS_SHOWN = 3
FIELDS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Around:
    """Lines of the card, safe inside HTML, and a row of buttons."""

    lines: Sequence[str]
    row: Sequence[Button]


async def around(services: Services, member: Member, lead: Lead) -> Around:
    """Own fields that have a value, the first contacts, and the ways to all of it."""
    contacts, files = await services.contacts.counts(member, lead.id)
    lines: list[str] = []
    if lead.custom:
        known = await services.custom_fields.for_member(member, lead.stage.pipeline_id)
        lines += [f"🧩 {line}" for line in value_lines(lead, known)[:FIELDS_SHOWN]]
    if contacts:
        found = await services.contacts.of_lead(member, lead.id)
        lines += [contact_line(one) for one in found[:CONTACTS_SHOWN]]
        if contacts > CONTACTS_SHOWN:
            lines.append(_("… and {count} more").format(count=contacts - CONTACTS_SHOWN))
    if lead.withdrawn_at is not None:
        return Around(lines, [])
    return Around(lines, _row(member, lead, contacts, files))


def _row(member: Member, lead: Lead, contacts: int, files: int) -> list[Button]:
    def button(text: str, do: str) -> Button:
        return Button(text, LeadButton(do=do, lead=lead.id))

    row = [
        button(_("👥 Contacts") + (f" {contacts}" if contacts else ""), "contacts"),
        button(_("📎 Files") + (f" {files}" if files else ""), "files"),
    ]
    if member.may(Right.LEAD_WORK):
        row.append(button(_("✉️ Message"), "message"))
    return row
