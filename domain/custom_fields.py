"""Fields of an organization's own: what there is to say about each. Their values: domain.custom_values."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.errors import BadInput
from domain.members import Role

PREFIX = "custom."
"""Before a key where fields of all kinds stand together: in the history, in filters, in a CRM's mapping."""

NAME_LIMIT = 64
KEY_LIMIT = 24
CHOICE_LIMIT = 64
CHOICES_LIMIT = 18
FIELDS_LIMIT = 40

_KEY = re.compile(r"[a-z][a-z0-9_]*")


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    PHONE = "phone"
    FILE = "file"


CHOOSING = frozenset({FieldType.CHOICE, FieldType.CHOICES})


@dataclass(frozen=True, slots=True)
class CustomField:
    """`pipeline_id` None: of every pipeline. No `roles`: seen by everybody who sees the lead."""

    id: UUID
    key: str
    name: str
    type: FieldType
    choices: tuple[str, ...] = ()
    required: bool = False
    pipeline_id: UUID | None = None
    roles: frozenset[Role] = frozenset()
    position: int = 0
    archived: bool = False

    @property
    def path(self) -> str:
        """The field's name among fields of all kinds: "custom.<key>"."""
        return PREFIX + self.key

    def belongs_to(self, pipeline_id: UUID | None) -> bool:
        """Whether leads of that pipeline have it; None stands for leads of any."""
        return self.pipeline_id is None or pipeline_id is None or self.pipeline_id == pipeline_id

    def seen_by(self, role: Role) -> bool:
        return not self.roles or role in self.roles


def read_key(typed: str) -> str:
    """A field's key: Latin letters, digits and "_". Raises BadInput("field_key", ...)."""
    key = typed.strip().lower()
    if not _KEY.fullmatch(key):
        raise BadInput("field_key", "invalid")
    if len(key) > KEY_LIMIT:
        raise BadInput("field_key", "too_long", limit=KEY_LIMIT, length=len(key))
    return key


def read_choices(typed: Iterable[str]) -> tuple[str, ...]:
    """The choices a field offers, in order, each once. Raises BadInput("choices", ...)."""
    found: dict[str, str] = {}
    for one in typed:
        text = " ".join(one.split())
        if len(text) > CHOICE_LIMIT:
            raise BadInput("choices", "long", choice=text[:CHOICE_LIMIT], limit=CHOICE_LIMIT)
        if ";" in text:
            raise BadInput("choices", "semicolon", choice=text)
        if text and folded(text) in found:
            raise BadInput("choices", "double", choice=text)
        if text:
            found[folded(text)] = text
    if len(found) < 2:
        raise BadInput("choices", "few")
    if len(found) > CHOICES_LIMIT:
        raise BadInput("choices", "many", limit=CHOICES_LIMIT)
    return tuple(found.values())


def folded(text: str) -> str:
    """A text by which two spellings of one name are the same."""
    return " ".join(text.casefold().replace("\u0451", "\u0435").split())


def missing(fields: Sequence[CustomField], custom: Mapping[str, str]) -> list[CustomField]:
    """The required fields that have no value."""
    return [one for one in fields if one.required and not custom.get(one.key)]


def described(one: CustomField) -> dict[str, Any]:
    """The field for the API: JSON values only."""
    return {
        "key": one.key,
        "path": one.path,
        "name": one.name,
        "type": one.type.value,
        "choices": list(one.choices),
        "required": one.required,
        "pipeline_id": str(one.pipeline_id) if one.pipeline_id else None,
        "roles": sorted(role.value for role in one.roles),
        "position": one.position,
        "archived": one.archived,
    }
