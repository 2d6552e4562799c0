"""What the API takes and gives, as JSON. Written by web/api/client.py."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class ActivityChange(TypedDict):
    """What of a planned activity is to change; notes are added to those of one that has ended."""

    title: NotRequired[str | None]
    notes: NotRequired[str | None]
    scheduled_at: NotRequired[str | None]
    duration_minutes: NotRequired[int | None]
    assigned_to: NotRequired[str | None]


class ActivityHappened(TypedDict):
    """activity.created, activity.completed."""

    actor_id: NotRequired[str | None]
    origin: NotRequired[str]
    activity: ActivityOut


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


class AuditEntry(TypedDict):
    """Somebody did something. Without `actor_id`: the program, or a stranger at a door. `number`
    is its place in the chain, null for a second until it has one."""

    id: str
    number: int | None
    at: str
    actor_id: str | None
    actor_name: str
    address: str
    action: str
    entity: str
    entity_id: str | None
    subject: str
    data: dict[str, Any]


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


class BonusLine(TypedDict):
    """An entry of the ledger: `amount` is negative where bonuses went away; `why` says how it
    came about."""

    id: str
    at: str
    kind: str
    amount: str
    transaction_id: str | None
    expires_at: str | None
    why: dict[str, str]


class BonusOut(TypedDict):
    """What may be spent, and a page of the lines that sum up to it, newest first."""

    balance: str
    lines: list[BonusLine]


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


class ContactsChanged(TypedDict):
    """contact.changed: all people behind the lead, the primary one first."""

    actor_id: NotRequired[str | None]
    origin: NotRequired[str]
    lead_id: str
    contacts: list[ContactOut]


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


class CustomerHappened(TypedDict):
    """customer.created."""

    actor_id: NotRequired[str | None]
    origin: NotRequired[str]
    customer: CustomerOut


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


class LeadAssigned(TypedDict):
    """lead.assigned; null is nobody."""

    actor_id: NotRequired[str | None]
    origin: NotRequired[str]
    lead: LeadOut
    from_member_id: str | None
    to_member_id: str | None


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


class LeadChanged(TypedDict):
    """lead.changed: `changed` are names of fields of the lead."""

    actor_id: NotRequired[str | None]
    origin: NotRequired[str]
    lead: LeadOut
    changed: list[str]


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


class LeadHappened(TypedDict):
    """lead.created, lead.deleted."""

    actor_id: NotRequired[str | None]
    origin: NotRequired[str]
    lead: LeadOut


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


class LeadMerged(TypedDict):
    """lead.merged: `lead` is the one that stays."""

    actor_id: NotRequired[str | None]
    origin: NotRequired[str]
    lead: LeadOut
    merged_lead_id: str | None


class LeadMoved(TypedDict):
    """lead.stage_changed."""

    actor_id: NotRequired[str | None]
    origin: NotRequired[str]
    lead: LeadOut
    from_stage_id: str | None
    to_stage_id: str | None


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


class LineOut(TypedDict):
    title: str
    quantity: str
    amount: str


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


class OAuthError(TypedDict):
    """Why no token was given (RFC 6749, 5.2), or taken back (RFC 7009, 2.2.1)."""

    error: Literal[
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "unsupported_token_type",
    ]
    error_description: str


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


class Page_AuditEntry(TypedDict):
    items: list[AuditEntry]
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


class Page_TransactionOut(TypedDict):
    items: list[TransactionOut]
    total: int
    page: int
    limit: int
    pages: int


class Page_UnreadableOut(TypedDict):
    items: list[UnreadableOut]
    total: int
    page: int
    limit: int
    pages: int


class Page_WebhookDeliveryOut(TypedDict):
    items: list[WebhookDeliveryOut]
    total: int
    page: int
    limit: int
    pages: int


class PersonAsked(TypedDict):
    """Somebody outside, by a phone or an e-mail."""

    person: str


class PersonErased(TypedDict):
    """Whose data goes for good; `confirm` is that of the answer to looking."""

    person: str
    confirm: str


class PersonFile(TypedDict):
    """Everything that is held, by kind: lists of rows as they are kept."""

    counts: dict[str, int]
    lead_numbers: list[int]
    crm_records: list[RecordAbroad]
    confirm: str
    data: dict[str, Any]


class PersonGone(TypedDict):
    """How many rows of each kind were emptied."""

    counts: dict[str, int]
    crm_records: list[RecordAbroad]


class PersonHeld(TypedDict):
    """How much is held on somebody."""

    counts: dict[str, int]
    lead_numbers: list[int]
    crm_records: list[RecordAbroad]
    confirm: str


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


class RecordAbroad(TypedDict):
    """A record at a CRM. `told`: the CRM is sent it empty; otherwise a person has to erase it there."""

    provider: str
    name: str
    external_id: str
    url: str
    told: bool


class RedemptionIn(TypedDict):
    """Bonuses to be set aside for 15 minutes. The same `key` again is the same reservation."""

    phone: str
    amount: float | str
    key: str
    source_id: NotRequired[str | None]


class RedemptionOut(TypedDict):
    """States: reserved, confirmed, released."""

    id: str
    amount: str
    currency: str
    state: str
    key: str
    created_at: str
    expires_at: str


class RefreshAsked(TypedDict):
    refresh_token: str


class Repair(TypedDict):
    """What could not be read, given by hand, as people write it."""

    amount: str
    happened_at: str
    phone: NotRequired[str]
    description: NotRequired[str]


class Replayed(TypedDict):
    operations: int
    deliveries: int


class RevocationAsked(TypedDict):
    """A form of RFC 7009, 2.1: a session's refresh token or access token; both end with the
    session. What kind it is need not be told."""

    token: NotRequired[str]


class Revoked(TypedDict):
    """The token is over; also when it was before, or never was one."""


class RuleIn(TypedDict):
    """What purchases earn from now, or from `starts_at` on: `percent`, or that of the highest
    step reached by the purchase's sum, or (`by` total) by that of all that its buyer has
    bought up to then; nothing below `least`, never more than `most`; bonuses live `days`."""

    name: str
    percent: float | str
    steps: NotRequired[list[StepIn]]
    least: NotRequired[float | str]
    most: NotRequired[float | str | None]
    without_items: NotRequired[list[str]]
    without_groups: NotRequired[list[str]]
    medical: NotRequired[bool]
    days: NotRequired[int | None]
    by: NotRequired[Literal["purchase", "total"]]
    starts_at: NotRequired[str | None]
    ends_at: NotRequired[str | None]


class RuleList(TypedDict):
    items: list[RuleOut]
    total: int


class RuleOut(TypedDict):
    id: str
    name: str
    terms: dict[str, Any]
    starts_at: str
    ends_at: str | None


class RunList(TypedDict):
    items: list[RunOut]
    total: int


class RunOut(TypedDict):
    """One run. Verdicts: done, goes_on, waits, failed, stopped."""

    id: str
    kind: str
    verdict: str
    started_at: str
    finished_at: str
    counts: dict[str, int]
    error: str
    reason: str


class SentAnew(TypedDict):
    count: int


class SessionAsked(TypedDict):
    """What Telegram says of a person: `init_data` of a Mini App, just as Telegram gave it, or the
    fields of the Login widget. `organization_id` is needed by members of several
    organizations."""

    init_data: NotRequired[str | None]
    login: NotRequired[dict[str, str | int] | None]
    organization_id: NotRequired[str | None]


class SessionGiven(TypedDict):
    """`refresh_token` buys the next pair, once, within `refresh_expires_in` seconds."""

    access_token: str
    token_type: NotRequired[Literal["Bearer"]]
    expires_in: int
    scope: str
    refresh_token: str
    refresh_expires_in: int
    organization_id: str
    member_id: str


class SourceList(TypedDict):
    items: list[SourceOut]
    total: int


class SourceOut(TypedDict):
    """Where purchases come from. No secret is in it. While `loaded` is false the first load is
    under way: `months` of `all_months` are read. Counts are of the run under way, or of the
    last one."""

    id: str
    provider: str
    title: str
    name: str
    account: str
    active: bool
    running: bool
    loaded: bool
    months: int
    all_months: int
    found: int
    added: int
    changed: int
    unreadable: int
    total: int | None
    last_error: str
    error_reason: str
    failures: int
    last_success_at: str | None
    next_at: str


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


class StatisticsOut(TypedDict):
    """Of the last 30 days, `transactions` and `unreadable` of all time; no `success_rate` without
    runs."""

    transactions: int
    unreadable: int
    last_success_at: str | None
    successes: int
    failures: int
    success_rate: float | None
    mean_seconds: float


class StepIn(TypedDict):
    since: float | str
    percent: float | str


class Sum(TypedDict):
    amount: str
    currency: str


class TableOut(TypedDict):
    """A table of purchases. While it is brought in, `done` of `total` rows are; `counts` come
    with the end: found, added, changed, unchanged, wrong, phoneless (in, but without a buyer).
    `failed`: given up after several tries."""

    id: str
    name: str
    columns: list[str]
    total: int
    done: int
    finished: bool
    failed: bool
    counts: dict[str, int]


class TestOut(TypedDict):
    """What a connection's test found."""

    usable: bool
    account: str
    version: str
    problems: list[FoundProblem]


