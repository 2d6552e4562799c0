"""Errors as problem details (RFC 9457): a stable code for machines, a sentence in the caller's language.

    {"type": "about:blank", "title": "...", "status": 422, "code": "bad_input",
     "errors": [{"field": "email", "code": "required", "detail": "..."}]}

What nobody foresaw is a 503 with an `error_id`, which the log has too, the first of a second with its trace.
It is 503 because EspoCRM and Telegram repeat a delivery after it, whereas EspoCRM gives up after a 429 or a
502.
"""

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

import structlog
from aiohttp import web

from domain.errors import (
    BadInput,
    CrmError,
    DuplicateLead,
    FileAway,
    FilesAway,
    KeyRefused,
    NotAllowed,
    NotFound,
    OrganizationNeeded,
    SecondFactorNeeded,
    SecondFactorWrong,
    StageNeeds,
    TooLate,
    TooManyRequests,
    VoronkaError,
    WebhookRefused,
)
from locales import N_, known_language, translator
from web.traces import TRACES

log = structlog.get_logger()

PROBLEM = "application/problem+json"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Answer:
    """How one kind of error is told: HTTP status, our stable code, a msgid."""

    status: int
    code: str
    title: str


BROKEN_JSON = Answer(400, "broken_json", N_("The body is not valid JSON."))
TOO_DEEP = Answer(400, "too_deep", N_("The JSON is nested too deeply."))
NOT_AN_OBJECT = Answer(400, "not_an_object", N_("The body must be a JSON object with text values."))
BROKEN_FORM = Answer(400, "broken_form", N_("The form data cannot be read."))
FORGED = Answer(403, "webhook_refused", N_("The signature is wrong."))
NO_KEY = Answer(401, "key_missing", N_("Show a key: Authorization: Bearer vk_..."))
NO_SCOPE = Answer(403, "scope_missing", N_("This key is not good for that."))
NOT_ALLOWED = Answer(403, "not_allowed", N_("The member this key acts for may not do that."))
NOT_FOUND = Answer(404, "not_found", N_("There is nothing at this address."))
GONE = Answer(410, "gone", N_("Nobody listens at this address any more."))
NO_METHOD = Answer(405, "method_not_allowed", N_("This address does not take such a request."))
TOO_SLOW = Answer(408, "too_slow", N_("The body did not arrive in time."))
TOO_LATE = Answer(409, "too_late", N_("It is past this step by now. Read it anew."))
DUPLICATE = Answer(409, "duplicate_lead", N_("Another lead has this phone, e-mail or INN."))
CHANGED = Answer(412, "changed_meanwhile", N_("It was changed meanwhile. Read it anew."))
TOO_LARGE = Answer(413, "too_large", N_("The body is larger than 1 MiB."))
UNSUPPORTED = Answer(415, "unsupported_media_type", N_("This content type is not supported."))
WRONG_FIELDS = Answer(422, "bad_input", N_("Some fields must be corrected."))
STAGE_NEEDS = Answer(422, "stage_needs", N_("The stage asks for fields that the lead lacks."))
OTHER_REQUEST = Answer(
    422, "idempotency_key_reused", N_("This Idempotency-Key was used for another request.")
)
CRM_FAILED = Answer(424, "crm_error", N_("The CRM did not do it."))
ASK_FACTOR = Answer(
    403, "second_factor_required", N_("This takes a code of the second factor: send it as Second-Factor.")
)
WRONG_FACTOR = Answer(403, "second_factor_wrong", N_("This code is wrong, or was used before."))
WHICH_ORGANIZATION = Answer(409, "organization_needed", N_("Say for which organization: organization_id."))
TOO_MANY = Answer(429, "too_many_requests", N_("Too many requests. Come again later."))
UNAVAILABLE = Answer(503, "unavailable", N_("Not now: please send it again later."))

REFUSALS = {"unknown_key": NOT_FOUND, "gone": GONE}
"""Why a webhook was refused; any other reason is a wrong signature."""

