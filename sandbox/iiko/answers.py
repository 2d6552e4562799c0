"""What the API answers with. Every object bears a correlationId, refusals too."""

import uuid
from typing import Any

from sandbox.exchange import Answer, Refusal

HTML = "text/html; charset=UTF-8"


def good(**body: Any) -> Answer:
    return Answer({"correlationId": str(uuid.uuid4()), **body})


def refusal(status: int, description: str, error: str | None = None) -> Refusal:
    body = {"correlationId": str(uuid.uuid4()), "errorDescription": description, "error": error}
    return Refusal(Answer(body, status))


def invalid(description: str) -> Refusal:
    return refusal(400, description, "VALIDATION_ERROR")


def page(status: int, title: str) -> Answer:
    """What the web server in front answers by itself."""
    return Answer(raw=f"<html><h1>{status} {title}</h1></html>".encode(), status=status, content_type=HTML)
