"""Everything that can go wrong and that somebody may want to catch.

VoronkaError
├── BadInput              a field cannot be read: which one, and why
├── NotAllowed            the person's role lacks the right
├── NotFound              no such record, or not for this person
├── TooLate               the button or the record is past this step
├── StageNeeds            the stage asks for fields that the lead lacks
├── DuplicateLead         the phone, e-mail or INN is already a lead's
├── FileAway              the file is with Telegram, which does not give it now
├── FilesAway             the place where files are kept does not answer, or refuses
├── WebhookRefused        a hook's key or signature is wrong
├── KeyRefused            a key of the API is unknown, or good no more
├── TooManyRequests       a limit of the API is reached: again after some seconds
├── SecondFactorNeeded    this step wants a code of the member's second factor first
├── SecondFactorWrong     the code is wrong, or was used before
├── OrganizationNeeded    the person belongs to several organizations: say which
├── TenantMissing         a query ran without an organization: a fault of ours
└── CrmError              what talking to a CRM can end in
    ├── CrmUnavailable    down, slow, 5xx: try again later
    │   └── CrmUncertain  the answer was lost: it may have been done, search before trying again
    ├── CrmRateLimited    wait until a moment, without spending an attempt
    ├── CrmAccessLost     key wrong, revoked or without the right: an admin must act
    │   └── CrmMisconfigured  our mapping names what the CRM does not have: an admin must act
    ├── CrmRejected       the CRM refuses the data: an admin must act
    ├── CrmGone           the record no longer exists on the other side
    └── CrmUnsupported    this provider has no such thing

An error carries a code and parameters, never a sentence: handlers/errors.py and web/errors.py put it
into words. Parameters hold no secrets and no personal data.
"""

from datetime import datetime
from uuid import UUID


class VoronkaError(Exception):
    """Base of all errors of the product. `code` is stable and machine-readable."""

    code = "error"

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.code, params)


class BadInput(VoronkaError):
    """`field` cannot be read; `reason` is a stable word such as invalid, too_long, required."""

    code = "bad_input"

    def __init__(self, field: str, reason: str, **params: object) -> None:
        self.field, self.reason = field, reason
        super().__init__(field=field, reason=reason, **params)


class NotAllowed(VoronkaError):
    """The acting member lacks the right that the use case declares."""

    code = "not_allowed"


class NotFound(VoronkaError):
    """No such record in this organization, or none that this member may see."""

    code = "not_found"


class TooLate(VoronkaError):
    """The record has moved past this step; `what` says how: taken, withdrawn, closed, answered."""

    code = "too_late"

    def __init__(self, what: str, **params: object) -> None:
        self.what = what
        super().__init__(what=what, **params)


class StageNeeds(VoronkaError):
    """A lead cannot come to the stage without these fields (see domain/pipelines.py): ask for them."""

    code = "stage_needs"

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields
        super().__init__(fields=fields)


class DuplicateLead(VoronkaError):
    """A lead with the same phone, e-mail or INN stands in the way; its id only for whoever may know it."""

    code = "duplicate_lead"

    def __init__(self, lead_id: UUID | None, **params: object) -> None:
        self.lead_id = lead_id
        super().__init__(**params)


class FileAway(VoronkaError):
    """Telegram, which has the file, does not give it at the moment."""

    code = "file_away"


class FilesAway(VoronkaError):
    """The place where files are kept does not answer, or refuses; nothing was kept. `reason` is a word for
    those who look after it: that of the storage, or the kind of the error."""

    code = "files_away"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason=reason)


class WebhookRefused(VoronkaError):
    """Unknown key, wrong signature or wrong secret."""

    code = "webhook_refused"


class KeyRefused(VoronkaError):
    """A key of the API does not open; `reason` is missing, unknown, expired, revoked, or member (left or
    paused). Of tokens: token (not one of ours), token_expired, session (over), refreshed (used before). Of
    what Telegram says of a person: telegram (not signed by it), telegram_old, stranger (no member)."""

    code = "key_refused"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason=reason)


class TooManyRequests(VoronkaError):
    """A limit of the API is reached; it is worth asking again after `wait` seconds. `what` names it; `quota`
    may come in `window` seconds, 0 where there is no such number."""

    code = "too_many_requests"

    def __init__(self, what: str, wait: float, quota: int = 0, window: int = 0) -> None:
        self.what, self.wait, self.quota, self.window = what, wait, quota, window
        super().__init__(what=what, wait=wait)


class SecondFactorNeeded(VoronkaError):
    """The member has turned on a second factor, and this step wants a code of it first."""

    code = "second_factor_required"


class SecondFactorWrong(VoronkaError):
    """The code is wrong, or was used before."""

    code = "second_factor_wrong"


class OrganizationNeeded(VoronkaError):
    """The person is a member of several organizations: {id: name}. The caller has to say which."""

    code = "organization_needed"

    def __init__(self, organizations: dict[str, str]) -> None:
        self.organizations = organizations
        super().__init__()


class TenantMissing(VoronkaError):
    """A statement on an organization's table ran without naming the organization."""

    code = "tenant_missing"


class CrmError(VoronkaError):
    """Base of what a CRM call can end in. `reason` is short, in English, free of personal data."""

    code = "crm_error"

    def __init__(self, reason: str = "", **params: object) -> None:
        self.reason = reason
        super().__init__(reason=reason, **params)


class CrmUnavailable(CrmError):
    """Down, slow or failing in a way that was surely not carried out: try again later."""

    code = "crm_unavailable"

    def __init__(self, reason: str = "", retry_at: datetime | None = None) -> None:
        self.retry_at = retry_at
        super().__init__(reason)


class CrmUncertain(CrmUnavailable):
    """The request went out and no clear answer came: search before sending it again."""

    code = "crm_uncertain"


class CrmRateLimited(CrmError):
    """Too many requests; ask again at `retry_at` (UTC). `of_account`: it concerns every request to the
    account; otherwise one kind of request alone, and others may go on."""

    code = "crm_rate_limited"

    def __init__(self, retry_at: datetime, reason: str = "", *, of_account: bool = True) -> None:
        self.retry_at, self.of_account = retry_at, of_account
        super().__init__(reason)


class CrmAccessLost(CrmError):
    """The key is wrong, expired, revoked or lacks a right."""

    code = "crm_access_lost"


class CrmMisconfigured(CrmAccessLost):
    """The mapping asks for what the CRM does not have; `reason` is the place and what is wrong there, such as
    `lead.cChannel missing_field`."""

    code = "crm_misconfigured"


class CrmRejected(CrmError):
    """The CRM refuses the data; `field` is the CRM's name of the field where it says so."""

    code = "crm_rejected"

    def __init__(self, reason: str = "", field: str = "") -> None:
        self.field = field
        super().__init__(reason, field=field)


class CrmGone(CrmError):
    """The record was deleted on the other side."""

    code = "crm_gone"


class CrmUnsupported(CrmError):
    """The provider has no such capability."""

    code = "crm_unsupported"
