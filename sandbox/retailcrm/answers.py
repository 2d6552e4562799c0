"""What the API answers with. A refusal has one of three shapes: `errors` a map, a list, or none at all."""

from typing import Any

from sandbox.exchange import Answer, Refusal

HTML = "text/html; charset=UTF-8"
IN_ENTITY = "Errors in the entity format"


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
