"""Messages that are written once and filled in for each lead: "Hello {name}, this is {manager}".

A field stands in braces; two braces stand for one.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.errors import BadInput

NAME_LIMIT = 64
SUBJECT_LIMIT = 200
TEXT_LIMIT = 1500
FIELDS = (
    "name", "company", "number", "phone", "email", "amount", "product", "stage", "manager", "manager_phone",
    "organization", "today",
)  # fmt: skip
"""What a template may ask for, besides `custom.<key>`."""

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Template:
    """`subject` is the subject line of an e-mail; empty for the template's name."""

    id: UUID
    name: str
    subject: str
    text: str
    position: int = 0


def fields_in(text: str) -> list[str]:
    """The fields a text asks for, each once, in order; whether they are known is not looked at."""
    found = (match[1].strip().lower() for match in _PIECE.finditer(text) if match[1] is not None)
    return list(dict.fromkeys(found))


def check(text: str, known: Collection[str]) -> None:
    """Raises BadInput("template", "unknown_field" or "brace") for what cannot be filled in."""
    for match in _PIECE.finditer(text):
        if match[0] in ("{", "}"):
            raise BadInput("template", "brace")
    for name in fields_in(text):
        if name not in known:
            listed = ", ".join("{" + one + "}" for one in known)
            raise BadInput("template", "unknown_field", name="{" + name + "}", known=listed)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields filled in; one without a value leaves no double space behind."""

    def piece(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][:1]
        return values.get(match[1].strip().lower(), "")

    lines = _PIECE.sub(piece, text).splitlines()
    tidy = (re.sub(r"[ \t]{2,}", " ", re.sub(r"[ \t]+([,.!?;:])", r"\1", line)).strip() for line in lines)
    return "\n".join(tidy).strip()


def empty_fields(text: str, values: Mapping[str, str]) -> list[str]:
    """The fields a text asks for that have no value."""
    return [name for name in fields_in(text) if not values.get(name)]
