"""Steps that cannot be taken back want a code of the member's second factor first, where they have one."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from domain.errors import SecondFactorNeeded
from domain.members import Member
from domain.one_time_codes import CONFIRMED_BEFORE, asked_now
from services.clock import Clock
from storage.db import Database
from storage.entry import second_factors as rows

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

CONFIRMED = "__confirmed__"


async def demand_confirmed(db: Database, clock: Clock, member: Member) -> None:
    """Raises SecondFactorNeeded unless the member has no second factor, or a code of it has opened this chat,
    key or session a short while ago."""
    if asked_now() == CONFIRMED_BEFORE:
        return
    async with db.reading(member.organization_id) as s:
        if await rows.has(s, member.id) and not await rows.is_open(s, member.id, asked_now(), clock()):
            raise SecondFactorNeeded


def confirmed(
    use_case: Callable[Concatenate[S, Member, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[S, Member, P], Coroutine[Any, Any, R]]:
    """Let the use case begin only once `demand_confirmed` is content. For services with `db` and `clock`;
    stands below `needs`, so that the right comes first."""

    @wraps(use_case)
    async def checked(self: S, member: Member, *args: P.args, **kwargs: P.kwargs) -> R:
        service = cast(Any, self)
        await demand_confirmed(service.db, service.clock, member)
        return await use_case(self, member, *args, **kwargs)

    setattr(checked, CONFIRMED, True)
    return cast(Callable[Concatenate[S, Member, P], Coroutine[Any, Any, R]], checked)
