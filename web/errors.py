"""Errors as problem details (RFC 9457): a stable code for machines, a sentence in the caller's language.

    {"type": "about:blank", "title": "...", "status": 422, "code": "bad_input",
     "errors": [{"field": "email", "code": "required", "detail": "..."}]}

What nobody foresaw is a 503 with an `error_id`, under which the log holds the trace. It is 503 because
EspoCRM and Telegram repeat a delivery after it, whereas EspoCRM gives up after a 429 or a 502.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

import structlog
from aiohttp import web

from domain.errors import BadInput, NotFound, VoronkaError, WebhookRefused
from locales import N_, known_language, translator

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
NOT_FOUND = Answer(404, "not_found", N_("There is nothing at this address."))
GONE = Answer(410, "gone", N_("Nobody listens at this address any more."))
NO_METHOD = Answer(405, "method_not_allowed", N_("This address does not take such a request."))
TOO_SLOW = Answer(408, "too_slow", N_("The body did not arrive in time."))
TOO_LARGE = Answer(413, "too_large", N_("The body is larger than 1 MiB."))
UNSUPPORTED = Answer(415, "unsupported_media_type", N_("This content type is not supported."))
WRONG_FIELDS = Answer(422, "bad_input", N_("Some fields must be corrected."))
UNAVAILABLE = Answer(503, "unavailable", N_("Not now: please send it again later."))

REFUSALS = {"unknown_key": NOT_FOUND, "gone": GONE}
"""Why a webhook was refused; any other reason is a wrong signature."""

OF_STATUS = {answer.status: answer for answer in (NOT_FOUND, NO_METHOD, TOO_LARGE, UNSUPPORTED)}

FIELD_REASONS = {
    "required": N_("This field is required."),
    "invalid": N_("This value cannot be read."),
    "too_long": N_("This text is too long."),
    "length": N_("This value has a wrong length."),
    "checksum": N_("The check digits do not match."),
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
    request: web.Request, answer: Answer, *, fields: Mapping[str, str] | None = None, error_id: str = ""
) -> web.Response:
    """The response for an answer; `fields` are {field: reason}."""
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
    if error_id:
        body["error_id"] = error_id
    return web.json_response(body, status=answer.status, content_type=PROBLEM)


def _known(request: web.Request, error: VoronkaError) -> web.Response | None:
    match error:
        case BadInput():
            wrong = error.params.get("fields")
            fields = wrong if isinstance(wrong, dict) else {error.field: error.reason}
            return problem(request, WRONG_FIELDS, fields=fields)
        case WebhookRefused():
            return problem(request, REFUSALS.get(str(error.params.get("reason")), FORGED))
        case NotFound():
            return problem(request, NOT_FOUND)
    return None


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into problem details; no trace ever leaves."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return problem(request, refusal.answer)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        answer = OF_STATUS.get(error.status) or Answer(error.status, "http_error", NOT_FOUND.title)
        response = problem(request, answer)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except VoronkaError as error:
        return _known(request, error) or _unforeseen(request, error)
    except Exception as error:
        return _unforeseen(request, error)


def _unforeseen(request: web.Request, error: Exception) -> web.Response:
    error_id = uuid4().hex[:8]
    resource = request.match_info.route.resource
    log.error(
        "web.unforeseen",
        error_id=error_id,
        route=resource.canonical if resource else "",
        kind=type(error).__name__,
        exc_info=error,
    )
    return problem(request, UNAVAILABLE, error_id=error_id)
