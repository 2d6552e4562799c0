"""Who gets in: keys, scopes, limits, lock-outs, and nobody across the border of an organization."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from domain.api_keys import SCOPES
from domain.errors import BadInput, NotAllowed
from domain.members import Member, Role
from storage.tables import api_keys
from tests.api.office import Office, open_office

DAY = timedelta(days=1).total_seconds()


async def test_without_a_key_nothing_opens(office: Office) -> None:
    nobody = office.speaks("")
    for path in ("/api/leads", "/api/me", "/api/lead-stages"):
        refused = await nobody.get(path)
        assert (refused.status_code, refused.json()["code"]) == (401, "key_missing")
        assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert (await nobody.post("/api/leads", json={})).status_code == 401
    assert (await office.speaks("vk_guess").get("/api/leads")).json()["code"] == "key_unknown"


async def test_the_key_tells_for_whom_it_acts(office: Office) -> None:
    key = await office.key(office.owner, ["leads:read"], days=30)
    told = (await office.speaks("", **{"X-API-Key": key}).get("/api/me")).json()
    assert (told["organization_name"], told["member"]["name"]) == ("Ромашка", "Ольга")
    assert told["scopes"] == ["leads:read"]
    assert key not in str(told)


async def test_a_key_is_kept_as_a_hash_and_its_use_is_noted(office: Office) -> None:
    keys = office.product.services.api_keys
    key, made = await keys.make(office.owner, "Сайт", ["leads:write"])
    assert (made.used_at, made.shown) == (None, key[:10])
    async with office.product.db.reading(system=True) as s:
        rows = await s.rows(sa.select(api_keys))
    assert key not in str(rows)
    await office.speaks(key).get("/api/leads")
    used = await keys.get(office.owner, made.id)
    assert (used.used_at, used.used_from) == (office.clock(), "127.0.0.1")


async def test_scopes_limit_what_the_member_may(office: Office) -> None:
    reader = await office.client(office.owner, ["leads:read"])
    assert (await reader.get("/api/leads")).status_code == 200
    lead = await office.lead()
    for refused in (
        await reader.post("/api/leads", json={}),
        await reader.delete(f"/api/leads/{lead['id']}"),
        await reader.get("/api/activities"),
        await reader.get("/api/leads/export"),
        await reader.get("/api/integrations"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    writer = await office.client(office.owner, ["leads:write"])
    assert (await writer.get("/api/leads")).status_code == 200


async def test_a_member_without_the_right_is_refused_whatever_the_scopes(office: Office) -> None:
    partner = await office.client(await office.hire("Павел", "partner", 2001))
    lead = await office.lead()
    own = await partner.post("/api/leads", json={"name": "Свой", "phones": ["+79160000007"]})
    assert own.status_code == 201
    assert (await partner.get("/api/leads")).json()["total"] == 1
    assert (await partner.get(f"/api/leads/{lead['id']}")).status_code == 404
    for refused in (
        await partner.delete(f"/api/leads/{own.json()['id']}"),
        await partner.get("/api/members"),
        await partner.get("/api/integrations"),
        await partner.post(f"/api/leads/{own.json()['id']}/qualify"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


async def test_a_key_ends_by_time_by_button_and_with_its_member(office: Office) -> None:
    services = office.product.services
    anna = await office.hire("Анна", "manager", 2001)
    short = office.speaks(await office.key(anna, days=7))
    key, made = await services.api_keys.make(office.owner, "Сайт", ["leads:read"], acts_for=anna.id)
    client = office.speaks(key)
    assert (await short.get("/api/leads")).status_code == (await client.get("/api/leads")).status_code == 200
    office.clock.advance(7 * DAY)
    assert (await short.get("/api/leads")).json()["code"] == "key_expired"
    await services.standing.suspend(office.owner, anna.id)
    assert (await client.get("/api/leads")).json()["code"] == "key_without_member"
    await services.standing.restore(office.owner, anna.id)
    assert (await client.get("/api/leads")).status_code == 200
    await services.api_keys.revoke(office.owner, made.id)
    assert (await client.get("/api/leads")).json()["code"] == "key_revoked"
    assert (await client.get("/api/leads", headers={"Accept-Language": "en"})).json()["title"] == (
        "This key was revoked."
    )


async def test_whoever_guesses_is_locked_out_and_told_of_once(office: Office) -> None:
    guesser = office.speaks("vk_guess")
    with capture_logs() as logs:
        for _ in range(10):
            assert (await guesser.get("/api/leads")).status_code == 401
        locked = [await guesser.get("/api/leads") for _ in range(20)]
    assert {one.status_code for one in locked} == {429}
    assert (locked[0].json()["limit"], locked[0].json()["code"]) == ("wrong", "too_many_requests")
    assert 1 <= int(locked[0].headers["Retry-After"]) <= 60
    assert [one["event"] for one in logs].count("api.locked_out") == 1
    assert "vk_guess" not in str(logs)
    # from there even the right key does not open; from elsewhere it does
    assert (await office.http.get("/api/leads")).status_code == 429
    elsewhere = {"X-Forwarded-For": "203.0.113.9"}
    assert (await office.http.get("/api/leads", headers=elsewhere)).status_code == 200


async def test_a_key_has_its_pace(database_url: str, redis_url: str) -> None:
    async with open_office(database_url, redis_url, api_rate=60) as office:
        anna = await office.hire("Анна", "manager", 2001)
        hers, too = await office.client(anna), await office.client(anna)
        answers = await asyncio.gather(*(hers.get("/api/leads") for _ in range(15)))
        codes = [one.status_code for one in answers]
        assert codes.count(200) == 10
        refused = next(one for one in answers if one.status_code == 429)
        assert refused.json()["limit"] == "key"
        assert int(refused.headers["Retry-After"]) == 1
        assert (await too.get("/api/leads")).status_code == 200


async def test_what_a_stranger_says_of_their_address_is_not_believed(
    database_url: str, redis_url: str
) -> None:
    async with open_office(database_url, redis_url, trusted_proxies=("10.0.0.0/8",)) as office:
        guesser = office.speaks("vk_guess")
        codes = [
            (await guesser.get("/api/leads", headers={"X-Forwarded-For": f"203.0.113.{number}"})).status_code
            for number in range(12)
        ]
        assert codes == [401] * 10 + [429] * 2


async def test_nobody_makes_a_key_for_more_than_they_are(office: Office) -> None:
    keys, admin = office.product.services.api_keys, await office.hire("Анна", "admin", 2001)
    manager = await office.hire("Борис", "manager", 2002)
    with pytest.raises(BadInput, match="above_you"):
        await keys.make(admin, "x", ["leads:read"], acts_for=office.owner.id)
    with pytest.raises(NotAllowed):
        await keys.make(manager, "x", ["leads:read"])
    with pytest.raises(BadInput, match="invalid"):
        await keys.make(admin, "x", ["everything"])
    await keys.make(admin, "x", ["leads:read"], acts_for=manager.id)


async def other_organization(office: Office) -> Member:
    """The owner of another organization in the same database."""
    made = await office.product.services.belongings.create(office.owner, "Вторая")
    assert made.organization_id != office.owner.organization_id
    assert made.role is Role.OWNER
    return made


async def test_ids_of_another_organization_open_nothing(office: Office) -> None:
    lead = await office.lead(contacts=[{"full_name": "Анна"}])
    stage = (await office.http.get("/api/lead-stages")).json()["items"][1]
    plan = await office.http.post(
        "/api/activities",
        json={
            "type": "task", "lead_id": lead["id"],
            "scheduled_at": (office.clock() + timedelta(hours=1)).isoformat(),
        },
    )  # fmt: skip
    stranger = await other_organization(office)
    key, _ = await office.product.services.api_keys.make(stranger, "x", SCOPES)
    client = office.speaks(key)
    contact, activity = lead["contacts"][0]["id"], plan.json()["id"]
    assert (await client.get("/api/leads")).json()["total"] == 0
    assert (await client.get("/api/activities")).json()["total"] == 0
    tried = [
        ("GET", f"/api/leads/{lead['id']}", None),
        ("PATCH", f"/api/leads/{lead['id']}", {"name": "Х"}),
        ("DELETE", f"/api/leads/{lead['id']}", None),
        ("PUT", f"/api/leads/{lead['id']}/assign", {"assigned_to": str(stranger.id)}),
        ("PUT", f"/api/leads/{lead['id']}/stage", {"stage_id": stage["id"]}),
        ("POST", f"/api/leads/{lead['id']}/qualify", None),
        ("POST", f"/api/leads/{lead['id']}/take", None),
        ("POST", f"/api/leads/{lead['id']}/restore", None),
        ("GET", f"/api/lead-contacts/lead/{lead['id']}", None),
        ("POST", f"/api/lead-contacts/lead/{lead['id']}", {"full_name": "Х"}),
        ("GET", f"/api/lead-contacts/{contact}", None),
        ("PUT", f"/api/lead-contacts/{contact}", {"full_name": "Х"}),
        ("DELETE", f"/api/lead-contacts/{contact}", None),
        ("PATCH", f"/api/lead-contacts/{contact}/set-primary", None),
        ("GET", f"/api/lead-stages/{stage['id']}", None),
        ("PUT", f"/api/lead-stages/{stage['id']}", {"name": "Х"}),
        ("DELETE", f"/api/lead-stages/{stage['id']}", None),
        ("GET", f"/api/activities/{activity}", None),
        ("PUT", f"/api/activities/{activity}", {"title": "Х"}),
        ("PATCH", f"/api/activities/{activity}/complete", None),
        ("PATCH", f"/api/activities/{activity}/reopen", None),
        ("DELETE", f"/api/activities/{activity}", None),
        ("GET", f"/api/pipelines/{stage['pipeline_id']}", None),
        ("PATCH", f"/api/pipelines/{stage['pipeline_id']}", {"name": "Х"}),
        ("DELETE", f"/api/pipelines/{stage['pipeline_id']}", None),
        ("GET", f"/api/pipelines/{stage['pipeline_id']}/board", None),
        ("GET", f"/api/members/{office.owner.id}", None),
        ("PATCH", f"/api/members/{office.owner.id}", {"suspended": True}),
        ("GET", f"/api/files/lead/{lead['id']}", None),
    ]
    for method, path, body in tried:
        for headers in ({}, {"If-Match": '"1"'}):
            refused = await client.request(method, path, json=body, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (404, "not_found"), (method, path)
    mixed = await client.post(
        "/api/leads", json={"name": "Х", "phones": ["+79160000003"], "stage_id": stage["id"]}
    )
    assert mixed.status_code == 422
    assert (await client.get("/api/leads")).json()["total"] == 0
    many = {"action": "delete", "lead_ids": [lead["id"]]}
    assert (await client.post("/api/leads/bulk", json=many)).status_code == 422
    assert (await office.http.get(f"/api/leads/{lead['id']}")).json()["version"] == lead["version"]
