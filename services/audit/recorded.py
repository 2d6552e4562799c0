"""Writing down that a use case was carried out, for those that have nothing more to say of it."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from uuid import UUID

from domain.members import Member
from storage.privacy.audit import add_audit

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
UseCase = Callable[Concatenate[S, Member, P], Coroutine[Any, Any, R]]


def recorded(action: str, entity: str) -> Callable[[UseCase[S, P, R]], UseCase[S, P, R]]:
    """An entry once the use case has succeeded, about the first id that it was given. For services with `db`
    and `clock`; stands below `needs`.

    In a chat and in the API's writes it is the use case's own transaction; where it opens its own, because
    it talks to somebody, the entry is written right behind it.
    """

    def decorate(use_case: UseCase[S, P, R]) -> UseCase[S, P, R]:
        @wraps(use_case)
        async def done(self: S, member: Member, *args: P.args, **kwargs: P.kwargs) -> R:
            result = await use_case(self, member, *args, **kwargs)
            service, given = cast(Any, self), (*args, *kwargs.values())
            about = next((one for one in given if isinstance(one, UUID)), None)
            async with service.db.transaction(member.organization_id) as s:
                await add_audit(s, member.id, action, entity, about, service.clock())
            return result

        return cast(UseCase[S, P, R], done)

    return decorate
