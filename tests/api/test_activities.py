"""The nine endpoints of activities, as the contract S4 has them."""

from datetime import timedelta
from typing import Any

from tests.api.office import Office

ALL = "/api/activities"


def at(office: Office, **later: float) -> str:
    return (office.clock() + timedelta(**later)).isoformat()


async def planned(office: Office, lead: dict[str, Any], **given: Any) -> dict[str, Any]:
    fields = {"type": "meeting", "lead_id": lead["id"], "scheduled_at": at(office, hours=5), **given}
    made = await office.http.post(ALL, json=fields)
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


async def ids(office: Office, path: str = ALL, **query: Any) -> list[str]:
    answer = await office.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["items"])
    return [one["id"] for one in answer.json()["items"]]


async def test_an_activity_is_planned_changed_completed_and_opened_again(office: Office) -> None:
    lead = await office.lead()
    one = await planned(office, lead, title="Показ", notes="Взять ключи", duration_minutes=45)
    assert (one["title"], one["notes"], one["duration_minutes"]) == ("Показ", "Взять ключи", 45)
    assert (one["completed"], one["assigned_to"], one["created_by"]) == (
        False, str(office.owner.id), str(office.owner.id),
    )  # fmt: skip
    path = f"{ALL}/{one['id']}"
    assert (await office.http.get(path)).json() == one

    seen = {"If-Match": (await office.http.get(path)).headers["ETag"]}
    later = at(office, days=2)
    changed = await office.http.put(
        path, json={"title": "Осмотр", "scheduled_at": later, "notes": "Иное"}, headers=seen
    )
    assert (changed.json()["title"], changed.json()["notes"]) == ("Осмотр", "Иное"), changed.text
    assert (await office.http.put(path, json={"title": "Нет"}, headers=seen)).status_code == 412
    done = await office.http.patch(f"{path}/complete", json={"notes": "Понравилось"})
    assert (done.json()["completed"], done.json()["result"]) == (True, "held")
    assert "Понравилось" in done.json()["notes"]
    twice = await office.http.patch(f"{path}/complete")
    assert (twice.status_code, twice.json()["reason"]) == (409, "plan_done")
    opened = await office.http.patch(f"{path}/reopen")
    assert (opened.json()["completed"], opened.json()["completed_at"]) == (False, None)
    assert (await office.http.delete(path)).status_code == 204
    assert (await office.http.get(path)).status_code == 404
    assert await ids(office) == []
    assert (await office.http.patch(f"{path}/reopen")).status_code == 200


async def test_the_list_is_filtered(office: Office) -> None:
    lead, other = await office.lead(), await office.lead(phones=["+79160000001"])
    soon = await planned(office, lead, scheduled_at=at(office, hours=1))
    far = await planned(office, lead, type="task", scheduled_at=at(office, days=10))
    theirs = await planned(office, other, type="email", scheduled_at=at(office, days=3))
    await office.http.patch(f"{ALL}/{theirs['id']}/complete", json={"result": "sent"})
    assert await ids(office) == [far["id"], theirs["id"], soon["id"]]
    assert await ids(office, sort="scheduled_at") == [soon["id"], theirs["id"], far["id"]]
    assert await ids(office, lead_id=other["id"]) == [theirs["id"]]
    assert await ids(office, type="task") == [far["id"]]
    assert await ids(office, completed="true") == [theirs["id"]]
    assert await ids(office, date_from=at(office, days=2), date_to=at(office, days=5)) == [theirs["id"]]
    assert await ids(office, assigned_to=str(office.owner.id), completed="false") == [far["id"], soon["id"]]
    assert await ids(office, created_by=lead["id"]) == []


async def test_upcoming_are_those_of_seven_days_and_overdue_those_that_passed(office: Office) -> None:
    lead = await office.lead()
    soon = await planned(office, lead, scheduled_at=at(office, hours=2))
    week = await planned(office, lead, scheduled_at=at(office, days=6, hours=23))
    await planned(office, lead, scheduled_at=at(office, days=7, hours=1))
    assert await ids(office, f"{ALL}/upcoming/my") == [soon["id"], week["id"]]
    assert await ids(office, f"{ALL}/overdue/my") == []
    office.clock.advance(3 * 3600)
    assert (await ids(office, f"{ALL}/overdue/my")) == [soon["id"]]
    anna = await office.client(await office.hire("Анна", "manager", 2001))
    assert (await anna.get(f"{ALL}/upcoming/my")).json()["total"] == 0


async def test_calls_and_notes_are_written_down(office: Office) -> None:
    lead = await office.lead()
    call = {"type": "call", "lead_id": lead["id"], "result": "reached", "notes": "Ждёт расчёт"}
    made = await office.http.post(ALL, json=call)
    assert (made.status_code, made.json()["completed"], made.json()["result"]) == (201, True, "reached")
    note = await office.http.post(ALL, json={"type": "note", "lead_id": lead["id"], "notes": "Помнить"})
    assert note.json()["notes"] == "Помнить"
    kept = await office.http.delete(f"{ALL}/{note.json()['id']}")
    assert (kept.status_code, kept.json()["reason"]) == (409, "written_down")
    for wrong, field in (
        ({"type": "task", "lead_id": lead["id"]}, "scheduled_at"),
        ({"type": "call", "lead_id": lead["id"], "result": "perhaps"}, "result"),
        ({"type": "task", "scheduled_at": at(office, hours=1)}, "lead_id"),
        ({"type": "task", "lead_id": lead["id"], "scheduled_at": at(office, hours=-1)}, "scheduled_at"),
        ({"type": "task", "lead_id": lead["id"], "scheduled_at": "2026-03-05T10:00:00"}, "scheduled_at"),
    ):
        refused = await office.http.post(ALL, json=wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


async def test_customers_have_activities_of_their_own(office: Office) -> None:
    lead = await office.lead()
    customer_id = (await office.http.post(f"/api/leads/{lead['id']}/qualify")).json()["customer_id"]
    one = await planned(office, lead, lead_id=None, customer_id=customer_id)
    assert (one["lead_id"], one["customer_id"]) == (None, customer_id)
    assert await ids(office, customer_id=customer_id) == [one["id"]]
    both = await office.http.post(
        ALL,
        json={
            "type": "task", "lead_id": lead["id"], "customer_id": customer_id,
            "scheduled_at": at(office, hours=1),
        },
    )  # fmt: skip
    assert both.status_code == 422


async def test_who_sees_the_lead_sees_its_activities_and_senders_see_none(office: Office) -> None:
    anna, boris = await office.hire("Анна", "manager", 2001), await office.hire("Борис", "manager", 2002)
    lead = await office.lead()
    one = await planned(office, lead, assigned_to=str(anna.id))
    assert one["assigned_to_name"] == "Анна"
    of_boris, of_anna = await office.client(boris), await office.client(anna)
    # free for everybody who may take it
    assert (await of_boris.get(f"{ALL}/{one['id']}")).status_code == 200
    await office.http.put(f"/api/leads/{lead['id']}/assign", json={"assigned_to": str(office.owner.id)})
    assert (await of_boris.get(f"{ALL}/{one['id']}")).status_code == 404
    assert (await of_boris.get(ALL)).json()["total"] == 0
    assert (await of_anna.get(f"{ALL}/{one['id']}")).status_code == 200
    assert (await of_anna.get(f"{ALL}/upcoming/my")).json()["total"] == 1
    partner = await office.client(await office.hire("Павел", "partner", 2003))
    assert (await partner.get(ALL)).json()["total"] == 0
