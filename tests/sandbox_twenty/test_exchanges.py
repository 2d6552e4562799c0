"""The stand-in answers the documented requests as Twenty is documented to."""

from typing import Any

import pytest

from tests.sandbox_twenty.conftest import Workspace
from tests.sandbox_twenty.exchanges import ALL, COMPANY, NOTE, OLEG, OPPORTUNITY, PERSON, Exchange


@pytest.fixture
async def world(workspace: Workspace) -> Workspace:
    """The workspace with the records that the requests are about."""
    bodies = {"companies": COMPANY, "people": PERSON, "opportunities": OPPORTUNITY}
    bodies["notes"] = {"id": NOTE, "title": "Звонок", "bodyV2": {"markdown": "Перезвонить"}}
    answers = [await workspace.ask("POST", plural, body) for plural, body in bodies.items()]
    assert [answer.status_code for answer in answers] == [201] * 4
    return workspace


def fits(found: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there: maps may hold more, lists must be as long."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            name in found and fits(found[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        pairs = zip(found, wanted, strict=False)
        return isinstance(found, list) and len(found) == len(wanted) and all(fits(*pair) for pair in pairs)
    return type(found) is type(wanted) and bool(found == wanted)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
async def test_exchange(case: Exchange, world: Workspace) -> None:
    method, _, path = case.request.partition(" ")
    query = {"params": case.query} if case.query else {}
    answer = await world.ask(method, path, case.body, **query)
    assert answer.status_code == case.status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert fits(answer.json(), case.has), answer.text[:2000]


async def test_pages_follow_the_cursor(workspace: Workspace) -> None:
    for index in range(5):
        await workspace.made("companies", name=f"К{index}")
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        params = {"limit": "2", "order_by": "name[DescNullsLast]", **after}
        page = (await workspace.ask("GET", "companies", params=params)).json()
        seen += [one["name"] for one in page["data"]["companies"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = {"starting_after": page["pageInfo"]["endCursor"]}
    assert seen == ["К4", "К3", "К2", "К1", "К0"]
    back = {"limit": "2", "order_by": "name[DescNullsLast]", "ending_before": page["pageInfo"]["startCursor"]}
    page = (await workspace.ask("GET", "companies", params=back)).json()
    assert [one["name"] for one in page["data"]["companies"]] == ["К2", "К1"]


async def test_no_page_is_longer_than_sixty(workspace: Workspace) -> None:
    for start in (0, 60):
        bodies = [{"name": str(start + index)} for index in range(60)]
        assert (await workspace.ask("POST", "batch/companies", bodies)).status_code == 201
    page = (await workspace.ask("GET", "companies", params={"limit": "200"})).json()
    assert (len(page["data"]["companies"]), page["totalCount"]) == (60, 120)


async def test_a_batch_is_made_whole_or_not_at_all(workspace: Workspace) -> None:
    answer = await workspace.ask("POST", "batch/people", [{"city": "Омск"}, {"cat": 1}])
    assert answer.status_code == 400
    twins = [{"emails": {"primaryEmail": "a@b.example"}}] * 2
    assert (await workspace.ask("POST", "batch/people", twins)).status_code == 400
    assert workspace.crm.records("people") == []


@pytest.mark.parametrize("path", ["restore/people/{}", "people/{}/restore"])
async def test_out_of_the_trash(world: Workspace, path: str) -> None:
    await world.ask("DELETE", f"people/{OLEG}?soft_delete=true")
    assert (await world.ask("GET", f"people/{OLEG}")).status_code == 404
    trash = (await world.ask("GET", "people", params={"filter": "deletedAt[is]:NOT_NULL"})).json()
    assert [one["id"] for one in trash["data"]["people"]] == [OLEG]
    assert (await world.ask("PATCH", path.format(OLEG))).status_code == 200
    assert (await world.ask("GET", f"people/{OLEG}")).status_code == 200


async def test_what_is_deleted_for_good_frees_its_id(world: Workspace) -> None:
    await world.ask("DELETE", f"people/{OLEG}")
    assert (await world.ask("POST", "people", {"id": OLEG})).status_code == 201
