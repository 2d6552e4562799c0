"""What operations stand on: sending a request, and what a refusal tells."""

from typing import Any, Protocol

import httpx


class ApiError(Exception):
    """A refusal: `status`, the stable `code`, the `title` in the chosen language, and `errors` by field."""

    def __init__(self, response: httpx.Response) -> None:
        told = _problem(response)
        self.status = response.status_code
        self.code = str(told.get("code", "http_error"))
        self.title = str(told.get("title", ""))
        self.errors = {str(one["field"]): str(one["code"]) for one in told.get("errors", [])}
        self.problem = told
        super().__init__(f"{self.status} {self.code}: {self.title}")


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        told = response.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


class Transport(Protocol):
    """How an operation sends its request."""

    async def call(
        self, method: str, path: str, *, query: dict[str, Any] | None = None, body: Any = None,
        content: bytes | None = None, if_match: str = "", idempotency_key: str = "",
    ) -> httpx.Response: ...  # fmt: skip
