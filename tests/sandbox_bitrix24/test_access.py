"""Keys, tokens, limits and batches of the stand-in."""

import pytest

from tests.sandbox_bitrix24.conftest import World
from tests.sandbox_bitrix24.examples import CONTACT, DEAL, LEAD, item


async def test_a_wrong_code_is_not_let_in(world: World) -> None:
    for path in ("1/nope123/profile", "7/" + world.crm.keys.code + "/profile"):
        answer = await world.client.post(f"{world.crm.url}/rest/{path}", json={})
        assert (answer.status_code, answer.json()["error"]) == (401, "NO_AUTH_FOUND")


async def test_a_webhook_taken_back(world: World) -> None:
    world.crm.fail("key_revoked")
    answer = await world.ask("profile")
    assert (answer.status_code, answer.json()["error"]) == (403, "INVALID_CREDENTIALS")


async def test_a_scope_that_was_not_ticked(world: World) -> None:
    world.crm.state.hooks[0].scopes = ("user",)
    answer = await world.ask("crm.item.list", item(LEAD))
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")


async def oauth(world: World, **query: str) -> tuple[int, dict[str, object]]:
    keys = {"client_id": world.crm.keys.client_id, "client_secret": world.crm.keys.client_secret}
    answer = await world.client.get(f"{world.crm.url}/oauth/token/", params={**keys, **query})
    return answer.status_code, answer.json()


async def test_a_code_becomes_tokens_within_thirty_seconds_and_once(world: World) -> None:
    code = world.crm.new_code()
    status, pair = await oauth(world, grant_type="authorization_code", code=code)
    assert (status, pair["expires_in"], pair["status"], pair["user_id"]) == (200, 3600, "L", 1)
    assert pair["client_endpoint"] == f"{world.crm.url}/rest/"
    assert await oauth(world, grant_type="authorization_code", code=code) == (
        400,
        {"error": "invalid_grant", "error_description": "Invalid grant"},
    )
    late = world.crm.new_code()
    world.crm.clock.advance(31)
    assert (await oauth(world, grant_type="authorization_code", code=late))[0] == 400


async def test_a_refresh_token_is_used_up_and_lives_half_a_year(world: World) -> None:
    first = world.crm.tokens()["refresh_token"]
    status, pair = await oauth(world, grant_type="refresh_token", refresh_token=first)
    assert status == 200
    assert pair["refresh_token"] != first
    assert (await oauth(world, grant_type="refresh_token", refresh_token=first))[1][
        "error"
    ] == "invalid_grant"
    world.crm.clock.advance(181 * 86400)
    late = await oauth(world, grant_type="refresh_token", refresh_token=str(pair["refresh_token"]))
    assert late[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"client_secret": "x", "grant_type": "refresh_token"}, "invalid_client"),
        ({"client_id": "x"}, "invalid_client"),
        ({"grant_type": "password"}, "invalid_request"),
    ],
)
async def test_oauth_refuses(world: World, query: dict[str, str], error: str) -> None:
    assert (await oauth(world, **query))[1]["error"] == error


async def test_an_access_token_lives_an_hour(world: World) -> None:
    assert (await world.ask("profile", app=True)).status_code == 200
    world.crm.clock.advance(3601)
    answer = await world.ask("profile", app=True)
    assert (answer.status_code, answer.json()["error"]) == (401, "expired_token")
    world.token = "nonsense"
    assert (await world.ask("profile", app=True)).json()["error"] == "invalid_token"


async def test_fifty_at_once_then_two_a_second(world: World) -> None:
    codes = [(await world.ask("server.time")).status_code for _ in range(52)]
    assert codes == [200] * 50 + [503] * 2
    assert (await world.ask("server.time", app=True)).json()["error"] == "QUERY_LIMIT_EXCEEDED"
    world.crm.clock.advance(3)
    codes = [(await world.ask("server.time")).status_code for _ in range(8)]
    assert codes == [200] * 6 + [503] * 2


async def test_the_running_time_of_a_method_is_counted_by_caller_for_ten_minutes(world: World) -> None:
    world.crm.state.operating.costs["crm.item.list"] = 200
    start = world.crm.clock.now().timestamp()
    spent = []
    for _ in range(3):
        spent.append((await world.ask("crm.item.list", item(LEAD))).json()["time"])
        world.crm.clock.advance(120)
    assert [time["operating"] for time in spent] == [200, 400, 600]
    assert int(start) + 600 == spent[-1]["operating_reset_at"]
    answer = await world.ask("crm.item.list", item(LEAD))
    assert (answer.status_code, answer.json()["error"]) == (429, "OPERATION_TIME_LIMIT")
    assert (await world.ask("crm.item.fields", item(LEAD))).status_code == 200
    assert (await world.ask("crm.item.list", item(LEAD), app=True)).status_code == 200
    world.crm.clock.advance(241)
    assert (await world.ask("crm.item.list", item(LEAD))).json()["time"]["operating"] == 600


async def test_a_batch_is_one_request_and_uses_earlier_results(world: World) -> None:
    commands = {
        "deal": f"crm.item.get?entityTypeId={DEAL}&id=$deal",
        "person": f"crm.item.list?entityTypeId={CONTACT}&filter[id]=$result[deal][item][contactId]",
        "gone": "crm.item.get?entityTypeId=1&id=999",
        "nested": "batch?cmd[a]=profile",
    }
    ids = world.ids
    commands["deal"] = commands["deal"].replace("$deal", str(ids["deal"]))
    answer = await world.client.post(f"{world.crm.hook_url}batch", json={"halt": 0, "cmd": commands})
    parts = answer.json()["result"]
    assert [row["id"] for row in parts["result"]["person"]["items"]] == [ids["contact"]]
    assert parts["result_error"]["gone"]["error"] == "NOT_FOUND"
    assert parts["result_error"]["nested"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"
    assert parts["result_total"] == {"person": 1}
    assert parts["result_next"] == []
    assert parts["result_time"]["deal"]["operating"] > 0
    assert "operating" not in answer.json()["time"]
    assert world.crm.state.bucket("127.0.0.1").level == 1


async def test_a_batch_stops_at_the_first_error_when_it_is_told_to(world: World) -> None:
    cmd = {"a": "crm.item.get?entityTypeId=1&id=999", "b": "profile"}
    parts = await world.result("batch", {"halt": 1, "cmd": cmd})
    assert (list(parts["result_error"]), parts["result"]) == (["a"], [])


async def test_a_batch_takes_fifty_commands(world: World) -> None:
    parts = await world.result("batch", {"cmd": {f"k{n}": "server.time" for n in range(52)}})
    assert len(parts["result"]) == 50
    assert {error["error"] for error in parts["result_error"].values()} == {"ERROR_BATCH_LENGTH_EXCEEDED"}
