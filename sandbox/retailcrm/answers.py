"""What the API answers with. A refusal has one of three shapes: `errors` a map, a list, or none at all."""

from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
HTML = "text/html; charset=UTF-8"
IN_ENTITY = "Errors in the entity format"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: `body` is encoded as JSON, `raw` is sent as it is. Status 0 cuts the connection."""

    body: Any = None
    status: int = 200
    raw: bytes | None = None
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """The request is not served; `answer` says how it is told."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.body))
        self.answer = answer


def good(status: int = 200, /, **body: Any) -> Answer:
    return Answer({"success": True, **body}, status)


def refusal(status: int, message: str, **more: Any) -> Refusal:
    """`{"success": false, "errorMsg": ...}`, with `errors` or `combinedTo` in `more`."""
    return Refusal(Answer({"success": False, "errorMsg": message, **more}, status))


def invalid(field_name: str, text: str) -> Refusal:
    """400 in the shape of a map: field -> text."""
    return refusal(400, IN_ENTITY, errors={field_name: text})


def invalid_listed(field_name: str, text: str) -> Refusal:
    """400 in the shape of a list of "field: text"."""
    return refusal(400, IN_ENTITY, errors=[f"{field_name}: {text}"])


def missing(parameter: str) -> Refusal:
    return refusal(400, f"Parameter '{parameter}' is missing")


def not_found(combined_to: int | None = None) -> Refusal:
    """404; a record that was merged into another one names it."""
    return refusal(404, "Not found", **({"combinedTo": combined_to} if combined_to else {}))


def page(status: int, title: str) -> Answer:
    """What the web server in front answers by itself."""
    text = f"<html><head><title>{status} {title}</title></head><body><h1>{status} {title}</h1></body></html>"
    return Answer(raw=text.encode(), status=status, content_type=HTML)


CUT = Answer(status=0)
