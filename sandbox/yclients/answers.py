"""The envelope of every answer: success, data, meta. An empty meta is a list, a filled one an object."""

from typing import Any

from sandbox.exchange import Answer, Refusal

HTML = "text/html; charset=UTF-8"


def good(data: Any, status: int = 200, /, **meta: Any) -> Answer:
    return Answer({"success": True, "data": data, "meta": meta or []}, status)


def refusal(status: int, message: str, **errors: list[str]) -> Refusal:
    """`errors` are texts by field, left out where there are none."""
    meta: dict[str, Any] = {"message": message}
    if errors:
        meta["errors"] = errors
    return Refusal(Answer({"success": False, "data": None, "meta": meta}, status))


def not_found() -> Refusal:
    return refusal(404, "Not Found")


def page(status: int, title: str) -> Answer:
    """What the web server in front answers by itself."""
    return Answer(raw=f"<html><h1>{status} {title}</h1></html>".encode(), status=status, content_type=HTML)
