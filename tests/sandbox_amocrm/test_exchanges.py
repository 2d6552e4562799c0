"""The stand-in answers the documented requests as the pages show, and keeps what they did."""

from typing import Any

import pytest

from sandbox.amocrm import seed
from tests.sandbox_amocrm.conftest import World
from tests.sandbox_amocrm.exchanges import ALL, COMPLEX, HOOK, X


def fits(found: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there; an empty list is wanted empty."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            key in found and fits(found[key], wanted[key]) for key in wanted
        )
    if isinstance(wanted, list) and wanted:
        enough = isinstance(found, list) and len(found) >= len(wanted)
        return enough and all(fits(*pair) for pair in zip(found, wanted, strict=False))
    return type(found) is type(wanted) and bool(found == wanted)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
async def test_exchange(case: X, world: World) -> None:
    answer = await world.ask(case.request, case.body, case.token)
    assert answer.status_code == case.status, answer.text[:500]
    assert answer.headers.get("content-type", "").partition(";")[0] == case.kind or not case.kind
    if case.status == 204:
        assert answer.content == b""
    if case.has is not None:
        assert fits(answer.json(), world.fill(case.has)), answer.text[:2000]
    for name in case.lacks:
        assert name not in answer.json()


async def test_a_complex_create_is_kept_whole(world: World) -> None:
    (made,) = (await world.ask("POST leads/complex", [COMPLEX])).json()
    lead = (await world.ask(f"GET leads/{made['id']}?with=contacts,source")).json()
    assert (lead["created_by"], lead["status_id"], lead["price"]) == (0, 43001, 15000)
    assert [tag["name"] for tag in lead["_embedded"]["tags"]] == ["telegram"]
    assert lead["_embedded"]["contacts"] == [{"id": made["contact_id"], "is_main": True}]
    assert lead["_embedded"]["source"]["external_id"] == "tg-bot-1"
    assert world.crm.value("leads", made["id"], "UTM_SOURCE") == "vk"
    assert world.crm.addresses(made["contact_id"], "PHONE") == ["+79165550000"]


async def test_contacts_are_shown_only_when_asked_for(world: World) -> None:
    assert "contacts" not in (await world.ask("GET leads/$lead")).json()["_embedded"]


async def test_one_bad_item_refuses_the_whole_batch(world: World) -> None:
    before = len(world.crm.leads())
    answer = await world.ask("POST leads", [{"name": "x"}, {"price": "y", "request_id": "bad"}])
    assert answer.status_code == 400
    assert [error["request_id"] for error in answer.json()["validation-errors"]] == ["bad"]
    assert len(world.crm.leads()) == before


async def test_without_a_stage_a_lead_stands_at_the_first_one(world: World) -> None:
    made = (await world.ask("POST leads", [{"name": "x"}])).json()["_embedded"]["leads"][0]
    assert (await world.ask(f"GET leads/{made['id']}")).json()["status_id"] == 43001


async def test_metadata_sends_a_lead_to_unsorted_where_a_patch_cannot_move_it(world: World) -> None:
    form = {"category": "forms", "form_id": "bot", "form_name": "Telegram", "form_page": "t.me/x"}
    (made,) = (await world.ask("POST leads/complex", [{**COMPLEX, "_embedded": {"metadata": form}}])).json()
    assert (await world.ask(f"GET leads/{made['id']}")).json()["status_id"] == 43000
    moved = await world.ask(f"PATCH leads/{made['id']}", {"status_id": 43002, "pipeline_id": 5001})
    assert moved.status_code == 400


async def test_duplicates_are_accepted_unless_the_account_controls_them(world: World) -> None:
    person = {"custom_fields_values": [{"field_code": "PHONE", "values": [{"value": "8 916 123-45-67"}]}]}
    body = [{"name": "x", "request_id": "r", "_embedded": {"contacts": [person]}}]
    assert (await world.ask("POST leads/complex", body)).json()[0]["merged"] is False
    world.crm.reset()
    world.crm.state.account["duplicate_control"] = True
    first = (await world.ask("POST leads/complex", body)).json()[0]
    second = (await world.ask("POST leads/complex", body)).json()[0]
    assert (second["id"], second["merged"], first["merged"]) == (first["id"], True, False)
    assert len(world.crm.leads()) == 1


async def test_pages_go_on_while_there_is_a_link(world: World) -> None:
    for _ in range(4):
        world.crm.create("leads", name="x")
    first = (await world.ask("GET leads?limit=3")).json()
    second = (await world.ask("GET leads?limit=3&page=2")).json()
    assert "next" in first["_links"]
    assert "next" not in second["_links"]
    assert [len(page["_embedded"]["leads"]) for page in (first, second)] == [3, 2]


async def test_filters_work_where_they_are_paid_for(world: World) -> None:
    world.crm.state.account["is_api_filter_enabled"] = True
    other = world.crm.create("leads", name="x")["id"]
    found = (await world.ask("GET leads?filter[id][]=$lead")).json()["_embedded"]["leads"]
    assert [lead["id"] for lead in found] == [world.ids["lead"]]
    found = (await world.ask("GET leads?filter[custom_fields_values][$ours][]=tg-55501")).json()
    assert [lead["id"] for lead in found["_embedded"]["leads"]] == [world.ids["lead"]]
    since = world.crm.state.stamp() + 60
    assert (await world.ask(f"GET leads?filter[updated_at][from]={since}")).status_code == 204
    assert other != world.ids["lead"]


async def test_a_task_is_listed_completed_and_told_apart(world: World) -> None:
    task = {"text": "x", "complete_till": 1795248000, "entity_id": "$lead", "entity_type": "leads"}
    made = (await world.ask("POST tasks", [task])).json()["_embedded"]["tasks"][0]["id"]
    done = await world.ask(f"PATCH tasks/{made}", {"is_completed": True, "result": {"text": "Готово"}})
    assert done.json()["id"] == made
    query = "GET tasks?filter[entity_type]=leads&filter[entity_id]=$lead"
    (listed,) = (await world.ask(query)).json()["_embedded"]["tasks"]
    assert (listed["is_completed"], listed["result"]) == (True, {"text": "Готово"})
    assert (await world.ask("GET tasks?filter[entity_type]=leads&filter[entity_id]=1")).status_code == 204


async def test_the_same_destination_replaces_the_actions(world: World) -> None:
    first = (await world.ask("POST webhooks", HOOK)).json()
    second = (await world.ask("POST webhooks", {**HOOK, "settings": ["add_lead"]})).json()
    assert (second["id"], second["settings"]) == (first["id"], ["add_lead"])
    assert (await world.ask("DELETE webhooks", {"destination": HOOK["destination"]})).status_code == 204
    assert world.crm.hooks() == []


@pytest.mark.parametrize("request_line", ["GET users", "GET webhooks"])
async def test_what_only_an_administrator_may(world: World, request_line: str) -> None:
    pair = world.crm.pair(seed.PEOPLE[1][0])
    answer = await world.ask(request_line, token=pair["access_token"])
    assert (answer.status_code, answer.json()["status"]) == (403, 403)
    assert (await world.ask("GET leads", token=pair["access_token"])).status_code == 200
