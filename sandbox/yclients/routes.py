"""Which method and path (after /api/v1/) is served by whom, and whether it needs the user's token.

Singular and plural are different methods here, and so is a slash at the end.
"""

from dataclasses import dataclass

from sandbox.yclients import calls
from sandbox.yclients.calls import Handler


@dataclass(frozen=True, slots=True)
class Route:
    """`*` in the path is any one part of it."""

    method: str
    path: str
    handler: Handler
    user: bool = True


ROUTES = (
    Route("POST", "auth", calls.auth, user=False),
    Route("GET", "company/*/", calls.company, user=False),
    Route("GET", "companies", calls.companies, user=False),
    Route("GET", "records/*", calls.listed),
    Route("POST", "records/*", calls.create),
    Route("GET", "record/*/*", calls.one),
    Route("DELETE", "record/*/*", calls.delete),
    Route("GET", "transactions/*", calls.transactions),
    Route("GET", "timetable/transactions/*", calls.of_visit),
    Route("GET", "finance_transactions/*/*", calls.money),
    Route("GET", "client/*/*", calls.client),
    Route("POST", "clients/*", calls.add_client),
    Route("POST", "company/*/clients/search", calls.search),
    Route("GET", "hooks_settings/*", calls.hooks),
    Route("POST", "hooks_settings/*", calls.set_hooks),
)


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """The route and the variable parts of its path; None where there is none."""
    given = path.split("/")
    for route in ROUTES:
        wanted = route.path.split("/")
        if route.method != method or len(wanted) != len(given):
            continue
        if all(part == mine or (part == "*" and mine) for part, mine in zip(wanted, given, strict=True)):
            return route, tuple(mine for part, mine in zip(wanted, given, strict=True) if part == "*")
    return None
