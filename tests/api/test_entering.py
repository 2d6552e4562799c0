"""Tokens: for a key by OAuth, for a member by Telegram; what they open, and what ends them."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.members import Member
from tests.api.office import Office
from tests.api.telegram import login, mini_app

MINUTE = 60


async def ask(office: Office, client: Any = None, **fields: str) -> httpx.Response:
    form = {"grant_type": "client_credentials", **fields}
    return await office.speaks("").post("/oauth/token", data=form, auth=client)


async def test_a_key_is_exchanged_for_a_token_that_lives_minutes(office: Office) -> None:
    key, made = await office.product.services.api_keys.make(office.owner, "CI", ["leads:write", "export"])
    basic = await ask(office, (str(made.id), key), scope="leads:read")
    assert basic.status_code == 200, basic.text
    assert (basic.headers["Cache-Control"], basic.json()["token_type"]) == ("no-store", "Bearer")
    assert (basic.json()["expires_in"], basic.json()["scope"]) == (900, "leads:read")
    narrow = office.speaks(basic.json()["access_token"])
    assert (await narrow.get("/api/leads")).status_code == 200
    assert (await narrow.post("/api/leads", json={})).json()["code"] == "scope_missing"

    posted = await ask(office, client_id=str(made.id), client_secret=key)
    assert posted.json()["scope"] == "leads:write export"
    client = office.speaks(posted.json()["access_token"])
    lead = {"name": "Анна", "phones": ["+79160000009"]}
    first = await client.post("/api/leads", json=lead, headers={"Idempotency-Key": "1"})
    again = await office.speaks(key).post("/api/leads", json=lead, headers={"Idempotency-Key": "1"})
    # the token and its key are one caller
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])

    office.clock.advance(15 * MINUTE)
    over = await client.get("/api/leads")
    assert (over.status_code, over.json()["code"]) == (401, "token_expired")
    assert over.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


async def test_a_token_ends_with_its_key(office: Office) -> None:
    keys = office.product.services.api_keys
    key, made = await keys.make(office.owner, "CI", ["leads:read"])
    token = (await ask(office, (str(made.id), key))).json()["access_token"]
    assert (await office.speaks(token).get("/api/leads")).status_code == 200
    await keys.revoke(office.owner, made.id)
    assert (await office.speaks(token).get("/api/leads")).json()["code"] == "key_revoked"
    refused = await ask(office, (str(made.id), key))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


async def test_refusals_are_those_of_the_standard(office: Office) -> None:
    key, made = await office.product.services.api_keys.make(office.owner, "CI", ["leads:read"])
    other, _ = await office.product.services.api_keys.make(office.owner, "CI", ["leads:read"])
    name, nobody = str(made.id), office.speaks("")
    tried = [
        (await ask(office, (name, other)), 401, "invalid_client"),
        (await ask(office, (name, "vk_guess")), 401, "invalid_client"),
        (await ask(office, client_id=name), 401, "invalid_client"),
        (await ask(office, (name, key), scope="leads:write"), 400, "invalid_scope"),
        (await ask(office, (name, key), scope="everything"), 400, "invalid_scope"),
        (await ask(office, (name, key), client_id=name, client_secret=key), 400, "invalid_request"),
        (await ask(office, (name, key), grant_type="password"), 400, "unsupported_grant_type"),
        (await ask(office, (name, key), grant_type=""), 400, "invalid_request"),
        (await nobody.post("/oauth/token", json={}), 400, "invalid_request"),
        (
            await nobody.post(
                "/oauth/token", content="grant_type=a&grant_type=b",
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            ),
            400,
            "invalid_request",
        ),
        (await nobody.post("/oauth/token", headers={"Authorization": "Basic ?"}), 400, "invalid_request"),
    ]  # fmt: skip
    for answer, status, error in tried:
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert ("Basic" in answer.headers.get("WWW-Authenticate", "")) == (status == 401)
        assert key not in answer.text


async def opened(office: Office, person: int, **more: Any) -> httpx.Response:
    body = {"init_data": mini_app(person, office.clock()), **more}
    return await office.speaks("").post("/api/session/telegram", json=body)


async def test_a_member_works_with_their_own_rights(office: Office) -> None:
    anna = await office.hire("Анна", "partner", 2001)
    by_app = await opened(office, 2001)
    by_page = await office.speaks("").post(
        "/api/session/telegram", json={"login": login(2001, office.clock())}
    )
    for answer in (by_app, by_page):
        assert answer.status_code == 201, answer.text
        assert answer.json()["member_id"] == str(anna.id)
        client = office.speaks(answer.json()["access_token"])
        me = (await client.get("/api/me")).json()
        assert (me["member"]["name"], me["key_name"]) == ("Анна", "Telegram")
        lead = {"name": "Иван", "phones": [f"+7916000{me['key_id'][-4:].translate(DIGITS)}"]}
        made = await client.post("/api/leads", json=lead, headers={"Idempotency-Key": "1"})
        again = await client.post("/api/leads", json=lead, headers={"Idempotency-Key": "1"})
        assert (made.status_code, again.headers["Idempotent-Replayed"]) == (201, "true"), made.text
        assert (await client.get("/api/members")).json()["code"] == "not_allowed"
    await office.product.services.standing.suspend(office.owner, anna.id)
    assert (await client.get("/api/leads")).json()["code"] == "key_without_member"
    assert (await opened(office, 2001)).json()["code"] == "not_a_member"


DIGITS = str.maketrans("abcdef", "123456")


async def test_strangers_old_data_and_forged_data_stay_outside(office: Office) -> None:
    nobody = office.speaks("")
    old = {"init_data": mini_app(1000, office.clock() - timedelta(hours=2))}
    forged = {"init_data": mini_app(1000, office.clock(), "2:b")}
    for body, status, code in (
        (old, 401, "telegram_old"),
        (forged, 401, "telegram_refused"),
        ({}, 422, "bad_input"),
        ({"init_data": mini_app(1000, office.clock()), "login": {}}, 422, "bad_input"),
        ({"init_data": 5}, 422, "bad_input"),
    ):
        refused = await nobody.post("/api/session/telegram", json=body)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    stranger = await opened(office, 777)
    assert (stranger.status_code, stranger.json()["code"]) == (403, "not_a_member")


async def test_members_of_several_organizations_say_which(office: Office) -> None:
    second: Member = await office.product.services.belongings.create(office.owner, "Вторая")
    asked = await opened(office, office.owner.telegram_id)
    assert (asked.status_code, asked.json()["code"]) == (409, "organization_needed")
    assert set(asked.json()["organizations"].values()) == {"Ромашка", "Вторая"}
    for member in (office.owner, second):
        organization = str(member.organization_id)
        given = await opened(office, member.telegram_id, organization_id=organization)
        me = (await office.speaks(given.json()["access_token"]).get("/api/me")).json()
        assert me["organization_id"] == organization
    other = await opened(office, 1000, organization_id="00000000-0000-7000-8000-000000000000")
    assert other.json()["code"] == "not_a_member"


async def test_a_refresh_token_works_once_and_a_stolen_one_ends_the_session(office: Office) -> None:
    nobody = office.speaks("")

    async def refresh(token: str) -> httpx.Response:
        return await nobody.post("/api/session/refresh", json={"refresh_token": token})

    first = (await opened(office, 1000)).json()
    office.clock.advance(20 * MINUTE)
    assert (await office.speaks(first["access_token"]).get("/api/me")).json()["code"] == "token_expired"
    second = (await refresh(first["refresh_token"])).json()
    client = office.speaks(second["access_token"])
    assert (await client.get("/api/me")).status_code == 200
    # an access token refreshes nothing, and a refresh token opens nothing
    assert (await refresh(second["access_token"])).json()["code"] == "token_unknown"
    assert (await office.speaks(second["refresh_token"]).get("/api/me")).json()["code"] == "token_unknown"
    stolen = await refresh(first["refresh_token"])
    assert (stolen.status_code, stolen.json()["code"]) == (401, "refresh_token_used")
    assert (await client.get("/api/me")).json()["code"] == "session_over"
    assert (await refresh(second["refresh_token"])).json()["code"] == "session_over"


async def test_a_session_is_ended_by_the_member_and_by_time(office: Office) -> None:
    one, two = (await opened(office, 1000)).json(), (await opened(office, 1000)).json()
    client = office.speaks(one["access_token"])
    assert (await client.delete("/api/session")).status_code == 204
    assert (await client.get("/api/me")).json()["code"] == "session_over"
    assert (await office.http.delete("/api/session")).status_code == 404
    sessions = office.product.services.api_sessions
    assert len(await sessions.every(office.owner)) == 1
    office.clock.advance(timedelta(days=31).total_seconds())
    late = await office.speaks("").post("/api/session/refresh", json={"refresh_token": two["refresh_token"]})
    assert late.json()["code"] == "token_expired"
    office.clock.advance(timedelta(days=8).total_seconds())
    assert await sessions.forget_old() == 2


async def test_a_token_is_taken_back_at_the_door_of_the_standard(office: Office) -> None:
    nobody = office.speaks("")

    async def revoke(token: str) -> tuple[int, str]:
        answer = await nobody.post("/oauth/revoke", data={"token": token} if token else {})
        return answer.status_code, answer.json().get("error", "")

    for shown in ("refresh_token", "access_token"):
        given = (await opened(office, 1000)).json()
        # RFC 7009, 2.2: it is over, and so is what never was one
        assert [await revoke(given[shown]), await revoke(given[shown])] == [(200, "")] * 2
        client = office.speaks(given["access_token"])
        assert (await client.get("/api/me")).json()["code"] == "session_over"
    assert await revoke("never.was.one") == (200, "")
    assert await revoke("") == (400, "invalid_request")
    assert await office.product.services.api_sessions.every(office.owner) == []
    key, made = await office.product.services.api_keys.make(office.owner, "CI", ["leads:read"])
    token = (await ask(office, (str(made.id), key))).json()["access_token"]
    assert await revoke(token) == (400, "unsupported_token_type")
    assert (await office.speaks(token).get("/api/leads")).status_code == 200


async def test_the_same_data_again_and_again_gains_nothing(office: Office) -> None:
    data = {"init_data": mini_app(1000, office.clock())}
    nobody = office.speaks("")
    answers = [(await nobody.post("/api/session/telegram", json=data)).json() for _ in range(22)]
    assert len(await office.product.services.api_sessions.every(office.owner)) == 20
    assert (await office.speaks(answers[0]["access_token"]).get("/api/me")).json()["code"] == "session_over"
    assert (await office.speaks(answers[-1]["access_token"]).get("/api/me")).status_code == 200


@pytest.mark.parametrize("path", ["/api/leads", "/oauth/token"])
async def test_only_pages_that_are_set_may_call(database_url: str, path: str) -> None:
    from tests.api.office import open_office

    page = {"Origin": "https://App.example.com", "Access-Control-Request-Method": "POST"}
    async with open_office(database_url, cors_origins=("https://app.example.com",)) as office:
        nobody = office.speaks("")
        asked = await nobody.options(path, headers=page)
        assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (204, page["Origin"])
        assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
        assert (await nobody.options(path, headers={"Origin": "https://evil.example"})).status_code == 403
        refused = await nobody.post(path, headers=page)
        assert refused.headers["Access-Control-Allow-Origin"] == page["Origin"]
        assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
        assert "Origin" in refused.headers["Vary"]
        other = await nobody.post(path, headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in other.headers
    async with open_office(database_url) as office:
        assert (await office.speaks("").options(path, headers=page)).status_code == 403
