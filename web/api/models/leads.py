"""Leads as the API takes and shows them. Names of fields are those of the S4 contract (docs/api.md)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from domain.leads import Lead
from services.api.wording import Wording
from web.api.models.base import PRINTABLE, Address, Given, Key, Line, Note, Paging, Resource, Shown
from web.api.models.contacts import ContactIn, ContactOut
from web.api.models.stages import StageOut, stage_out

Amount = Annotated[Decimal, Field(gt=0, le=10**12, max_digits=15, decimal_places=2)]
Phones = Annotated[list[Key], Field(max_length=20)]
Emails = Annotated[list[Address], Field(max_length=20)]
Tags = Annotated[list[Key], Field(max_length=10)]
Value = Annotated[str, Field(max_length=500, pattern=PRINTABLE)]
Texts = dict[Key, Value]
Ids = Annotated[list[UUID], Field(min_length=1, max_length=1000)]


class LeadOut(Resource):
    """A lead. `version` grows with each change; it is the ETag."""

    id: UUID
    number: int
    name: str
    company_name: str
    inn: str
    email: str | None
    emails: list[str]
    primary_phone: str | None
    phones: list[str]
    amount: str | None
    currency: str | None
    segment: str
    product: str
    region: str
    source: str
    referral_code: str
    utm: dict[str, str]
    notes: str
    custom_fields: dict[str, str]
    stage_id: UUID
    pipeline_id: UUID | None
    stage: StageOut
    assigned_to: UUID | None
    assigned_to_name: str
    sender_id: UUID | None
    sender_name: str
    customer_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime
    taken_at: datetime | None
    withdrawn_at: datetime | None

    def etag(self) -> str:
        return f'"{self.version}"'


class LeadDetail(LeadOut):
    """A lead with its people and tags."""

    tags: list[str]
    contacts: list[ContactOut]


class LeadIn(Given):
    """A new lead: a name or a company, and a phone or an e-mail."""

    name: Annotated[str, Field(max_length=100, pattern=PRINTABLE)] = ""
    company_name: Line = ""
    inn: Key = ""
    email: Address | None = None
    emails: Emails = []
    primary_phone: Key | None = None
    phones: Phones = []
    amount: Amount | None = None
    segment: Key = ""
    product: Key = ""
    region: Key = ""
    source: Annotated[str, Field(max_length=32, pattern=PRINTABLE)] = "api"
    referral_code: Key = ""
    utm: Annotated[Texts, Field(max_length=20)] = {}
    notes: Note = ""
    custom_fields: Annotated[Texts, Field(max_length=100)] = {}
    tags: Tags = []
    stage_id: UUID | None = None
    pipeline_id: UUID | None = None
    assigned_to: UUID | None = None
    contacts: Annotated[list[ContactIn], Field(max_length=20)] = []


class LeadChange(Given):
    """What of a lead is to change; the rest stays. null empties a field."""

    name: Annotated[str, Field(max_length=100, pattern=PRINTABLE)] | None = None
    company_name: Line | None = None
    inn: Key | None = None
    email: Address | None = None
    emails: Emails | None = None
    primary_phone: Key | None = None
    phones: Phones | None = None
    amount: Amount | None = None
    segment: Key | None = None
    product: Key | None = None
    region: Key | None = None
    source: Annotated[str, Field(max_length=32, pattern=PRINTABLE)] | None = None
    notes: Note | None = None
    custom_fields: Annotated[dict[Key, Value | None], Field(max_length=100)] = {}
    tags: Tags | None = None
    stage_id: UUID | None = None
    reason: Note = ""
    assigned_to: UUID | None = None


SORTS = ("number", "created_at", "updated_at", "name", "company_name", "amount")
Sort = Literal[
    "number", "-number", "created_at", "-created_at", "updated_at", "-updated_at", "name", "-name",
    "company_name", "-company_name", "amount", "-amount",
]  # fmt: skip


class LeadFilters(Given):
    """Conditions that all have to hold. `search` finds by number, name, company, phone, e-mail and INN."""

    search: Annotated[str, Field(max_length=100, pattern=PRINTABLE)] = ""
    stage_id: UUID | None = None
    pipeline_id: UUID | None = None
    assigned_to: UUID | None = None
    unassigned: bool = False
    sender_id: UUID | None = None
    mine: bool = False
    segment: Key = ""
    product: Key = ""
    region: Key = ""
    source: Key = ""
    tag: Annotated[list[Key], Field(max_length=10)] = []
    created_from: Annotated[date, Field(ge=date(1990, 1, 1), le=date(2100, 1, 1))] | None = None
    created_to: Annotated[date, Field(ge=date(1990, 1, 1), le=date(2100, 1, 1))] | None = None
    amount_from: Annotated[Decimal, Field(ge=0, le=10**12)] | None = None
    amount_to: Annotated[Decimal, Field(ge=0, le=10**12)] | None = None
    no_next_step: bool = False


class LeadsAsked(LeadFilters, Paging):
    """Which leads, in which order: the newest first, or with a search the best first."""

    sort: Sort | None = None


class Assign(Given):
    """Who is to be responsible; null: nobody."""

    assigned_to: UUID | None


class MoveTo(Given):
    """The stage to put the lead on; a failed one needs a reason."""

    stage_id: UUID
    reason: Note = ""


class Qualified(Shown):
    """The customer a lead has become; `created` is false where it was one before."""

    customer_id: UUID
    created: bool
    lead: LeadOut


class BulkIn(Given):
    """What is to become of many leads: those of `lead_ids`, or all that `filter` finds. `value` is a stage's
    or a member's id, or a tag; empty for delete, and to assign nobody."""

    action: Literal["assign", "stage", "tag", "untag", "delete"]
    lead_ids: Ids | None = None
    filter: LeadFilters | None = None
    value: Key = ""
    reason: Note = ""


