"""The six endpoints of contacts and the five of stages, as the contract S4 has them."""

from tests.api.office import Office


async def test_contacts_are_listed_with_the_primary_one_first_then_by_name(office: Office) -> None:
    lead = await office.lead()
    people = f"/api/lead-contacts/lead/{lead['id']}"
    assert (await office.http.get(people)).json() == {"items": [], "total": 0}
    made = {}
    for name in ("Вера", "Анна", "Борис"):
        answer = await office.http.post(people, json={"full_name": name})
        assert answer.status_code == 201, answer.text
        made[name] = answer.json()["id"]
        assert answer.headers["Location"] == f"/api/lead-contacts/{made[name]}"

    async def names() -> list[tuple[str, bool]]:
        items = (await office.http.get(people)).json()["items"]
        return [(one["full_name"], one["is_primary"]) for one in items]

    assert await names() == [("Вера", True), ("Анна", False), ("Борис", False)]
    primary = await office.http.patch(f"/api/lead-contacts/{made['Борис']}/set-primary")
    assert primary.json()["is_primary"] is True
    assert await names() == [("Борис", True), ("Анна", False), ("Вера", False)]
    assert (await office.http.delete(f"/api/lead-contacts/{made['Борис']}")).status_code == 204
    assert await names() == [("Анна", True), ("Вера", False)]
    assert (await office.http.get(f"/api/lead-contacts/{made['Борис']}")).status_code == 404


async def test_a_contact_is_read_changed_and_guarded_by_its_etag(office: Office) -> None:
    lead = await office.lead()
    given = {"full_name": "Анна", "position": "Директор", "phone": "8 (916) 765-43-21", "decides": True}
    made = await office.http.post(f"/api/lead-contacts/lead/{lead['id']}", json=given)
    path = made.headers["Location"]
    read = await office.http.get(path)
    assert (read.json()["phone"], read.json()["decides"], read.json()["email"]) == (
        "+79167654321",
        True,
        None,
    )
    seen = {"If-Match": read.headers["ETag"]}
    changed = await office.http.put(path, json={"email": "a@b.ru", "phone": None}, headers=seen)
    assert (changed.json()["email"], changed.json()["phone"], changed.json()["position"]) == (
        "a@b.ru", None, "Директор",
    )  # fmt: skip
    assert (await office.http.put(path, json={"email": None}, headers=seen)).status_code == 412
    empty = await office.http.patch(path, json={"full_name": "", "email": None})
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "full_name")


async def test_contacts_are_reached_through_the_lead_alone(office: Office) -> None:
    lead = await office.lead()
    made = await office.http.post(f"/api/lead-contacts/lead/{lead['id']}", json={"full_name": "Анна"})
    partner = await office.client(await office.hire("Павел", "partner", 2001))
    path = made.headers["Location"]
    for refused in (
        await partner.get(path),
        await partner.put(path, json={"full_name": "Х"}),
        await partner.delete(path),
        await partner.patch(f"{path}/set-primary"),
        await partner.get(f"/api/lead-contacts/lead/{lead['id']}"),
        await partner.post(f"/api/lead-contacts/lead/{lead['id']}", json={"full_name": "Х"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert (await office.http.get(path)).json()["full_name"] == "Анна"


async def test_six_stages_stand_in_order(office: Office) -> None:
    found = (await office.http.get("/api/lead-stages", headers={"Accept-Language": "ru"})).json()
    assert [one["name"] for one in found["items"]] == [
        "Новый", "Звонок", "Встреча", "Переговоры", "Квалифицирован", "Отказ",
    ]  # fmt: skip
    assert [one["order_index"] for one in found["items"]] == list(range(6))
    assert [one["is_qualified"] for one in found["items"]] == [False] * 4 + [True, False]
    assert found["items"][-1]["is_failed"] is True


async def test_a_stage_is_made_placed_coloured_and_removed(office: Office) -> None:
    made = await office.http.post(
        "/api/lead-stages", json={"name": "Договор", "color": "🔥", "order_index": 1}
    )
    assert made.status_code == 201, made.text
    stage = made.json()
    assert (stage["order_index"], stage["color"], stage["kind"]) == (1, "🔥", "open")
    path = made.headers["Location"]
    again = await office.http.post("/api/lead-stages", json={"name": "договор"})
    assert (again.status_code, again.json()["errors"][0]) == (
        422, {"field": "name", "code": "taken", "detail": "This name is taken."},
    )  # fmt: skip
    preset = await office.http.post("/api/lead-stages", json={"name": "Новый"})
    assert preset.json()["errors"][0]["code"] == "taken"

    seen = {"If-Match": (await office.http.get(path)).headers["ETag"]}
    changed = await office.http.put(path, json={"name": "Оплата", "is_failed": True}, headers=seen)
    assert (changed.json()["name"], changed.json()["is_failed"]) == ("Оплата", True)
    assert (await office.http.put(path, json={"name": "Счёт"}, headers=seen)).status_code == 412
    wrong = await office.http.put(path, json={"color": "#3B82F6"})
    assert wrong.json()["errors"][0]["field"] == "color"

    lead = await office.lead()
    moved = {"stage_id": stage["id"], "reason": "нет"}
    assert (await office.http.put(f"/api/leads/{lead['id']}/stage", json=moved)).status_code == 200
    in_use = await office.http.delete(path)
    assert (in_use.status_code, in_use.json()["code"]) == (409, "stage_in_use")
    assert (await office.http.delete(f"/api/leads/{lead['id']}")).status_code == 204
    assert (await office.http.delete(path)).status_code == 204
    assert (await office.http.get(path)).status_code == 404


async def test_only_those_who_set_up_the_organization_change_stages(office: Office) -> None:
    manager = await office.client(await office.hire("Анна", "manager", 2001))
    assert (await manager.get("/api/lead-stages")).status_code == 200
    refused = await manager.post("/api/lead-stages", json={"name": "Договор"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
