"""Who may do what: a use case declares its right, and refuses everybody if it declares none."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from domain.errors import NotAllowed
from domain.members import Member, Right

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

RIGHT_OF = "__right__"


def needs(
    right: Right,
) -> Callable[
    [Callable[Concatenate[S, Member, P], Awaitable[R]]], Callable[Concatenate[S, Member, P], Awaitable[R]]
]:
    """Let the use case run only for an active member with `right`. Raises NotAllowed otherwise."""

    def decorate(
        use_case: Callable[Concatenate[S, Member, P], Awaitable[R]],
    ) -> Callable[Concatenate[S, Member, P], Awaitable[R]]:
        @wraps(use_case)
        async def checked(self: S, member: Member, *args: P.args, **kwargs: P.kwargs) -> R:
            if not member.may(right):
                raise NotAllowed(right=right.value)
            return await use_case(self, member, *args, **kwargs)

        setattr(checked, RIGHT_OF, right)
        return checked

    return decorate


def open_to(who: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a use case that needs no right: `who` says whose it is (anyone, system, the member)."""

    def decorate(use_case: Callable[..., Any]) -> Callable[..., Any]:
        setattr(use_case, RIGHT_OF, who)
        return use_case

    return decorate
