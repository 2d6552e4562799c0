"""What all models share: texts that a database takes, pages, resources with an ETag, problems."""

import hashlib
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")

PRINTABLE = r"^[^\x00]*$"
"""PostgreSQL takes no zero character in a text."""


Key = Annotated[str, Field(max_length=64, pattern=PRINTABLE)]
Line = Annotated[str, Field(max_length=200, pattern=PRINTABLE)]
Address = Annotated[str, Field(max_length=254, pattern=PRINTABLE)]
Note = Annotated[str, Field(max_length=3000, pattern=PRINTABLE)]


class Given(BaseModel):
    """What a caller sends. An unknown field is a mistake of the caller's, and told."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Shown(BaseModel):
    """What the API answers."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Resource(Shown):
    """A record with an ETag."""

    def worded(self) -> set[str]:
        """Fields that follow the caller's language: the ETag is the same in each."""
        return set()

    def etag(self) -> str:
        kept = self.model_dump_json(exclude=self.worded())
        return f'"{hashlib.sha256(kept.encode()).hexdigest()[:24]}"'


class Page(Shown, Generic[Item]):
    """One page of a list; pages count from 1. `total` is of all pages."""

    items: list[Item]
    total: int
    page: int
    limit: int
    pages: int


class Paging(Given):
    """Which page of a list."""

    page: Annotated[int, Field(ge=1, le=100_000, description="Counts from 1.")] = 1
    limit: Annotated[int, Field(ge=1, le=1000, description="Items a page.")] = 20

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.limit


def page_of(items: list[Item], total: int, paging: Paging) -> dict[str, Any]:
    """A page's fields, for Page[...](**page_of(...))."""
    pages = max(1, -(-total // paging.limit))
    return {"items": items, "total": total, "page": paging.page, "limit": paging.limit, "pages": pages}


class FieldError(Shown):
    """What is wrong with one field; `code` is stable, `detail` is in the caller's language."""

    field: str
    code: str
    detail: str


class Problem(Shown):
    """Why a request was refused (RFC 9457); `code` is stable, `title` is in the caller's language."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    type: str
    title: str
    status: int
    code: str
    errors: list[FieldError] = []
    error_id: str = ""
