"""What the API answers with, the good way and the bad way.

EspoCRM tells the reason of a refusal in the header X-Status-Reason; the body is empty or JSON.
"""

from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
HTML = "text/html; charset=UTF-8"

Body = dict[str, Any] | list[Any] | str | bool | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: `body` is encoded as JSON, `raw` is sent as it is, neither means an empty body."""

    body: Body = None
    status: int = 200
    reason: str | None = None
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


class Refusal(Exception):
    """The request is not served; `answer` says how it is told."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


def refusal(status: int, reason: str | None = None, body: Body = None) -> Refusal:
    """A refusal with a reason header and a JSON body or none."""
    return Refusal(Answer(body=body, status=status, reason=reason))


def translated(label: str, data: dict[str, Any], scope: str | None = None) -> dict[str, Any]:
    """The body of errors that the web page of the CRM knows how to word."""
    return {"messageTranslation": {"label": label, "scope": scope, "data": data}}


def invalid(entity: str, field_name: str, kind: str) -> Refusal:
    """400 of a value: `kind` is required, valid, maxLength, max, pattern and the like."""
    reason = f"Field validation failure; entityType: {entity}, field: {field_name}, type: {kind}."
    return refusal(400, reason, translated("validationFailure", {"field": field_name, "type": kind}))


def forbidden(reason: str) -> Refusal:
    """403 by rights: it always carries a reason, unlike the 403 of a locked-out address."""
    return refusal(403, reason)


def html_page(status: int, title: str, text: str) -> str:
    """The error page of the HTTP framework, for wrong methods and unknown routes."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{status} {title}</title></head><body><h1>{status} {title}</h1>"
        f"<div><p>{text}</p></div></body></html>"
    )