KEY_REASONS: Mapping[str, Answer] = {
    "missing": NO_KEY,
    "unknown": Answer(401, "key_unknown", N_("We do not know this key.")),
    "expired": Answer(401, "key_expired", N_("This key has expired.")),
    "revoked": Answer(401, "key_revoked", N_("This key was revoked.")),
    "member": Answer(401, "key_without_member", N_("The member this key acts for is not active.")),
    "token": Answer(401, "token_unknown", N_("This is no token of ours.")),
    "token_expired": Answer(401, "token_expired", N_("This token has expired. Get a new one.")),
    "session": Answer(401, "session_over", N_("This session is over. Open a new one.")),
    "refreshed": Answer(
        401, "refresh_token_used", N_("This token was used before: the session is ended. Open a new one.")
    ),
    "telegram": Answer(401, "telegram_refused", N_("Telegram has not signed this for our bot.")),
    "telegram_old": Answer(401, "telegram_old", N_("Telegram has signed this more than an hour ago.")),
    "stranger": Answer(403, "not_a_member", N_("This person is not an active member here.")),
}
"""Why a key was refused."""

PAST: Mapping[str, Answer] = {
    "deleted": Answer(404, "deleted", N_("It was deleted.")),
    "taken": Answer(409, "taken", N_("Somebody else is responsible for it already.")),
    "withdrawn": Answer(409, "withdrawn", N_("Its sender has withdrawn it.")),
    "stage_in_use": Answer(409, "stage_in_use", N_("Leads stand on this stage. Move them first.")),
    "last_of_kind": Answer(409, "last_of_kind", N_("A pipeline keeps at least one stage of each kind.")),
    "pipeline_in_use": Answer(409, "pipeline_in_use", N_("Open leads stand on it. Move them first.")),
    "changed_meanwhile": CHANGED,
}
"""Steps that are past, by what TooLate says; any other is TOO_LATE, with its `reason`."""

SIMPLE: Mapping[type[VoronkaError], Answer] = {
    NotAllowed: NOT_ALLOWED,
    NotFound: NOT_FOUND,
    FileAway: UNAVAILABLE,
    FilesAway: UNAVAILABLE,
    SecondFactorNeeded: ASK_FACTOR,
    SecondFactorWrong: WRONG_FACTOR,
}
"""Errors of which there is nothing more to say."""

OF_STATUS = {answer.status: answer for answer in (NOT_FOUND, NO_METHOD, TOO_LARGE, UNSUPPORTED)}

FIELD_REASONS = {
    "required": N_("This field is required."),
    "invalid": N_("This value cannot be read."),
    "too_long": N_("This text is too long."),
    "length": N_("This value has a wrong length."),
    "checksum": N_("The check digits do not match."),
    "unknown": N_("There is no such field or value."),
    "no_such_choice": N_("This is none of the choices."),
    "taken": N_("This name is taken."),
    "double": N_("It is there already."),
    "known": N_("It is there already."),
    "past": N_("This moment is past."),
    "too_far": N_("This moment is too far ahead."),
    "too_many": N_("These are too many."),
    "out_of_range": N_("This value is out of range."),
    "gone": N_("There is no such record."),
    "last": N_("The last one cannot be taken away."),
}
OTHER_REASON = N_("This value is not accepted.")


