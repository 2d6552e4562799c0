"""The envelope: always a 200, errors inside."""

from typing import Any

from sandbox.exchange import Answer, Refusal

HTML = "text/html; charset=utf-8"


def good(data: Any) -> Answer:
    return Answer({"error": 0, "data": data})


def refusal(code: int | str, desc: str) -> Refusal:
    return Refusal(Answer({"error": 1, "data": {"code": code, "desc": desc}}))


def page(status: int, title: str) -> Answer:
    """What the web server in front answers by itself."""
    return Answer(
        raw=f"<html><body><h1>{title}</h1></body></html>".encode(), status=status, content_type=HTML
    )