class Tested(TypedDict):
    """test."""

    actor_id: NotRequired[str | None]
    origin: NotRequired[str]
    message: NotRequired[str]


class TokenAsked(TypedDict):
    """A form of RFC 6749, 4.4. The client shows itself here, or by Basic; its id is the key's id,
    its secret the key. Without `scope` the token has all scopes of the key."""

    grant_type: NotRequired[str]
    client_id: NotRequired[str]
    client_secret: NotRequired[str]
    scope: NotRequired[str]


class TokenGiven(TypedDict):
    """`expires_in` in seconds."""

    access_token: str
    token_type: NotRequired[Literal["Bearer"]]
    expires_in: int
    scope: str


class TransactionOut(TypedDict):
    """A purchase, or with the kind refund money that came back. Medical ones are never here."""

    id: str
    source_id: str
    source: str
    external_id: str
    kind: str
    cancelled: bool
    amount: str
    currency: str
    happened_at: str
    phone: str | None
    customer_id: str | None
    description: str
    lines: list[LineOut]


class UnreadableOut(TypedDict):
    """A record that could not be read; persons in `raw` are starred."""

    id: str
    source_id: str
    external_id: str
    field: str
    problem: str
    raw: str
    created_at: str


class WebhookChange(TypedDict):
    """What is left out stays."""

    name: NotRequired[str | None]
    url: NotRequired[str | None]
    events: NotRequired[
        list[
            Literal[
                "lead.created",
                "lead.changed",
                "lead.stage_changed",
                "lead.assigned",
                "lead.merged",
                "lead.deleted",
                "contact.changed",
                "activity.created",
                "activity.completed",
                "customer.created",
            ]
        ]
        | None
    ]


