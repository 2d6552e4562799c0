"""Many leads at once: made in a batch, changed in bulk and undone, taken out as a file."""

import csv
import io
from typing import Any

from python_calamine import CalamineWorkbook

from tests.api.office import Office


async def leads(office: Office, count: int) -> list[dict[str, Any]]:
    given = [{"name": f"Л{number}", "phones": [f"+7916000{number:04}"]} for number in range(count)]
    answer = await office.http.post("/api/leads/batch", json={"leads": given})
    assert answer.status_code == 200, answer.text
    assert answer.json()["created"] == count
    return [one["lead"] for one in answer.json()["items"]]


async def test_each_lead_of_a_batch_is_stored_or_refused_by_itself(office: Office) -> None:
    good, bad = {"name": "А", "phones": ["+79160000001"]}, {"name": "Б", "phones": ["12"]}
    half = {"name": "В", "phones": ["+79160000002"], "contacts": [{"phone": "34"}]}
    answer = await office.http.post("/api/leads/batch", json={"leads": [good, bad, good, half]})
    items = answer.json()["items"]
    assert [one["status"] for one in items] == [201, 422, 409, 422]
    assert (items[1]["field"], items[1]["code"]) == ("primary_phone", "invalid")
    assert items[2]["lead_id"] == items[0]["lead"]["id"]
    assert (answer.json()["created"], answer.json()["refused"]) == (1, 3)
    assert (await office.http.get("/api/leads")).json()["total"] == 1
    too_many = await office.http.post("/api/leads/batch", json={"leads": [good] * 101})
    assert too_many.json()["errors"][0] == {
        "field": "leads", "code": "too_many", "detail": "These are too many.",
    }  # fmt: skip


async def test_many_are_assigned_moved_tagged_deleted_and_brought_back(office: Office) -> None:
    made = await leads(office, 5)
    ids = [one["id"] for one in made]
    anna = await office.hire("Анна", "manager", 2001)

    async def change(**given: Any) -> dict[str, Any]:
        answer = await office.http.post("/api/leads/bulk", json=given)
        assert answer.status_code == 200, answer.text
        run: dict[str, Any] = answer.json()
        return run

    async def read(place: int) -> dict[str, Any]:
        found: dict[str, Any] = (await office.http.get(f"/api/leads/{ids[place]}")).json()
        return found

    run = await change(action="assign", lead_ids=ids[:3], value=str(anna.id))
    assert (run["state"], run["done"], run["total"]) == ("done", 3, 3)
    assert (await read(0))["assigned_to"] == str(anna.id)
    undone = await office.http.post(f"/api/leads/bulk/{run['id']}/undo")
    assert (undone.json()["state"], undone.json()["undone"]) == ("undone", 3), undone.text
    assert (await read(0))["assigned_to"] is None

    stages = {one["key"]: one["id"] for one in (await office.http.get("/api/lead-stages")).json()["items"]}
    run = await change(action="stage", filter={"search": "Л1"}, value=stages["call"])
    assert run["done"] == 1
    assert (await read(1))["stage"]["key"] == "call"
    await change(action="tag", lead_ids=ids, value="Важно")
    assert (await read(4))["tags"] == ["важно"]
    run = await change(action="delete", filter={})
    assert (run["done"], (await office.http.get("/api/leads")).json()["total"]) == (5, 0)
    assert (await office.http.get(f"/api/leads/bulk/{run['id']}")).json() == run


async def test_what_cannot_be_changed_in_bulk_is_refused_or_counted(office: Office) -> None:
    made = await leads(office, 2)
    ids = [one["id"] for one in made]
    for given, field in (
        ({"action": "stage", "lead_ids": ids, "value": "soon"}, "value"),
        ({"action": "stage", "lead_ids": ids}, "value"),
        ({"action": "tag", "lead_ids": ids, "value": " "}, "value"),
        ({"action": "delete"}, "lead_ids"),
        ({"action": "delete", "lead_ids": ids, "filter": {}}, "lead_ids"),
        ({"action": "delete", "lead_ids": []}, "lead_ids"),
        ({"action": "burn", "lead_ids": ids}, "action"),
    ):
        refused = await office.http.post("/api/leads/bulk", json=given)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), given
    stages = {one["key"]: one["id"] for one in (await office.http.get("/api/lead-stages")).json()["items"]}
    silent = {"action": "stage", "lead_ids": ids, "value": stages["refused"]}
    assert (await office.http.post("/api/leads/bulk", json=silent)).json()["errors"][0]["field"] == "reason"
    anna = await office.client(await office.hire("Анна", "manager", 2001))
    await office.http.put(f"/api/leads/{ids[0]}/assign", json={"assigned_to": str(office.owner.id)})
    hers = await anna.post("/api/leads/bulk", json={"action": "tag", "lead_ids": ids, "value": "x"})
    assert (hers.json()["done"], hers.json()["skipped"]) == (0, {"gone": 1, "rights": 1})


async def test_more_than_fifty_are_worked_off_in_the_background(office: Office) -> None:
    made = await leads(office, 60)
    given = {"action": "tag", "lead_ids": [one["id"] for one in made], "value": "важно"}
    run = (await office.http.post("/api/leads/bulk", json=given)).json()
    assert (run["state"], run["total"]) == ("running", 60)
    await office.product.services.bulk.advance()
    run = (await office.http.get(f"/api/leads/bulk/{run['id']}")).json()
    assert (run["state"], run["done"]) == ("done", 60)
    other = (await office.http.post("/api/leads/bulk", json=given | {"value": "позже"})).json()
    stopped = await office.http.post(f"/api/leads/bulk/{other['id']}/cancel")
    assert (stopped.status_code, stopped.json()["state"]) == (200, "cancelled"), stopped.text


async def test_leads_are_taken_out_as_a_file(office: Office) -> None:
    await leads(office, 3)
    russian = await office.http.get("/api/leads/export", headers={"Accept-Language": "ru"})
    assert (russian.status_code, russian.headers["Content-Type"]) == (200, "text/csv")
    assert 'filename="leads.csv"' in russian.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(russian.content.decode("utf-8-sig")), delimiter=";"))
    assert (len(rows), rows[1][1]) == (4, "Л2")
    assert "Новый" in rows[1]
    one = await office.http.get("/api/leads/export", params={"format": "xlsx", "search": "Л1"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(one.content)).get_sheet_by_index(0).to_python()
    assert (len(sheet), sheet[1][1]) == (2, "Л1")
    none = await office.http.get("/api/leads/export", params={"segment": "нет такого"})
    assert (none.status_code, none.json()["errors"][0]["code"]) == (422, "empty")
