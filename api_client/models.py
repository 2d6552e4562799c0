"""What the API takes and gives, as JSON. Written by web/api/client.py."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class ActivityChange(TypedDict):
    """What of a planned activity is to change; notes are added to those of one that has ended."""

    title: NotRequired[str | None]
    notes: NotRequired[str | None]
    scheduled_at: NotRequired[str | None]
    duration_minutes: NotRequired[int | None]
    assigned_to: NotRequired[str | None]


class ActivityIn(TypedDict):
    """An activity of one lead or one customer. With `scheduled_at` it is planned; without, it is
    a call that was made (`result` tells how it went), or a note."""

    type: Literal["call", "meeting", "email", "task", "note"]
    lead_id: NotRequired[str | None]
    customer_id: NotRequired[str | None]
    title: NotRequired[str]
    notes: NotRequired[str]
    result: NotRequired[str]
    scheduled_at: NotRequired[str | None]
    duration_minutes: NotRequired[int]
    assigned_to: NotRequired[str | None]


class ActivityOut(TypedDict):
    """What was done, or is to be done, about a lead or a customer. `shared`: the lead's sender
    sees it."""

    id: str
    lead_id: str | None
    customer_id: str | None
    type: str
    title: str
    notes: str
    result: str
    shared: bool
    scheduled_at: str | None
    duration_minutes: int
    completed: bool
    completed_at: str | None
    assigned_to: str | None
    assigned_to_name: str
    created_by: str | None
    created_by_name: str
    created_at: str


class Assign(TypedDict):
    """Who is to be responsible; null: nobody."""

    assigned_to: str | None


class BatchIn(TypedDict):
    """Many new leads; each is stored or refused by itself."""

    leads: list[LeadIn]


class BatchItem(TypedDict):
    """What became of one of them, in the order in which they were given."""

    status: int
    lead: NotRequired[LeadOut | None]
    code: NotRequired[str]
    field: NotRequired[str]
    lead_id: NotRequired[str | None]


class BatchOut(TypedDict):
    created: int
    refused: int
    items: list[BatchItem]


class BoardColumn(TypedDict):
    stage: StageOut
    leads: int
    amounts: list[Sum]


class BoardOut(TypedDict):
    pipeline_id: str
    columns: list[BoardColumn]


class BulkIn(TypedDict):
    """What is to become of many leads: those of `lead_ids`, or all that `filter` finds. `value`
    is a stage's or a member's id, or a tag; empty for delete, and to assign nobody."""

    action: Literal["assign", "stage", "tag", "untag", "delete"]
    lead_ids: NotRequired[list[str] | None]
    filter: NotRequired[LeadFilters | None]
    value: NotRequired[str]
    reason: NotRequired[str]


class BulkOut(TypedDict):
    """How far a change of many leads has come: state is running, done, cancelled, undoing or
    undone; `skipped` counts leads that were left alone by why: changed, rights, same,
    withdrawn, fields, gone."""

    id: str
    action: str
    state: str
    total: int
    done: int
    undone: int
    skipped: dict[str, int]


class Completed(TypedDict):
    """How it ended; without a result, well."""

    result: NotRequired[str]
    notes: NotRequired[str]


class ContactChange(TypedDict):
    """What of a person is to change; null empties a field."""

    full_name: NotRequired[str | None]
    position: NotRequired[str | None]
    phone: NotRequired[str | None]
    email: NotRequired[str | None]
    decides: NotRequired[bool | None]
    is_primary: NotRequired[bool | None]


class ContactIn(TypedDict):
    """A person: a name, a phone or an e-mail. The first one of a lead is its primary one."""

    full_name: NotRequired[str]
    position: NotRequired[str]
    phone: NotRequired[str | None]
    email: NotRequired[str | None]
    decides: NotRequired[bool]
    is_primary: NotRequired[bool]


class ContactList(TypedDict):
    """The primary one first, then by name."""

    items: list[ContactOut]
    total: int


class ContactOut(TypedDict):
    """A person behind a lead; the primary one is rung up first."""

    id: str
    lead_id: str | None
    full_name: str
    position: str
    phone: str | None
    email: str | None
    decides: bool
    is_primary: bool


class CustomerChange(TypedDict):
    """What of a customer is to change; null empties a field."""

    name: NotRequired[str | None]
    company_name: NotRequired[str | None]
    inn: NotRequired[str | None]
    email: NotRequired[str | None]
    primary_phone: NotRequired[str | None]
    notes: NotRequired[str | None]


class CustomerContact(TypedDict):
    full_name: str
    position: str
    phone: str | None
    email: str | None
    decides: bool


class CustomerContacts(TypedDict):
    items: list[CustomerContact]
    total: int


class CustomerOut(TypedDict):
    """Who a lead became."""

    id: str
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
    assigned_to: str | None
    assigned_to_name: str
    qualified_from_lead_id: str | None
    created_at: str
    updated_at: str


class DeliveryOut(TypedDict):
    """A stored delivery of a CRM or of the website's form."""

    id: str
    provider: str
    integration_id: str | None
    event: str
    state: str
    attempts: int
    error: str
    received_at: str
    done_at: str | None


