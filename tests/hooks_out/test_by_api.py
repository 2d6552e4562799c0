"""Webhooks made, changed, rotated, tried and looked at by the API; what came by a key says so."""

import json

import pytest
from sqlalchemy import select

from domain.hooks_out import EVENTS, LADDER
from storage.tables import api_answers, lead_history
from tests.hooks_out.receiver import Receiver
from tests.hooks_out.sends import Sends
from web.api.openapi_webhooks import DATA


async def test_a_webhook_from_its_making_to_its_removal(sends: Sends) -> None:
    http, receiver = sends.office.http, sends.receiver
    given = {"name": "Site", "url": f"{receiver.url}/in?key=1", "events": ["lead.created"]}
    made = await http.post("/api/webhooks", json=given, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201, made.text
    hook = made.json()
    assert (hook["url"], hook["events"], hook["state"]) == (given["url"], given["events"], "on")
    assert hook["secret"].startswith("whsec_")
    receiver.secrets.append(hook["secret"])
    again = await http.post("/api/webhooks", json=given, headers={"Idempotency-Key": "one"})
    assert (again.json()["id"], again.json()["secret"]) == (hook["id"], ""), "a secret is told once"
    async with sends.office.product.db.reading(system=True) as s:
        kept = [row.body.decode() for row in await s.rows(select(api_answers.c.body))]
    assert kept
    assert hook["secret"] not in "".join(kept)

    one = f"/api/webhooks/{hook['id']}"
    tried = (await http.post(f"{one}/test")).json()
    assert (tried["type"], tried["state"], tried["status"]) == ("test", "delivered", 200)
    assert json.loads(tried["body"])["data"]["origin"] == "api"
    await sends.office.lead()
    await sends.work()
    assert [(got.path, got.said["type"]) for got in receiver.got][1:] == [("/in?key=1", "lead.created")]

    rotated = (await http.post(f"{one}/secret")).json()
    assert rotated["secret"] != hook["secret"]
    assert rotated["old_secret_signs_until"]
    changed = await http.patch(one, json={"name": "Shop", "url": f"{receiver.url}/new", "events": ["test"]})
    assert (changed.status_code, changed.json()["errors"][0]["field"]) == (422, "events.0")
    changed = await http.patch(one, json={"name": "Shop", "url": f"{receiver.url}/new"})
    assert (changed.json()["name"], changed.json()["url"]) == ("Shop", f"{receiver.url}/new")
    assert (await http.post(f"{one}/pause")).json()["state"] == "paused"
    assert (await http.post(f"{one}/pause")).status_code == 409
    assert (await http.post(f"{one}/resume")).json()["state"] == "on"
    listed = (await http.get("/api/webhooks")).json()
    assert [one["name"] for one in listed["items"]] == ["Shop"]
    assert "url" not in listed["items"][0], "a list tells no address, which may hold a key"
    assert (await http.delete(one)).status_code == 204
    assert (await http.get(one)).status_code == 404


async def test_the_log_and_what_is_sent_anew(sends: Sends) -> None:
    http, receiver = sends.office.http, sends.receiver
    hook = await sends.hook("lead.created")
    receiver.always = 500
    await sends.office.lead()
    for wait in (*LADDER, LADDER[-1]):
        await sends.work()
        sends.office.clock.advance(wait.total_seconds() * 1.3)
    log = (await http.get(f"/api/webhooks/{hook.id}/deliveries?limit=1")).json()
    (sent,) = log["items"]
    assert (log["total"], sent["state"], sent["status"], sent["attempts"]) == (1, "failed", 500, 10)
    receiver.always = 200
    again = await http.post(f"/api/webhook-deliveries/{sent['id']}/replay")
    assert (again.status_code, again.json()["state"]) == (200, "pending")
    assert (await http.post(f"/api/webhook-deliveries/{sent['id']}/replay")).status_code == 409
    await sends.work()
    shown = (await http.get(f"/api/webhook-deliveries/{sent['id']}")).json()
    assert (shown["state"], shown["webhook_id"]) == ("delivered", receiver.got[0].headers["webhook-id"])
    assert (await http.post(f"/api/webhooks/{hook.id}/replay")).json() == {"count": 0}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": "http://example.com/in"}, "url"),
        ({"url": "https://me:word@example.com/in"}, "url"),
        ({"events": []}, "events"),
        ({"name": " "}, "name"),
    ],
)
async def test_what_no_webhook_can_be(sends: Sends, given: dict[str, object], field: str) -> None:
    whole = {"name": "Site", "url": "https://example.com/in", "events": ["lead.created"], **given}
    refused = await sends.office.http.post("/api/webhooks", json=whole)
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (422, [field])


async def test_scopes_rights_and_other_organizations(sends: Sends) -> None:
    office = sends.office
    hook = await sends.hook("lead.created")
    narrow = await office.client(office.owner, ("leads:write", "webhooks:read"))
    assert (await narrow.get(f"/api/webhooks/{hook.id}")).status_code == 200
    assert (await narrow.post(f"/api/webhooks/{hook.id}/secret")).json()["code"] == "scope_missing"
    manager = await office.client(await office.hire("Mary", "manager", 2001))
    assert (await manager.get("/api/webhooks")).json()["code"] == "not_allowed"


async def test_what_came_by_a_key_says_so(sends: Sends, receiver_of_all: Receiver) -> None:
    lead = await sends.office.lead()
    await sends.put(f"/api/leads/{lead['id']}", notes="Call in the morning")
    await sends.work()
    assert receiver_of_all.got[-1].said["data"]["origin"] == "api"
    async with sends.office.product.db.reading(system=True) as s:
        told = await s.rows(select(lead_history.c.origin).where(lead_history.c.field == "note"))
    assert [row.origin for row in told] == ["api:test"], "the key that is called test"


@pytest.fixture
async def receiver_of_all(sends: Sends) -> Receiver:
    await sends.hook("lead.changed")
    return sends.receiver


def test_every_event_has_its_body_in_the_document() -> None:
    assert set(DATA) == {*EVENTS, "test"}
