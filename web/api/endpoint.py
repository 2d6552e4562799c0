"""What there is to say about one endpoint. Routes, OpenAPI, documentation and client are made of these."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel

from domain.api_keys import Caller
from domain.file_body import FileBody
from domain.members import Member
from services.api.wording import Wording
from services.registry import Services
from web.api.models.base import Resource

Model = TypeVar("Model", bound=BaseModel)

READ, CREATED, DELETED = 200, 201, 204


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that came as the body of a request, or in a form with the names of fields beside it."""

    name: str
    mime: str
    body: FileBody
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a caller who is known, with everything read and checked."""

    services: Services
    words: Wording
    caller: Caller
    path: Mapping[str, UUID]
    query: BaseModel | None = None
    body: BaseModel | None = None
    file: GivenFile | None = None
    upload: UUID | None = None
    """What `before` has stored of the file."""

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
class Knock:
    """One request of somebody who is not known yet. `client` is what Basic shows: id and secret."""

    services: Services
    address: str
    client: tuple[str, str] | None
    body: BaseModel

    def given(self, model: type[Model]) -> Model:
        """The body as the endpoint's model."""
        assert isinstance(self.body, model)
        return self.body


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """A file on the disk that is sent and then removed. Its name and type may be anybody's words."""

    path: str
    name: str
    media_type: str


Run = Callable[[Any], Awaitable[Any]]
"""Takes a Call, or a Knock where the endpoint is open."""


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
    the media types of an answer that is a file. `once` is a field of the answer that is not kept for a
    repeated request: a secret. `takes_file`: the body is a file, as it is or in a form. `open`: without a
    key. `before` is done outside of the transaction that a write is; it returns the call with what came of
    it. `form`: the body is an urlencoded form; `refusal` is what 400 and 401 answer instead of a problem."""

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
    once: str = ""
    takes_file: bool = False
    before: "Callable[[Call], Awaitable[Call]] | None" = None
    open: bool = False
    form: bool = False
    refusal: type[BaseModel] | None = None

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def repeatable(self) -> bool:
        """Whether an Idempotency-Key is taken."""
        return self.writes and not self.outside and not self.open

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
