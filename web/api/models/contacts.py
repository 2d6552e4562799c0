"""The people behind leads and customers as the API takes and shows them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.contacts import Contact
from web.api.models.base import PRINTABLE, Address, Given, Key, Resource, Shown

Name = Annotated[str, Field(max_length=100, pattern=PRINTABLE)]


class ContactOut(Resource):
    """A person behind a lead; the primary one is rung up first."""

    id: UUID
    lead_id: UUID | None
    full_name: str
    position: str
    phone: str | None
    email: str | None
    decides: bool
    is_primary: bool


class ContactIn(Given):
    """A person: a name, a phone or an e-mail. The first one of a lead is its primary one."""

    full_name: Name = ""
    position: Name = ""
    phone: Key | None = None
    email: Address | None = None
    decides: bool = False
    is_primary: bool = False


class ContactChange(Given):
    """What of a person is to change; null empties a field."""

    full_name: Name | None = None
    position: Name | None = None
    phone: Key | None = None
    email: Address | None = None
    decides: bool | None = None
    is_primary: bool | None = None


class ContactList(Shown):
    """The primary one first, then by name."""

    items: list[ContactOut]
    total: int


def contact_out(contact: Contact) -> ContactOut:
    return ContactOut(
        id=contact.id,
        lead_id=contact.lead_id,
        full_name=contact.name,
        position=contact.position,
        phone=contact.phone or None,
        email=contact.email or None,
        decides=contact.decides,
        is_primary=contact.is_primary,
    )
