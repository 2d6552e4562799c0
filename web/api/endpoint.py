"""What there is to say about one endpoint. Routes, OpenAPI, documentation and client are made of these."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel

from domain.api_keys import Caller
from domain.members import Member
from services.registry import Services
from web.api.models.base import Resource
from web.services import Wording

Model = TypeVar("Model", bound=BaseModel)

READ, CREATED, DELETED = 200, 201, 204


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a caller who is known, with everything read and checked."""

    services: Services
    words: Wording
    caller: Caller
    path: Mapping[str, UUID]
    query: BaseModel | None = None
    body: BaseModel | None = None

    @property
    def member(self) -> Member:
        """In whose name the use cases run."""
        return self.caller.member

    @property
    def id(self) -> UUID:
        return self.path["id"]

    def asked(self, model: type[Model]) -> Model:
        """The query as the endpoint's model."""
        assert isinstance(self.query, model)
        return self.query

    def given(self, model: type[Model]) -> Model:
        """The body as the endpoint's model."""
        assert isinstance(self.body, model)
        return self.body


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """A file on the disk that is sent and then removed."""

    path: str
    name: str
    media_type: str


Run = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Guard:
    """What a write is compared with where If-Match is given: `kind` is what is held, as ApiWrites.hold
    knows it, and `read` gives the resource as its GET does."""

    kind: str
    read: Callable[[Call], Awaitable[Resource]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`name` is the operation's id. `answer` None: no content. `outside`: the use case opens its own
    transactions, because it talks to somebody or takes long. `fields` are names of the API for fields that
    use cases complain of. `place` is the path of what was created, with its {id}; `files` are
    the media types of an answer that is a file."""

    name: str
    method: str
    path: str
    scope: str
    run: Run
    tag: str
    summary: str
    answer: Any = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    status: int = READ
    guard: Guard | None = None
    outside: bool = False
    files: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    place: str = ""

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def places(self) -> tuple[str, ...]:
        """Names of the ids in the path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @property
    def tagged(self) -> bool:
        """Whether the answer is one resource, with an ETag."""
        return isinstance(self.answer, type) and issubclass(self.answer, Resource)


def etag_of(answer: object) -> str:
    """The ETag of a resource, with its quotes; empty for any other answer."""
    return answer.etag() if isinstance(answer, Resource) else ""
