"""Keys, roles, limits, the data model, and how versions differ."""

from datetime import timedelta

import httpx
import pytest

from sandbox.twenty import TwentySandbox
from sandbox.twenty.limits import no_limits
from sandbox.twenty.state import OLDER
from tests.sandbox_twenty.conftest import Workspace


async def test_no_token_is_a_403(workspace: Workspace) -> None:
    for url in ("people", f"people?token={workspace.crm.api_key}"):
        answer = await workspace.client.get(f"{workspace.crm.url}/rest/{url}")
        wanted = {"error": "FORBIDDEN_EXCEPTION", "messages": ["Missing authentication token"]}
        assert (answer.status_code, answer.json()) == (403, wanted)


async def test_a_key_that_is_wrong_or_too_old(workspace: Workspace) -> None:
    crm = workspace.crm
    crm.add_key("short", until=crm.clock.now() + timedelta(hours=1))

    async def shown(token: str) -> tuple[int, str]:
        answer = await workspace.client.get(
            f"{crm.url}/rest/people", headers={"Authorization": f"Bearer {token}"}
        )
        return answer.status_code, answer.json().get("messages", [""])[0]

    assert await shown("short") == (200, "")
    crm.clock.advance(3600)
    assert await shown("short") == (401, "Token has expired.")
    assert await shown("other") == (401, "Token invalid.")


async def test_a_role_limits_objects_and_the_data_model(workspace: Workspace) -> None:
    workspace.crm.add_key("few", objects=frozenset({"people"}), data_model=False)
    headers = {"Authorization": "Bearer few"}
    statuses = {}
    for path in ("people", "companies", "metadata/objects"):
        answer = await workspace.client.get(f"{workspace.crm.url}/rest/{path}", headers=headers)
        statuses[path] = answer.status_code
    assert statuses == {"people": 200, "companies": 403, "metadata/objects": 403}


async def test_a_hundred_a_minute_for_all_keys_together() -> None:
    async with TwentySandbox(speed=0) as crm, httpx.AsyncClient() as client:
        crm.add_key("other")
        space = Workspace(crm, client)
        for _ in range(100):
            assert (await space.ask("GET", "people")).status_code == 200
        other = {"Authorization": "Bearer other"}
        limited = await client.get(f"{crm.url}/rest/people", headers=other)
        assert (limited.status_code, limited.json()["error"]) == (429, "ThrottlerException")
        assert limited.json()["messages"][0].startswith("Limit reached")
        crm.clock.advance(3)
        assert [(await space.ask("GET", "people")).status_code for _ in range(6)] == [200] * 5 + [429]


@pytest.mark.parametrize("older", [False, True])
async def test_a_field_is_made_and_used(older: bool) -> None:
    ways = OLDER if older else None
    async with TwentySandbox(limits=no_limits(), ways=ways) as crm, httpx.AsyncClient() as client:
        space = Workspace(crm, client)
        data = (await space.ask("GET", "metadata/objects?limit=1000")).json()["data"]
        listed = data["objects"] if older else data
        (about,) = (one for one in listed if one["nameSingular"] == "opportunity")
        options = [{"value": "TG", "label": "Telegram", "color": "blue", "position": 0}]
        body = {"objectMetadataId": about["id"], "type": "SELECT", "name": "channel", "label": "Канал"}
        made = await space.ask("POST", "metadata/fields", {**body, "options": options})
        assert made.status_code == 201
        told = made.json()["data"]["createOneField"] if older else made.json()
        assert (told["name"], told["isCustom"], told["options"][0]["value"]) == ("channel", True, "TG")
        assert (await space.made("opportunities", channel="TG"))["channel"] == "TG"
        assert (await space.ask("POST", "opportunities", {"channel": "VK"})).status_code == 400
        for wrong in ({"name": "Канал"}, {"name": "channel"}, {"name": "x", "type": "CAT"}, {"name": "y"}):
            assert (await space.ask("POST", "metadata/fields", {**body, **wrong})).status_code == 400


async def test_older_versions_link_notes_by_other_columns_and_tell_micros_as_text() -> None:
    async with TwentySandbox(limits=no_limits(), ways=OLDER) as crm, httpx.AsyncClient() as client:
        space = Workspace(crm, client)
        assert (await client.get(f"{crm.url}/rest/people")).status_code == 401
        deal = await space.made("opportunities", amount={"amountMicros": 5_000_000, "currencyCode": "RUB"})
        assert deal["amount"]["amountMicros"] == "5000000"
        note = await space.made("notes", title="x")
        link = await space.made("noteTargets", noteId=note["id"], opportunityId=deal["id"])
        assert link["opportunityId"] == deal["id"]
