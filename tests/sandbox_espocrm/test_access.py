"""Signing in, the lock-out, keys that stop working; bodies of every kind; public forms."""

import base64
import hashlib
import hmac
from typing import Any

import pytest

from tests.sandbox_espocrm.conftest import World


def signed(world: World, text: str, *, raw: bool = False) -> dict[str, str]:
    mac = hmac.new(world.crm.hmac_secret.encode(), text.encode(), hashlib.sha256)
    tail = mac.digest() if raw else mac.hexdigest().encode()
    return {"X-Hmac-Authorization": base64.b64encode(world.crm.hmac_key.encode() + b":" + tail).decode()}


@pytest.mark.parametrize("raw", [False, True])
async def test_hmac(world: World, raw: bool) -> None:
    answer = await world.ask("-", "GET App/user", headers=signed(world, "GET /App/user", raw=raw))
    assert answer.json()["user"]["userName"] == "voronka-hmac"


@pytest.mark.parametrize(
    ("request_", "text", "status"),
    [
        ("GET Lead?maxSize=1", "GET /Lead", 200),
        ("GET Lead?maxSize=1", "GET /Lead?maxSize=1", 401),
        ("GET App/user", "GET /Lead", 401),
        ("GET App/user", "POST /App/user", 401),
    ],
)
async def test_hmac_signs_method_and_path(world: World, request_: str, text: str, status: int) -> None:
    answer = await world.ask("-", request_, headers=signed(world, text))
    assert answer.status_code == status


async def test_hmac_does_not_sign_the_body(world: World) -> None:
    answer = await world.ask("-", "POST Lead", {"lastName": "Hmac"}, headers=signed(world, "POST /Lead"))
    assert answer.status_code == 200


async def test_lock_out(world: World) -> None:
    statuses = [(await world.ask("wrong", "GET App/user")).status_code for _ in range(14)]
    assert statuses == [401] * 11 + [403] * 3
    locked = await world.ask("bot", "GET App/user")
    assert (locked.status_code, locked.content, locked.headers.get("x-status-reason")) == (403, b"", None)
    world.crm.clock.advance(55)
    assert (await world.ask("bot", "GET App/user")).status_code == 403
    world.crm.clock.advance(6)
    assert (await world.ask("bot", "GET App/user")).status_code == 200


async def test_inactive_user_and_new_key(world: World) -> None:
    assert (await world.ask("admin", "PUT User/$own", {"isActive": False})).status_code == 200
    assert (await world.ask("own", "GET App/user")).status_code == 401
    made = await world.ask("admin", "POST UserSecurity/apiKey/generate", {"id": "$bot"})
    assert (await world.ask("bot", "GET App/user")).status_code == 401
    assert (await world.ask(made.json()["apiKey"], "GET App/user")).status_code == 200


async def test_admin_makes_an_api_user_named_by_its_login(world: World) -> None:
    body = {
        "userName": "bothmac",
        "lastName": "Someone",
        "type": "api",
        "authMethod": "Hmac",
        "isActive": True,
    }
    made = (await world.ask("admin", "POST User", body)).json()
    assert (made["lastName"], len(made["apiKey"]), len(made["secretKey"])) == ("bothmac", 32, 32)
    assert "apiKey" not in (await world.ask("bot", f"GET User/{made['id']}")).text


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b'{"lastName":', JSON, 500),
        (b"", JSON, 400),
        (b'{"lastName":"NoCT"}', {}, 400),
        (b"lastName=Form", {"Content-Type": "application/x-www-form-urlencoded"}, 200),
        (b'{"lastName":"CT"}', {"Content-Type": "application/json; charset=utf-8"}, 200),
        (b'{"lastName": "\\u0000nul"}', JSON, 400),
    ],
)
async def test_bodies(world: World, content: bytes, headers: dict[str, str], status: int) -> None:
    answer = await world.ask("bot", "POST Lead", headers=headers, content=content)
    assert answer.status_code == status
    if status == 500:
        assert answer.content == b""