class FieldChange(TypedDict):
    name: NotRequired[str | None]
    choices: NotRequired[list[str] | None]
    required: NotRequired[bool | None]
    pipeline_id: NotRequired[str | None]


class FieldError(TypedDict):
    """What is wrong with one field; `code` is stable, `detail` is in the caller's language."""

    field: str
    code: str
    detail: str


class FieldIn(TypedDict):
    """A new field; without a key it gets one of its own."""

    name: str
    type: NotRequired[
        Literal["text", "number", "money", "date", "yes_no", "choice", "choices", "phone", "file"]
    ]
    choices: NotRequired[list[str]]
    key: NotRequired[str]
    required: NotRequired[bool]
    pipeline_id: NotRequired[str | None]


class FieldList(TypedDict):
    items: list[FieldOut]
    total: int


class FieldOut(TypedDict):
    """A field of the organization's own. No `roles`: everybody who sees a lead sees it."""

    id: str
    key: str
    name: str
    type: Literal["text", "number", "money", "date", "yes_no", "choice", "choices", "phone", "file"]
    choices: list[str]
    required: bool
    pipeline_id: str | None
    roles: list[str]
    archived: bool


class FileOut(TypedDict):
    """A file of a lead: Telegram keeps it, the bot shows it."""

    id: str
    lead_id: str
    kind: str
    name: str
    mime: str
    size: int
    duration: int
    field: str
    added_by: str | None
    added_by_name: str
    created_at: str


class FoundProblem(TypedDict):
    """`fatal` stops the traffic."""

    code: str
    fatal: bool


class IntegrationList(TypedDict):
    items: list[IntegrationOut]
    total: int


class IntegrationOut(TypedDict):
    """A connection with a CRM. No secret is in it."""

    id: str
    provider: str
    title: str
    name: str
    mode: str
    active: bool
    account: str
    version: str
    last_error: str
    parked_until: str | None
    last_success_at: str | None
    queue_depth: int
    failed: int
    webhooks: int


class LeadChange(TypedDict):
    """What of a lead is to change; the rest stays. null empties a field."""

    name: NotRequired[str | None]
    company_name: NotRequired[str | None]
    inn: NotRequired[str | None]
    email: NotRequired[str | None]
    emails: NotRequired[list[str] | None]
    primary_phone: NotRequired[str | None]
    phones: NotRequired[list[str] | None]
    amount: NotRequired[float | str | None]
    segment: NotRequired[str | None]
    product: NotRequired[str | None]
    region: NotRequired[str | None]
    source: NotRequired[str | None]
    notes: NotRequired[str | None]
    custom_fields: NotRequired[dict[str, str | None]]
    tags: NotRequired[list[str] | None]
    stage_id: NotRequired[str | None]
    reason: NotRequired[str]
    assigned_to: NotRequired[str | None]


class LeadDetail(TypedDict):
    """A lead with its people and tags."""

    id: str
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
    stage_id: str
    pipeline_id: str | None
    stage: StageOut
    assigned_to: str | None
    assigned_to_name: str
    sender_id: str | None
    sender_name: str
    customer_id: str | None
    version: int
    created_at: str
    updated_at: str
    taken_at: str | None
    withdrawn_at: str | None
    tags: list[str]
    contacts: list[ContactOut]


class LeadFilters(TypedDict):
    """Conditions that all have to hold. `search` finds by number, name, company, phone, e-mail
    and INN."""

    search: NotRequired[str]
    stage_id: NotRequired[str | None]
    pipeline_id: NotRequired[str | None]
    assigned_to: NotRequired[str | None]
    unassigned: NotRequired[bool]
    sender_id: NotRequired[str | None]
    mine: NotRequired[bool]
    segment: NotRequired[str]
    product: NotRequired[str]
    region: NotRequired[str]
    source: NotRequired[str]
    tag: NotRequired[list[str]]
    created_from: NotRequired[str | None]
    created_to: NotRequired[str | None]
    amount_from: NotRequired[float | str | None]
    amount_to: NotRequired[float | str | None]
    no_next_step: NotRequired[bool]


class LeadIn(TypedDict):
    """A new lead: a name or a company, and a phone or an e-mail."""

    name: NotRequired[str]
    company_name: NotRequired[str]
    inn: NotRequired[str]
    email: NotRequired[str | None]
    emails: NotRequired[list[str]]
    primary_phone: NotRequired[str | None]
    phones: NotRequired[list[str]]
    amount: NotRequired[float | str | None]
    segment: NotRequired[str]
    product: NotRequired[str]
    region: NotRequired[str]
    source: NotRequired[str]
    referral_code: NotRequired[str]
    utm: NotRequired[dict[str, str]]
    notes: NotRequired[str]
    custom_fields: NotRequired[dict[str, str]]
    tags: NotRequired[list[str]]
    stage_id: NotRequired[str | None]
    pipeline_id: NotRequired[str | None]
    assigned_to: NotRequired[str | None]
    contacts: NotRequired[list[ContactIn]]


