"""What the stand-in answers: HAL when it went well, problem+json when not, nothing at all for a 204."""

import json
from dataclasses import dataclass, field
from typing import Any

HAL = "application/hal+json"
PROBLEM = "application/problem+json"
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A status with a body of JSON; None is an empty body."""

    status: int = 200
    body: Any = None
    kind: str = HAL
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return b"" if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()


NOTHING = Reply(204)


class Refusal(Exception):
    """The request ends with this answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def problem(status: int, detail: str = "", headers: dict[str, str] | None = None, **more: Any) -> Refusal:
    """An error as amoCRM words it; `more` are further keys of the body."""
    title = TITLES.get(status, "Error")
    body = {
        "title": title,
        "type": f"https://httpstatus.es/{status}",
        "status": status,
        "detail": detail or title,
    }
    return Refusal(Reply(status, {**more, **body}, PROBLEM, headers or {}))


@dataclass(slots=True)
class Violations:
    """What is wrong with the items of one request. One bad item refuses them all."""

    found: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def add(self, request_id: str, path: str, code: str, detail: str) -> None:
        self.found.setdefault(request_id, []).append({"code": code, "path": path, "detail": detail})

    def not_a_choice(self, request_id: str, path: str) -> None:
        self.add(request_id, path, "NotSupportedChoice", "The value you selected is not a valid choice.")

    def check(self) -> None:
        """Raise Refusal 400 if anything was found."""
        if self.found:
            raise self.refusal()

    def refusal(self) -> "Refusal":
        errors: Any = [{"request_id": key, "errors": value} for key, value in self.found.items()]
        return problem(400, "Request validation failed", None, **{"validation-errors": errors})
