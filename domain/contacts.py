"""The people behind a lead: who they are, who decides, how to reach them."""

from dataclasses import dataclass
from uuid import UUID

from domain.errors import BadInput
from domain.fields import NAME_LIMIT, read_email, read_text
from domain.phones import read_phone

POSITION_LIMIT = 100
CONTACTS_LIMIT = 50


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """What is known of a person. Phone and e-mail may still be as typed."""

    name: str = ""
    position: str = ""
    phone: str = ""
    email: str = ""
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """A person behind a lead or a customer. The phone is E.164; the primary one is rung up first."""

    id: UUID
    lead_id: UUID | None
    customer_id: UUID | None
    name: str
    position: str
    phone: str
    email: str
    decides: bool
    is_primary: bool


def read_contact_draft(draft: ContactDraft, region: str) -> ContactDraft:
    """Every field normalised. Raises BadInput; a person needs a name, a phone or an e-mail."""
    read = ContactDraft(
        name=read_text("contact_name", draft.name, NAME_LIMIT, required=False),
        position=read_text("position", draft.position, POSITION_LIMIT, required=False),
        phone=read_phone(draft.phone, region) if draft.phone.strip() else "",
        email=read_email(draft.email) if draft.email.strip() else "",
        decides=draft.decides,
    )
    if not (read.name or read.phone or read.email):
        raise BadInput("contact_name", "required")
    return read


def in_one_line(contact: ContactDraft | Contact) -> str:
    """The person as the history keeps them."""
    return ", ".join(part for part in (contact.name, contact.position, contact.phone, contact.email) if part)