class WebhookDeliveryDetail(TypedDict):
    """`body` is what was sent; null while it has not been sent yet."""

    id: str
    webhook: str
    webhook_id: str
    type: str
    state: str
    attempts: int
    status: int
    error: str
    milliseconds: int
    happened_at: str
    due_at: str
    tried_at: str | None
    body: str | None


class WebhookDeliveryOut(TypedDict):
    """One message to one webhook. States: pending, sending, delivered, failed, dropped (there was
    nothing to tell any more). `webhook_id` is the id in the message's header, the same at each
    attempt; `status` is the last answer's, 0 without one."""

    id: str
    webhook: str
    webhook_id: str
    type: str
    state: str
    attempts: int
    status: int
    error: str
    milliseconds: int
    happened_at: str
    due_at: str
    tried_at: str | None


class WebhookDetail(TypedDict):
    """`deliveries` counts them by state."""

    id: str
    name: str
    host: str
    events: list[str]
    state: str
    disabled_because: str
    created_at: str
    failing_since: str | None
    delivered_at: str | None
    secret_changed_at: str
    old_secret_signs_until: str | None
    url: str
    deliveries: dict[str, int]


class WebhookIn(TypedDict):
    name: str
    url: str
    events: list[
        Literal[
            "lead.created",
            "lead.changed",
            "lead.stage_changed",
            "lead.assigned",
            "lead.merged",
            "lead.deleted",
            "contact.changed",
            "activity.created",
            "activity.completed",
            "customer.created",
        ]
    ]


class WebhookList(TypedDict):
    items: list[WebhookOut]
    total: int


class WebhookMade(TypedDict):
    """`secret` is told this once. A request that is repeated by its Idempotency-Key does not tell
    it again: it is empty then."""

    id: str
    name: str
    host: str
    events: list[str]
    state: str
    disabled_because: str
    created_at: str
    failing_since: str | None
    delivered_at: str | None
    secret_changed_at: str
    old_secret_signs_until: str | None
    url: str
    deliveries: dict[str, int]
    secret: str


class WebhookOut(TypedDict):
    """A webhook. States: on, paused, disabled (nothing got through for five days, or it answered
    410). `host` is where it goes; GET of one webhook tells the whole address."""

    id: str
    name: str
    host: str
    events: list[str]
    state: str
    disabled_because: str
    created_at: str
    failing_since: str | None
    delivered_at: str | None
    secret_changed_at: str
    old_secret_signs_until: str | None


class WhoAmI(TypedDict):
    """For whom the key acts, where, and what it is good for."""

    organization_id: str
    organization_name: str
    key_id: str
    key_name: str
    scopes: list[str]
    expires_at: str | None
    member: MemberOut