async def test_first_spelling_of_an_address_is_everyones(world: World) -> None:
    made = await world.ask("bot", "POST Lead", {"lastName": "X", "emailAddress": "Two@Example.com"})
    await world.ask("bot", "PUT Lead/$second", {"emailAddress": "two@example.com"})
    second = (await world.ask("bot", "GET Lead/$second")).json()
    assert second["emailAddress"] == "Two@Example.com"
    assert made.json()["emailAddress"] == "Two@Example.com"


async def test_changed_phone_replaces_the_primary_one(world: World) -> None:
    await world.ask("bot", "PUT Lead/$third", {"phoneNumber": "+79169999999"})
    third = (await world.ask("bot", "GET Lead/$third")).json()
    assert [item["phoneNumber"] for item in third["phoneNumberData"]] == ["+79169999999", "+79160000002"]


async def test_a_put_counts_as_modified_even_without_changes(world: World) -> None:
    before = world.crm.leads()[0]["modifiedAt"]
    world.crm.clock.advance(10)
    after = (await world.ask("bot", "PUT Lead/$lead", {"status": "New"})).json()
    assert after["modifiedAt"] > before
    assert after["createdAt"] == before


async def test_good_answers_tell_when_metadata_changed(world: World) -> None:
    before = int((await world.ask("bot", "GET App/about")).headers["x-app-timestamp"])
    await world.ask("admin", "POST Admin/fieldManager/Lead", {"name": "later", "type": "varchar"})
    assert int((await world.ask("bot", "GET App/about")).headers["x-app-timestamp"]) > before


async def test_lead_capture(world: World) -> None:
    fields = ["firstName", "lastName", "emailAddress", "phoneNumber", "description"]
    form: dict[str, Any] = {"name": "Form", "isActive": True, "fieldList": fields, "leadSource": "Web Site"}
    made = (await world.ask("admin", "POST LeadCapture", form)).json()
    count = len(world.crm.leads())
    body = {"firstName": "Лид", "lastName": "Формы", "emailAddress": "lc@example.com"}
    for extra in ({}, {"description": "второе обращение"}):
        answer = await world.ask("-", f"POST LeadCapture/{made['apiKey']}", {**body, **extra})
        assert (answer.json(), answer.headers["access-control-allow-origin"]) == (True, "*")
    assert len(world.crm.leads()) == count + 1
    last = world.crm.leads()[-1]
    assert (last["source"], last["description"]) == ("Web Site", "второе обращение")
    wrong = await world.ask("-", "POST LeadCapture/ffff", body)
    assert (wrong.status_code, wrong.headers["x-status-reason"]) == (404, "Form ID is not valid.")


async def test_attachment_is_read_back(world: World) -> None:
    body = {"name": "a.txt", "type": "text/plain", "file": "data:text/plain;base64,aGVsbG8="}
    made = (await world.ask("bot", "POST Attachment", body)).json()
    answer = await world.ask("bot", f"GET Attachment/file/{made['id']}")
    assert answer.content == b"hello"


async def test_activities_and_history(world: World) -> None:
    key = world.crm.api_key
    planned = (await world.ask(key, "GET Activities/Lead/$lead/activities")).json()
    assert [(item["id"], item["_scope"]) for item in planned["list"]] == [(world.ids["call"], "Call")]
    assert (await world.ask("bot", "PUT Call/$call", {"status": "Held"})).status_code == 200
    history = (await world.ask(key, "GET Activities/Lead/$lead/history")).json()
    assert history["total"] == 1


async def test_an_email_is_named_by_its_subject(world: World) -> None:
    body = {"subject": "Счёт", "from": "bot@x.ru", "to": "anna@example.com", "status": "Archived"}
    parent = {"parentType": "Lead", "parentId": "$lead", "dateSent": "2026-11-20 09:00:00"}
    made = await world.ask(world.crm.api_key, "POST Email", {**body, **parent})
    assert (made.json()["name"], made.json()["parentName"]) == ("Счёт", "Иван Петров")
    found = (await world.ask(world.crm.api_key, "GET Lead/$lead/emails")).json()
    assert [item["subject"] for item in found["list"]] == ["Счёт"]