class BulkOut(Resource):
    """How far a change of many leads has come: state is running, done, cancelled, undoing or undone;
    `skipped` counts leads that were left alone by why: changed, rights, same, withdrawn, fields, gone."""

    id: UUID
    action: str
    state: str
    total: int
    done: int
    undone: int
    skipped: dict[str, int]


class BatchIn(Given):
    """Many new leads; each is stored or refused by itself."""

    leads: Annotated[list[LeadIn], Field(min_length=1, max_length=100)]


class BatchItem(Shown):
    """What became of one of them, in the order in which they were given."""

    status: int
    lead: LeadOut | None = None
    code: str = ""
    field: str = ""
    lead_id: UUID | None = None


class BatchOut(Shown):
    created: int
    refused: int
    items: list[BatchItem]


def lead_fields(lead: Lead, words: Wording) -> dict[str, object]:
    return {
        "id": lead.id,
        "number": lead.number,
        "name": lead.name,
        "company_name": lead.company,
        "inn": lead.inn,
        "email": next(iter(lead.emails), None),
        "emails": list(lead.emails),
        "primary_phone": next(iter(lead.phones), None),
        "phones": list(lead.phones),
        "amount": f"{lead.amount.amount:.2f}" if lead.amount else None,
        "currency": lead.amount.currency if lead.amount else None,
        "segment": lead.segment,
        "product": lead.product,
        "region": lead.region,
        "source": lead.source,
        "referral_code": lead.referral_code,
        "utm": lead.utm,
        "notes": lead.note,
        "custom_fields": lead.custom,
        "stage_id": lead.stage.id,
        "pipeline_id": lead.stage.pipeline_id,
        "stage": stage_out(lead.stage, words),
        "assigned_to": lead.assignee_id,
        "assigned_to_name": lead.assignee_name,
        "sender_id": lead.sender_id,
        "sender_name": lead.sender_name,
        "customer_id": lead.customer_id,
        "version": lead.version,
        "created_at": lead.created_at,
        "updated_at": lead.updated_at,
        "taken_at": lead.taken_at,
        "withdrawn_at": lead.withdrawn_at,
    }
