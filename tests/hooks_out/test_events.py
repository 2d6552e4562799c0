"""What is told: every change of the API's records, signed, in the shapes of the API."""

import base64
from uuid import UUID

import pytest

from domain.errors import NotFound
from domain.hooks_out import signature
from tests.hooks_out.sends import Sends
from tests.waiting import worked_off


def test_the_signature_is_that_of_the_specification() -> None:
    """The example that the libraries of Standard Webhooks are tested with."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_the_life_of_a_lead(sends: Sends) -> None:
    await sends.hook()
    http = sends.office.http
    lead = await sends.office.lead(company_name="Ромашка", contacts=[{"full_name": "Анна"}])
    at = f"/api/leads/{lead['id']}"
    changed = await sends.put(at, name="Пётр", custom_fields={})
    stages = (await http.get("/api/lead-stages")).json()["items"]
    moved = await sends.put(at, stage_id=stages[1]["id"])
    mine = str(sends.office.owner.id)
    assigned = await http.put(f"{at}/assign", json={"assigned_to": mine})
    assert assigned.status_code == 200, assigned.text
    made = {"type": "call", "lead_id": lead["id"], "result": "reached"}
    call = await http.post("/api/activities", json=made)
    assert call.status_code == 201, call.text
    meeting = await http.post(
        "/api/activities",
        json={"type": "meeting", "lead_id": lead["id"], "scheduled_at": "2026-03-03T10:00:00Z"},
    )
    assert meeting.status_code == 201, meeting.text
    ended = await http.patch(f"/api/activities/{meeting.json()['id']}/complete", json={})
    assert ended.status_code == 200, ended.text
    qualified = await http.post(f"{at}/qualify")
    assert qualified.status_code in (200, 201), qualified.text
    gone = await http.delete(at)
    assert gone.status_code in (200, 204), gone.text
    await sends.work()

    got = sends.receiver.got
    assert all(one.signed for one in got)
    told = {one.said["type"]: one.said["data"] for one in got}
    assert set(told) == {
        "lead.created", "lead.changed", "lead.stage_changed", "lead.assigned", "lead.deleted",
        "contact.changed", "activity.created", "activity.completed", "customer.created",
    }  # fmt: skip
    first = told["lead.created"]
    assert set(first) == {"lead", "actor_id", "origin"}
    shape = set(changed) - {"tags", "contacts"}
    assert set(first["lead"]) == shape
    assert (first["lead"]["id"], first["actor_id"]) == (lead["id"], mine)
    to = told["lead.stage_changed"]["to_stage_id"]
    assert to in (moved["stage_id"], qualified.json()["lead"]["stage_id"])
    assert told["lead.assigned"]["to_member_id"] == mine
    assert told["contact.changed"]["contacts"][0]["full_name"] == "Анна"
    assert told["activity.completed"]["activity"]["completed"] is True
    assert set(told["activity.created"]["activity"]) == set(meeting.json())
    assert told["customer.created"]["customer"]["id"] == qualified.json()["customer_id"]
    changes = [one.said["data"]["changed"] for one in got if one.said["type"] == "lead.changed"]
    assert ["name"] in changes
    ids = [one.headers["webhook-id"] for one in got]
    assert len(set(ids)) == len(ids)


async def test_merging_tells_of_both(sends: Sends) -> None:
    await sends.hook("lead.merged", "lead.deleted")
    kept = await sends.office.lead()
    other = await sends.office.lead(name="Иван второй", phones=["+79161234568"])
    services = sends.office.product.services
    await services.merging.merge(sends.office.owner, _id(kept), _id(other), {})
    await sends.work()
    told = {one.said["type"]: one.said["data"] for one in sends.receiver.got}
    assert told["lead.merged"]["lead"]["id"] == kept["id"]
    assert told["lead.merged"]["merged_lead_id"] == other["id"]
    assert told["lead.deleted"]["lead"]["id"] == other["id"]


async def test_only_what_was_asked_for_and_nothing_of_what_was_undone(sends: Sends) -> None:
    hook = await sends.hook("lead.deleted")
    lead = await sends.office.lead()
    refused = await sends.office.http.patch(f"/api/leads/{lead['id']}", json={"email": "?"})
    assert refused.status_code >= 400
    with pytest.raises(RuntimeError):
        await _fails_after_deleting(sends, _id(lead))
    assert await sends.work() == 0
    assert await sends.sendings(hook) == []


async def _fails_after_deleting(sends: Sends, lead_id: UUID) -> None:
    async with sends.office.product.db.ambient():
        await sends.office.product.services.lead_care.delete(sends.office.owner, lead_id)
        raise RuntimeError("the transaction fails after the change")


async def test_two_secrets_sign_for_a_day(sends: Sends) -> None:
    hook = await sends.hook("lead.created")
    (old,) = sends.receiver.secrets
    _, new = await sends.hooks.rotate(sends.office.owner, hook.id)
    assert new != old
    assert len(base64.b64decode(new.removeprefix("whsec_"))) == 32
    sends.receiver.secrets.append(new)
    await sends.office.lead()
    await sends.work()
    sends.office.clock.advance(25 * 3600)
    await sends.office.lead(name="Второй", phones=["+79161234568"])
    await sends.work()
    assert [one.signed for one in sends.receiver.got] == [{old, new}, {new}]


async def test_nobody_elses_hook_hears_of_it(sends: Sends) -> None:
    mine = await sends.hook("lead.created")
    services, owner = sends.office.product.services, sends.office.owner
    other = await services.belongings.create(owner, "Другая")
    theirs, _ = await sends.hooks.make(other, "Theirs", f"{sends.receiver.url}/theirs", ["lead.created"])
    await sends.office.lead()
    assert await sends.work() == 1
    (got,) = sends.receiver.got
    assert (got.path, bool(got.signed)) == ("/in", True)
    (sending,) = await sends.sendings(mine)
    for reach in (
        sends.hooks.get(other, mine.id),
        sends.hooks.rotate(other, mine.id),
        sends.hooks.remove(other, mine.id),
        sends.log.get(other, sending.id),
        sends.log.replay(other, sending.id),
        sends.log.page(other, mine.id),
        sends.log.owe_test(other, mine.id),
        sends.hooks.pause(owner, theirs.id),
    ):
        with pytest.raises(NotFound):
            await reach
    assert await sends.work() == 0


def _id(lead: dict[str, object]) -> UUID:
    return UUID(str(lead["id"]))


async def test_a_change_of_many_tells_of_each(sends: Sends) -> None:
    await sends.hook("lead.stage_changed", "lead.changed")
    made = [await sends.office.lead(name=f"L{n}", phones=[f"+7916123450{n}"]) for n in range(3)]
    stages = (await sends.office.http.get("/api/lead-stages")).json()["items"]
    ids = [one["id"] for one in made]
    for action, value in (("stage", stages[1]["id"]), ("tag", "vip")):
        given = {"action": action, "value": value, "lead_ids": ids}
        run = await sends.office.http.post("/api/leads/bulk", json=given)
        assert run.status_code in (200, 202), run.text
        await worked_off(sends.office.product.services.bulk.advance)
    await sends.work()
    told = [(one.said["type"], one.said["data"]["lead"]["id"]) for one in sends.receiver.got]
    assert sorted(told) == sorted(
        (kind, one) for kind in ("lead.stage_changed", "lead.changed") for one in ids
    )
    assert {tuple(one.said["data"].get("changed", ())) for one in sends.receiver.got} == {(), ("tags",)}
