"""Who may do what: a use case declares its right, and refuses everybody if it declares none."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from domain.errors import NotAllowed
from domain.members import Member, Right

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
F = TypeVar("F", bound=Callable[..., Any])

RIGHT_OF = "__right__"


def needs(
    right: Right,
) -> Callable[
    [Callable[Concatenate[S, Member, P], Coroutine[Any, Any, R]]],
    Callable[Concatenate[S, Member, P], Coroutine[Any, Any, R]],
]:
    """Let the use case run only for an active member with `right`. Raises NotAllowed otherwise."""

    def decorate(
        use_case: Callable[Concatenate[S, Member, P], Coroutine[Any, Any, R]],
    ) -> Callable[Concatenate[S, Member, P], Coroutine[Any, Any, R]]:
        @wraps(use_case)
        async def checked(self: S, member: Member, *args: P.args, **kwargs: P.kwargs) -> R:
            if not member.may(right):
                raise NotAllowed(right=right.value)
            return await use_case(self, member, *args, **kwargs)

        setattr(checked, RIGHT_OF, right)
        return cast(Callable[Concatenate[S, Member, P], Coroutine[Any, Any, R]], checked)

    return decorate


def open_to(who: str) -> Callable[[F], F]:
    """Mark a use case that needs no right: `who` says whose it is (anyone, system, the member)."""

    def decorate(use_case: F) -> F:
        setattr(use_case, RIGHT_OF, who)
        return use_case

    return decorate
