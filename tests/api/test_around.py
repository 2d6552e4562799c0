"""What stands around leads over HTTP: customers, members, pipelines, own fields, files, operations."""

from uuid import UUID

from domain.files import FileKind, IncomingFile
from tests.api.office import Office


async def test_customers_are_found_and_changed(office: Office) -> None:
    for name, phone in (("Анна", "+79160000001"), ("Борис", "+79160000002")):
        lead = await office.lead(name=name, phones=[phone])
        assert (await office.http.post(f"/api/leads/{lead['id']}/qualify")).status_code == 200
    every = (await office.http.get("/api/customers", params={"limit": 1})).json()
    assert (every["total"], every["pages"], every["items"][0]["name"]) == (2, 2, "Борис")
    found = (await office.http.get("/api/customers", params={"search": "анна"})).json()
    path = f"/api/customers/{found['items'][0]['id']}"
    seen = {"If-Match": (await office.http.get(path)).headers["ETag"]}
    changed = await office.http.patch(path, json={"name": None, "company_name": "Ромашка"}, headers=seen)
    assert (changed.json()["name"], changed.json()["company_name"]) == ("", "Ромашка"), changed.text
    assert (await office.http.patch(path, json={"notes": "х"}, headers=seen)).status_code == 412
    nobody = await office.http.patch(path, json={"company_name": None})
    assert (nobody.status_code, nobody.json()["errors"][0]["field"]) == (422, "name")


async def test_members_are_listed_and_paused(office: Office) -> None:
    anna = await office.hire("Анна", "manager", 2001)
    for number in range(3):
        await office.hire(f"Павел {number}", "partner", 2100 + number)
    every = (await office.http.get("/api/members", params={"limit": 2})).json()
    assert (every["total"], len(every["items"])) == (5, 2)
    assert (await office.http.get("/api/members", params={"page": 9})).json()["items"] == []
    partners = (await office.http.get("/api/members", params={"role": "partner", "search": "павел"})).json()
    assert partners["total"] == 3
    path = f"/api/members/{anna.id}"
    paused = await office.http.patch(path, json={"suspended": True})
    assert paused.json()["status"] == "suspended"
    raised = await office.http.patch(path, json={"suspended": False, "role": "partner"})
    assert (raised.json()["status"], raised.json()["role"]) == ("active", "partner"), raised.text
    assert (await office.http.get(path)).json() == raised.json()
    last = await office.http.patch(f"/api/members/{office.owner.id}", json={"role": "guest"})
    assert last.status_code == 422


async def test_pipelines_are_made_used_and_archived(office: Office) -> None:
    made = await office.http.post("/api/pipelines", json={"preset": "clinic", "name": "Клиника"})
    assert made.status_code == 201, made.text
    path, road = made.headers["Location"], made.json()
    lead = await office.lead(pipeline_id=road["id"])
    assert (lead["pipeline_id"], lead["stage_id"]) == (road["id"], road["stages"][0]["id"])
    board = (await office.http.get(f"{path}/board")).json()
    assert [one["leads"] for one in board["columns"]][:2] == [1, 0]
    in_use = await office.http.delete(path)
    assert (in_use.status_code, in_use.json()["code"]) == (409, "pipeline_in_use")
    first = await office.http.patch(path, json={"is_default": True, "name": "Приём"})
    assert (first.json()["name"], first.json()["order_index"]) == ("Приём", 0)
    assert (await office.http.get(path)).json()["name"] == "Приём"
    spare = (await office.http.post("/api/pipelines", json={"preset": "clinic", "name": "Вторая"})).headers
    assert (await office.http.delete(spare["Location"])).status_code == 204
    assert (await office.lead(phones=["+79160000001"]))["pipeline_id"] == road["id"]
    wrong = await office.http.patch(path, json={"head_id": road["id"]})
    assert wrong.json()["errors"][0]["field"] == "head_id"
    gone = await office.http.post(
        "/api/leads", json={"name": "Х", "phones": ["+79160000003"], "pipeline_id": lead["id"]}
    )
    assert gone.json()["errors"][0]["field"] == "pipeline_id"


