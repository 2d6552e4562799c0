"""What stands around a lead, on its card: its people, its files, the organization's own fields."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.leads import Lead
from domain.members import Member
from handlers.buttons import LeadButton
from handlers.contacts.contact_lines import contact_line
from handlers.fields.values import value_lines
from handlers.screens import Button
from locales import _, ngettext
from services.registry import Services

CONTACTS_SHOWN = 3
FIELDS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Around:
    """Lines of the card, safe inside HTML, and a row of buttons for a card without More."""

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
    if files:
        lines.append(ngettext("📎 {count} file", "📎 {count} files", files).format(count=files))
    return Around(lines, [] if lead.withdrawn_at is not None else _row(lead, contacts, files))


def _row(lead: Lead, contacts: int, files: int) -> list[Button]:
    def button(text: str, do: str) -> Button:
        return Button(text, LeadButton(do=do, lead=lead.id))

    return [
        button(_("👥 Contacts") + (f" {contacts}" if contacts else ""), "contacts"),
        button(_("📎 Files") + (f" {files}" if files else ""), "files"),
    ]
