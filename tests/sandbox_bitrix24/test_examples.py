"""The stand-in answers the documented calls as the documentation says."""

from typing import Any

import pytest

from tests.sandbox_bitrix24.conftest import World
from tests.sandbox_bitrix24.examples import ALL, CALL, LEAD, Example, item


def fits(found: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there: dicts may hold more; lists are as long, or longer at the end."""
    if isinstance(wanted, type):
        return type(found) is wanted
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(fits(found.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list) and wanted:
        pairs = zip(found, wanted, strict=False)
        return isinstance(found, list) and len(found) >= len(wanted) and all(fits(*pair) for pair in pairs)
    return type(found) is type(wanted) and bool(found == wanted)


@pytest.mark.parametrize("example", ALL, ids=[example.name for example in ALL])
async def test_example(example: Example, world: World) -> None:
    answer = await world.ask(example.method, example.params, app=example.app)
    body = answer.json()
    assert (answer.status_code, body.get("error")) == (example.status, example.error), answer.text[:2000]
    if example.error is not None:
        assert isinstance(body["error_description"], str)
        return
    assert fits(body["result"], world.fill(example.has)), answer.text[:3000]
    assert {"start", "duration", "date_start", "operating", "operating_reset_at"} <= set(body["time"])


async def test_pages_are_of_fifty_and_say_where_the_next_begins(world: World) -> None:
    for index in range(60):
        world.crm.create(title=f"№ {index}")
    first = (await world.ask("crm.item.list", item(LEAD))).json()
    assert (len(first["result"]["items"]), first["next"], first["total"]) == (50, 50, 61)
    last = (await world.ask("crm.item.list", item(LEAD, start=50))).json()
    assert (len(last["result"]["items"]), "next" in last) == (11, False)
    quick = (await world.ask("crm.item.list", item(LEAD, start=-1, filter={">id": 55}))).json()
    assert ("next" in quick, "total" in quick) == (False, False)
    assert [row["id"] for row in quick["result"]["items"]] == [56, 57, 58, 59, 60, 61]


async def test_a_change_is_later_than_what_was_before(world: World) -> None:
    since = (await world.result("crm.item.get", item(LEAD, id="$lead")))["item"]["updatedTime"]
    world.crm.clock.advance(90)
    await world.ask("crm.item.update", item(LEAD, id="$lead", fields={"name": "Вера"}))
    rows = (await world.result("crm.item.list", item(LEAD, filter={">updatedTime": since})))["items"]
    assert [row["name"] for row in rows] == ["Вера"]
    assert rows[0]["updatedTime"].endswith("+03:00")


async def test_stages_leave_a_history(world: World) -> None:
    for stage in ("IN_PROCESS", "CONVERTED"):
        await world.result("crm.item.update", item(LEAD, id="$lead", fields={"stageId": stage}))
    rows = await world.result("crm.stagehistory.list", item(LEAD, filter={"OWNER_ID": "$lead"}))
    told = [(row["TYPE_ID"], row["STATUS_ID"], row["STATUS_SEMANTIC_ID"]) for row in rows["items"]]
    assert told == [(1, "NEW", "P"), (2, "IN_PROCESS", "P"), (3, "CONVERTED", "S")]


async def test_an_activity_is_found_by_its_origin(world: World) -> None:
    made = await world.result("crm.activity.add", {"fields": CALL})
    found = await world.result("crm.activity.list", {"filter": {"ORIGIN_ID": "act-77"}, "select": ["ID"]})
    assert found == [{"ID": str(made)}]
    (listed,) = await world.result("crm.activity.list", {"filter": {"OWNER_ID": "$lead"}})
    assert (listed["COMPLETED"], "COMMUNICATIONS" in listed) == ("Y", False)


async def test_a_required_field_is_asked_for(world: World) -> None:
    world.crm.require("utmSource")
    answer = await world.ask("crm.item.add", item(LEAD, fields={"title": "x"}))
    assert (answer.status_code, answer.json()["error"]) == (400, "CRM_FIELD_ERROR_REQUIRED")
    assert '"UTM Source"' in answer.json()["error_description"]


async def test_an_own_field_is_made_by_an_admin(world: World) -> None:
    new = {"FIELD_NAME": "CITY", "USER_TYPE_ID": "string", "LABEL": "Город"}
    await world.result("crm.lead.userfield.add", {"fields": new})
    made = await world.result(
        "crm.item.add", item(LEAD, fields={"UF_CRM_CITY": "Омск"}, useOriginalUfNames="Y")
    )
    assert made["item"]["UF_CRM_CITY"] == "Омск"
    assert (await world.ask("crm.lead.userfield.add", {"fields": new})).status_code == 400


async def test_a_form_is_read_as_json_is(world: World) -> None:
    form = {
        "fields[NAME]": "Вера",
        "fields[PHONE][0][VALUE]": "+79990001122",
        "fields[PHONE][0][VALUE_TYPE]": "WORK",
    }
    answer = await world.client.post(f"{world.crm.hook_url}crm.lead.add.json", data=form)
    stored = world.crm.records()[-1]
    assert stored["id"] == answer.json()["result"]
    assert (stored["name"], stored["fm"][0]["value"]) == ("Вера", "+79990001122")


async def test_a_portal_without_leads_takes_none(world: World) -> None:
    world.crm.state.mode = 2
    assert await world.result("crm.settings.mode.get") == 2
    assert (await world.ask("crm.item.add", item(LEAD, fields={}))).status_code == 400