async def test_own_fields_are_made_filled_and_put_away(office: Office) -> None:
    given = {"name": "Банк", "type": "choice", "choices": ["Сбер", "ВТБ"], "key": "bank"}
    made = await office.http.post("/api/custom-fields", json=given)
    assert (made.status_code, made.json()["key"]) == (201, "bank"), made.text
    lead = await office.lead(custom_fields={"bank": "втб"})
    assert lead["custom_fields"] == {"bank": "ВТБ"}
    path = f"/api/leads/{lead['id']}"
    changed = await office.http.patch(path, json={"custom_fields": {"bank": "Сбер"}})
    assert changed.json()["custom_fields"] == {"bank": "Сбер"}
    wrong = await office.http.patch(path, json={"custom_fields": {"bank": "Альфа"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "custom_fields.bank"), wrong.text
    emptied = await office.http.patch(path, json={"custom_fields": {"bank": None}})
    assert emptied.json()["custom_fields"] == {}
    again = await office.http.post("/api/custom-fields", json={**given, "name": "Другой"})
    assert again.json()["errors"][0]["field"] == "key"
    renamed = await office.http.patch(made.headers["Location"], json={"name": "Банк клиента"})
    assert renamed.json()["name"] == "Банк клиента"
    assert (await office.http.get(made.headers["Location"])).json() == renamed.json()
    assert (await office.http.delete(made.headers["Location"])).status_code == 204
    assert (await office.http.get("/api/custom-fields")).json()["total"] == 0


async def test_files_are_seen_and_taken_off(office: Office) -> None:
    lead = await office.lead()
    files = office.product.services.files
    given = IncomingFile(FileKind.DOCUMENT, "telegram-id", "договор.pdf", "application/pdf", 1000)
    file = await files.add(office.owner, UUID(lead["id"]), given)
    found = (await office.http.get(f"/api/files/lead/{lead['id']}")).json()
    assert (found["total"], found["items"][0]["name"]) == (1, "договор.pdf")
    assert "telegram-id" not in str(found)
    assert (await office.http.get(f"/api/files/{file.id}")).json() == found["items"][0]
    assert (await office.http.delete(f"/api/files/{file.id}")).status_code == 204
    assert (await office.http.get(f"/api/files/{file.id}")).status_code == 404


async def test_a_part_of_a_record_is_changed(office: Office) -> None:
    lead, stages = await office.lead(), (await office.http.get("/api/lead-stages")).json()["items"]
    contact = {"full_name": "Борис", "position": "Директор"}
    call = {"type": "call", "title": "Звонок", "lead_id": lead["id"], "scheduled_at": "2031-01-01T10:00:00Z"}
    made = [
        (await office.http.post(f"/api/lead-contacts/lead/{lead['id']}", json=contact)).headers["Location"],
        (await office.http.post("/api/activities", json=call)).headers["Location"],
        f"/api/lead-stages/{stages[0]['id']}",
    ]
    parts = [{"position": "Бухгалтер"}, {"title": "Перезвонить"}, {"name": "Свежий"}]
    for path, part in zip(made, parts, strict=True):
        before = (await office.http.get(path)).json()
        after = await office.http.patch(path, json=part)
        assert after.status_code == 200, after.text
        [(name, value)] = part.items()
        assert (after.json()[name], before[name] != value) == (value, True)
        kept = before.keys() - {name, "updated_at", "version", "key"}
        assert {one: after.json()[one] for one in kept} == {one: before[one] for one in kept}


async def test_without_a_crm_there_is_nothing_to_replay(office: Office) -> None:
    assert (await office.http.get("/api/integrations")).json() == {"items": [], "total": 0}
    assert (await office.http.get("/api/operations")).json()["total"] == 0
    assert (await office.http.post("/api/operations/replay")).status_code == 404