class LeadOut(TypedDict):
    """A lead. `version` grows with each change; it is the ETag."""

    id: str
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
    stage_id: str
    pipeline_id: str | None
    stage: StageOut
    assigned_to: str | None
    assigned_to_name: str
    sender_id: str | None
    sender_name: str
    customer_id: str | None
    version: int
    created_at: str
    updated_at: str
    taken_at: str | None
    withdrawn_at: str | None


class LogEntryOut(TypedDict):
    """A write, or with `incoming` a delivery of a CRM or of the website's form."""

    id: str
    incoming: bool
    kind: str
    state: str
    attempts: int
    error: str
    error_reason: str
    lead_number: int | None
    at: str
    done_at: str | None


class MemberChange(TypedDict):
    """Another role, or a pause: `suspended` true begins it, false ends it."""

    role: NotRequired[Literal["owner", "admin", "manager", "partner", "franchisee", "guest"] | None]
    suspended: NotRequired[bool | None]


class MemberOut(TypedDict):
    """Somebody of the organization; `rights` are what they may do."""

    id: str
    name: str
    role: str
    status: str
    phone: str | None
    referral_code: str
    rights: list[str]


class MoveTo(TypedDict):
    """The stage to put the lead on; a failed one needs a reason."""

    stage_id: str
    reason: NotRequired[str]


class OperationOut(TypedDict):
    """A write owed to a CRM. States: pending, running, done, permanently_failed, blocked, dropped."""

    id: str
    integration_id: str
    kind: str
    record_id: str
    state: str
    attempts: int
    error: str
    error_reason: str
    due_at: str
    created_at: str
    done_at: str | None


class Page_ActivityOut(TypedDict):
    items: list[ActivityOut]
    total: int
    page: int
    limit: int
    pages: int


class Page_CustomerOut(TypedDict):
    items: list[CustomerOut]
    total: int
    page: int
    limit: int
    pages: int


class Page_FileOut(TypedDict):
    items: list[FileOut]
    total: int
    page: int
    limit: int
    pages: int


class Page_LeadOut(TypedDict):
    items: list[LeadOut]
    total: int
    page: int
    limit: int
    pages: int


class Page_LogEntryOut(TypedDict):
    items: list[LogEntryOut]
    total: int
    page: int
    limit: int
    pages: int


class Page_MemberOut(TypedDict):
    items: list[MemberOut]
    total: int
    page: int
    limit: int
    pages: int


class PipelineChange(TypedDict):
    name: NotRequired[str | None]
    is_default: NotRequired[Literal[True] | None]
    head_id: NotRequired[str | None]


class PipelineIn(TypedDict):
    """A new pipeline with the stages of a preset; named after it without a name."""

    preset: NotRequired[Literal["sales", "credit", "education", "clinic", "salon", "empty"]]
    name: NotRequired[str]


class PipelineList(TypedDict):
    items: list[PipelineOut]
    total: int


class PipelineOut(TypedDict):
    """`name` is in the caller's language while nobody has named the pipeline: it goes by its
    preset then. The first pipeline is the default one."""

    id: str
    name: str
    preset: str
    order_index: int
    head_id: str | None
    archived: bool
    is_named: bool
    stages: list[StageOut]


class Problem(TypedDict):
    """Why a request was refused (RFC 9457); `code` is stable, `title` is in the caller's language."""

    type: str
    title: str
    status: int
    code: str
    errors: NotRequired[list[FieldError]]
    error_id: NotRequired[str]


class Qualified(TypedDict):
    """The customer a lead has become; `created` is false where it was one before."""

    customer_id: str
    created: bool
    lead: LeadOut


class Replayed(TypedDict):
    operations: int
    deliveries: int


class StageChange(TypedDict):
    """What of a stage is to change; the rest stays."""

    name: NotRequired[str | None]
    color: NotRequired[str | None]
    order_index: NotRequired[int | None]
    is_qualified: NotRequired[bool | None]
    is_failed: NotRequired[bool | None]
    required_fields: NotRequired[list[str] | None]


class StageIn(TypedDict):
    """A new stage; without a pipeline it is of the default one."""

    name: str
    pipeline_id: NotRequired[str | None]
    color: NotRequired[str | None]
    order_index: NotRequired[int | None]
    is_qualified: NotRequired[bool]
    is_failed: NotRequired[bool]
    required_fields: NotRequired[list[str]]


class StageList(TypedDict):
    items: list[StageOut]
    total: int


class StageOut(TypedDict):
    """`name` is in the caller's language while nobody has renamed the stage: then `key` is set."""

    id: str
    pipeline_id: str | None
    key: str | None
    name: str
    color: str
    order_index: int
    kind: Literal["open", "qualified", "failed"]
    is_qualified: bool
    is_failed: bool
    required_fields: list[str]


class Sum(TypedDict):
    amount: str
    currency: str


class TestOut(TypedDict):
    """What a connection's test found."""

    usable: bool
    account: str
    version: str
    problems: list[FoundProblem]


class WhoAmI(TypedDict):
    """For whom the key acts, where, and what it is good for."""

    organization_id: str
    organization_name: str
    key_id: str
    key_name: str
    scopes: list[str]
    expires_at: str | None
    member: MemberOut