class Refusal(Exception):
    """A request is turned down for a reason of HTTP itself."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.code)


def language_of(request: web.Request) -> str:
    """The first language of Accept-Language that we speak; English without one."""
    wishes = []
    for index, part in enumerate(request.headers.get("Accept-Language", "").split(",")[:20]):
        code, _, parameters = part.strip().partition(";")
        wishes.append((-_quality(parameters), index, known_language(code, "")))
    return next((language for quality, _, language in sorted(wishes) if language and quality), "en")


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


def problem(
    request: web.Request,
    answer: Answer,
    *,
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> web.Response:
    """The response for an answer; `fields` are {field: reason}, `more` goes into the body where it is
    something."""
    say = translator(language_of(request)).gettext
    body: dict[str, object] = {
        "type": "about:blank",
        "title": say(answer.title),
        "status": answer.status,
        "code": answer.code,
    }
    if fields:
        body["errors"] = [
            {"field": field, "code": reason, "detail": say(FIELD_REASONS.get(reason, OTHER_REASON))}
            for field, reason in fields.items()
        ]
    body |= {name: value for name, value in more.items() if value}
    return web.json_response(body, status=answer.status, content_type=PROBLEM, headers=headers)


def _bad_input(request: web.Request, error: BadInput) -> web.Response:
    if error.field == "idempotency_key":
        return problem(request, OTHER_REQUEST)
    wrong = error.params.get("fields")
    return problem(
        request, WRONG_FIELDS, fields=wrong if isinstance(wrong, dict) else {error.field: error.reason}
    )


def _too_late(request: web.Request, error: TooLate) -> web.Response:
    answer = PAST.get(error.what, TOO_LATE)
    return problem(request, answer, reason=error.what if answer is TOO_LATE else "")


def known_error(request: web.Request, error: VoronkaError) -> web.Response | None:
    """The answer to an error that callers can do something about; None for any other."""
    match error:
        case BadInput():
            return _bad_input(request, error)
        case TooLate():
            return _too_late(request, error)
        case WebhookRefused():
            return problem(request, REFUSALS.get(str(error.params.get("reason")), FORGED))
        case KeyRefused():
            return _key_refused(request, error)
        case TooManyRequests():
            return problem(request, TOO_MANY, headers=_come_again(error), limit=error.what)
        case OrganizationNeeded():
            return problem(request, WHICH_ORGANIZATION, organizations=error.organizations)
        case StageNeeds():
            return problem(request, STAGE_NEEDS, fields=dict.fromkeys(error.fields, "required"))
        case DuplicateLead():
            return problem(request, DUPLICATE, lead_id=str(error.lead_id) if error.lead_id else "")
        case CrmError():
            return problem(request, CRM_FAILED, reason=error.code)
    simple = SIMPLE.get(type(error))
    return problem(request, simple) if simple is not None else None


def _key_refused(request: web.Request, error: KeyRefused) -> web.Response:
    answer = KEY_REASONS[error.reason]
    # RFC 6750, 3: nothing is said of an error to who has shown nothing
    more = "" if answer is NO_KEY else ' error="invalid_token"'
    headers = {"WWW-Authenticate": "Bearer" + more} if answer.status == 401 else None
    return problem(request, answer, headers=headers)


def _come_again(error: TooManyRequests) -> dict[str, str]:
    """When, and of which limit (draft-ietf-httpapi-ratelimit-headers: q comes in w seconds, r is left)."""
    wait = max(1, math.ceil(error.wait))
    told = {"Retry-After": str(wait), "RateLimit": f'"{error.what}";r=0;t={wait}'}
    if error.quota:
        told["RateLimit-Policy"] = f'"{error.what}";q={error.quota};w={error.window}'
    return told


def told(request: web.Request, error: Exception) -> web.Response:
    """Every error as problem details; no trace ever leaves."""
    match error:
        case Refusal():
            return problem(request, error.answer)
        case web.HTTPException():
            return _of_http(request, error)
        case VoronkaError():
            return known_error(request, error) or _unforeseen(request, error)
    return _unforeseen(request, error)


def _of_http(request: web.Request, error: web.HTTPException) -> web.Response:
    if error.status < 400:
        raise error
    answer = OF_STATUS.get(error.status) or Answer(error.status, "http_error", NOT_FOUND.title)
    response = problem(request, answer)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def _unforeseen(request: web.Request, error: Exception) -> web.Response:
    error_id, kind = uuid4().hex[:8], type(error).__name__
    resource = request.match_info.route.resource
    route = resource.canonical if resource else ""
    trace = error if request.app[TRACES].wanted(kind, route) else None
    log.error("web.unforeseen", error_id=error_id, route=route, kind=kind, exc_info=trace)
    return problem(request, UNAVAILABLE, error_id=error_id)
