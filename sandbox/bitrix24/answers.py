"""What a method gives back, and how it refuses."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """The `result` of an answer; `next` and `total` stand beside it in lists."""

    value: Any
    next: int | None = None
    total: int | None = None

    def top(self) -> Json:
        """The members of the answer besides `time`."""
        named = {"result": self.value, "next": self.next, "total": self.total}
        return {key: value for key, value in named.items() if key == "result" or value is not None}


class Refusal(Exception):
    """A documented error: HTTP status, `error` and `error_description`."""

    def __init__(self, status: int, code: str | int, description: str, **more: Any) -> None:
        self.status, self.code, self.description, self.more = status, code, description, more
        super().__init__(str(code))

    def body(self) -> Json:
        """The JSON of the refusal."""
        return {"error": self.code, "error_description": self.description, **self.more}


def not_found(text: str = "Element not found") -> Refusal:
    """crm.item answers 400, not 404."""
    return Refusal(400, "NOT_FOUND", text)


def invalid(title: str) -> Refusal:
    """A value that a field cannot hold."""
    return Refusal(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", f'Invalid value for field "{title}"')


def missing(*names: str) -> Refusal:
    """A parameter that a method cannot do without."""
    return Refusal(400, "100", f"Could not find value for parameter {{{', '.join(names)}}}")


def old_check(text: str) -> Refusal:
    """Checks of the older methods have an empty code."""
    return Refusal(400, "", text)
