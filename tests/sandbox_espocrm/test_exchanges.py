"""The stand-in answers the recorded requests as the real servers did."""

from typing import Any

import pytest

from tests.sandbox_espocrm.conftest import World
from tests.sandbox_espocrm.exchanges import ALL
from tests.sandbox_espocrm.exchanges.form import Exchange

CASES = [
    pytest.param(case, version, id=f"{case.name}-{version}") for case in ALL for version in case.versions
]


def fits(found: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there: dicts may hold more, lists may be longer, None may be absent."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(fits(found.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list) and wanted:
        pairs = zip(found, wanted, strict=False)
        return isinstance(found, list) and len(found) >= len(wanted) and all(fits(*pair) for pair in pairs)
    return type(found) is type(wanted) and bool(found == wanted)


@pytest.mark.parametrize(("case", "version"), CASES)
async def test_exchange(case: Exchange, version: str, world: World) -> None:
    for key, request, body in case.first:
        assert (await world.ask(key, request, body)).status_code < 400
    query = {"params": world.fill(case.query)} if case.query else {}
    answer = await world.ask(case.key, case.request, case.body, case.headers, **query)

    assert (answer.status_code, answer.headers.get("x-status-reason")) == (
        case.status,
        world.fill(case.reason),
    )
    assert answer.headers["content-type"].startswith(case.kind)
    if case.empty:
        assert answer.content == b""
    if case.has is not None:
        assert fits(answer.json(), world.fill(case.has)), answer.text[:2000]
    for name in case.lacks:
        assert name not in answer.json()
