"""Customers, members, own fields and files as the API takes and shows them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from domain.custom_fields import CHOICES_LIMIT, CustomField
from domain.customers import Customer
from domain.files import LeadFile
from domain.members import Member
from web.api.models.base import PRINTABLE, Address, Given, Key, Line, Note, Paging, Resource, Shown

FieldKind = Literal["text", "number", "money", "date", "yes_no", "choice", "choices", "phone", "file"]
Choices = Annotated[list[Key], Field(max_length=CHOICES_LIMIT)]


class CustomerOut(Resource):
    """Who a lead became."""

    id: UUID
    number: int
    name: str
    company_name: str
    inn: str
    email: str | None
    emails: list[str]
    primary_phone: str | None
    phones: list[str]
    notes: str
    custom_fields: dict[str, str]
    assigned_to: UUID | None
    assigned_to_name: str
    qualified_from_lead_id: UUID | None
    created_at: datetime
    updated_at: datetime


class CustomerChange(Given):
    """What of a customer is to change; null empties a field."""

    name: Annotated[str, Field(max_length=100, pattern=PRINTABLE)] | None = None
    company_name: Line | None = None
    inn: Key | None = None
    email: Address | None = None
    primary_phone: Key | None = None
    notes: Note | None = None


class CustomersAsked(Paging):
    search: Line = ""


class CustomerContact(Shown):
    full_name: str
    position: str
    phone: str | None
    email: str | None
    decides: bool


class CustomerContacts(Shown):
    items: list[CustomerContact]
    total: int


class MemberOut(Resource):
    """Somebody of the organization; `rights` are what they may do."""

    id: UUID
    name: str
    role: str
    status: str
    phone: str | None
    referral_code: str
    rights: list[str]


class MembersAsked(Paging):
    search: Annotated[str, Field(max_length=100, pattern=PRINTABLE)] = ""
    role: Literal["owner", "admin", "manager", "partner", "franchisee", "guest"] | None = None


class MemberChange(Given):
    """Another role, or a pause: `suspended` true begins it, false ends it."""

    role: Literal["owner", "admin", "manager", "partner", "franchisee", "guest"] | None = None
    suspended: bool | None = None


class WhoAmI(Shown):
    """For whom the key acts, where, and what it is good for."""

    organization_id: UUID
    organization_name: str
    key_id: UUID
    key_name: str
    scopes: list[str]
    expires_at: datetime | None
    member: MemberOut


class FieldOut(Resource):
    """A field of the organization's own. No `roles`: everybody who sees a lead sees it."""

    id: UUID
    key: str
    name: str
    type: FieldKind
    choices: list[str]
    required: bool
    pipeline_id: UUID | None
    roles: list[str]
    archived: bool


class FieldList(Shown):
    items: list[FieldOut]
    total: int


class FieldIn(Given):
    """A new field; without a key it gets one of its own."""

    name: Key
    type: FieldKind = "text"
    choices: Choices = []
    key: Key = ""
    required: bool = False
    pipeline_id: UUID | None = None


class FieldChange(Given):
    name: Key | None = None
    choices: Choices | None = None
    required: bool | None = None
    pipeline_id: UUID | None = None


class FileOut(Resource):
    """A file of a lead: Telegram keeps it, the bot shows it."""

    id: UUID
    lead_id: UUID
    kind: str
    name: str
    mime: str
    size: int
    duration: int
    field: str
    added_by: UUID | None
    added_by_name: str
    created_at: datetime


def customer_out(one: Customer) -> CustomerOut:
    return CustomerOut(
        id=one.id,
        number=one.number,
        name=one.name,
        company_name=one.company,
        inn=one.inn,
        email=next(iter(one.emails), None),
        emails=list(one.emails),
        primary_phone=next(iter(one.phones), None),
        phones=list(one.phones),
        notes=one.note,
        custom_fields=one.custom,
        assigned_to=one.assignee_id,
        assigned_to_name=one.assignee_name,
        qualified_from_lead_id=one.lead_id,
        created_at=one.created_at,
        updated_at=one.updated_at,
    )


def member_out(one: Member) -> MemberOut:
    return MemberOut(
        id=one.id,
        name=one.name,
        role=one.role.value,
        status=one.status.value,
        phone=one.phone,
        referral_code=one.referral_code,
        rights=sorted(right.value for right in one.rights),
    )


def field_out(one: CustomField) -> FieldOut:
    return FieldOut(
        id=one.id,
        key=one.key,
        name=one.name,
        type=one.type.value,
        choices=list(one.choices),
        required=one.required,
        pipeline_id=one.pipeline_id,
        roles=sorted(role.value for role in one.roles),
        archived=one.archived,
    )


def file_out(one: LeadFile) -> FileOut:
    return FileOut(
        id=one.id,
        lead_id=one.lead_id,
        kind=one.kind.value,
        name=one.name,
        mime=one.mime,
        size=one.size,
        duration=one.duration,
        field=one.field,
        added_by=one.added_by,
        added_by_name=one.added_name,
        created_at=one.created_at,
    )
