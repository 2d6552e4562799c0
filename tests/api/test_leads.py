"""Leads over HTTP: the eight endpoints of the list and of one lead, as the contract S4 has them."""

from typing import Any

import pytest

from tests.api.office import Office

LEAD = {
    "name": "Иван Петров",
    "company_name": "Ромашка",
    "phones": ["8 916 123-45-67", "+7 916 000-00-01"],
    "email": "I@Example.com",
    "inn": "7707083893",
    "amount": "1500000.50",
    "segment": "Ипотека",
    "notes": "Звонить утром",
    "tags": ["горячий"],
    "contacts": [{"full_name": "Анна"}, {"full_name": "Борис", "position": "ЛПР", "is_primary": True}],
}


async def test_a_lead_is_made_with_all_that_was_given_and_read_back(office: Office) -> None:
    made = await office.http.post("/api/leads", json=LEAD)
    assert made.status_code == 201, made.text
    lead = made.json()
    assert made.headers["Location"] == f"/api/leads/{lead['id']}"
    assert made.headers["ETag"] == f'"{lead["version"]}"'
    read = (await office.http.get(made.headers["Location"])).json()
    assert read == lead
    assert (read["primary_phone"], read["phones"][1]) == ("+79161234567", "+79160000001")
    assert (read["email"], read["inn"], read["amount"]) == ("i@example.com", "7707083893", "1500000.50")
    assert (read["segment"], read["notes"], read["tags"]) == ("Ипотека", "Звонить утром", ["горячий"])
    assert [(one["full_name"], one["is_primary"]) for one in read["contacts"]] == [
        ("Борис", True),
        ("Анна", False),
    ]
    assert (read["stage"]["key"], read["assigned_to"], read["source"]) == ("new", None, "api")
    assert read["sender_id"] == str(office.owner.id)


async def test_names_of_stages_follow_the_language_and_the_etag_does_not(office: Office) -> None:
    lead = await office.lead()
    path = f"/api/leads/{lead['id']}"
    russian = await office.http.get(path, headers={"Accept-Language": "ru"})
    english = await office.http.get(path, headers={"Accept-Language": "en"})
    assert (russian.json()["stage"]["name"], english.json()["stage"]["name"]) == ("Новый", "New")
    assert russian.headers["ETag"] == english.headers["ETag"]
    same = await office.http.get(path, headers={"If-None-Match": english.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")


async def test_the_list_has_pages_search_filters_and_an_order(office: Office) -> None:
    for number in range(25):
        await office.lead(
            name=f"Человек {number:02}", phones=[f"+7916000{number:04}"], amount=str(100 + number),
            segment="B2B" if number % 2 else "B2C",
        )  # fmt: skip

    async def asked(**query: Any) -> dict[str, Any]:
        answer = await office.http.get("/api/leads", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    first = await asked()
    assert (first["total"], first["page"], first["limit"], first["pages"]) == (25, 1, 20, 2)
    assert [one["number"] for one in first["items"]] == list(range(25, 5, -1))
    assert len((await asked(page=2))["items"]) == 5
    assert (await asked(page=9)) == {"items": [], "total": 25, "page": 9, "limit": 20, "pages": 2}
    assert (await asked(segment="B2B"))["total"] == 12
    assert [one["name"] for one in (await asked(sort="amount", limit=2))["items"]] == [
        "Человек 00",
        "Человек 01",
    ]
    assert [one["amount"] for one in (await asked(sort="-amount", limit=1))["items"]] == ["124.00"]
    assert (await asked(amount_from="110", amount_to="112"))["total"] == 3
    found = await asked(search="человек 07")
    assert [one["name"] for one in found["items"]] == ["Человек 07"]
    assert (await asked(search="+7 916 000 00 11"))["items"][0]["name"] == "Человек 11"
    assert (await asked(search="человек", sort="name", limit=3, page=2))["items"][0]["name"] == "Человек 03"
    assert (await asked(unassigned=True, created_from="2026-03-02", created_to="2026-03-02"))["total"] == 25
    assert (await asked(created_to="2026-03-01"))["total"] == 0


async def test_fields_change_one_by_one_and_null_empties(office: Office) -> None:
    lead = await office.lead(**LEAD)
    path = f"/api/leads/{lead['id']}"
    changed = await office.http.put(
        path, json={"company_name": "Лютик", "email": None, "amount": None, "notes": "", "tags": []}
    )
    assert changed.status_code == 200, changed.text
    read = changed.json()
    assert (read["company_name"], read["email"], read["amount"], read["notes"]) == ("Лютик", None, None, "")
    assert (read["name"], read["inn"], read["tags"]) == ("Иван Петров", "7707083893", [])
    assert read["version"] > lead["version"]

    phones = await office.http.patch(path, json={"phones": ["+79160000002", "8 916 000 00 01"]})
    assert phones.json()["phones"] == ["+79160000002", "+79160000001"], phones.text
    nothing = await office.http.patch(path, json={})
    assert nothing.json()["version"] == phones.json()["version"]


async def test_what_was_changed_meanwhile_is_not_written_over(office: Office) -> None:
    lead = await office.lead()
    path, seen = f"/api/leads/{lead['id']}", {"If-Match": f'"{lead["version"]}"'}
    assert (await office.http.patch(path, json={"name": "Пётр"}, headers=seen)).status_code == 200
    for stale in (
        await office.http.patch(path, json={"name": "Сидор"}, headers=seen),
        await office.http.put(f"{path}/assign", json={"assigned_to": None}, headers=seen),
        await office.http.delete(path, headers=seen),
    ):
        assert stale.status_code == 412
        assert stale.headers["Content-Type"].startswith("application/problem+json")
        assert stale.json()["code"] == "changed_meanwhile"
    assert (await office.http.get(path)).json()["name"] == "Пётр"
    anything = await office.http.patch(path, json={"name": "Сидор"}, headers={"If-Match": "*"})
    assert anything.status_code == 200


async def test_a_duplicate_names_the_lead_that_is_there(office: Office) -> None:
    lead = await office.lead(email="i@example.com")
    again = await office.http.post("/api/leads", json={"name": "Другой", "email": "I@EXAMPLE.COM"})
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_lead")
    assert again.json()["lead_id"] == lead["id"]
    other = await office.lead(phones=["+79160000009"])
    taken = await office.http.put(f"/api/leads/{other['id']}", json={"email": "i@example.com"})
    assert (taken.status_code, taken.json()["lead_id"]) == (409, lead["id"])


async def test_a_deleted_lead_is_not_there_until_it_is_restored(office: Office) -> None:
    lead = await office.lead()
    path = f"/api/leads/{lead['id']}"
    assert (await office.http.delete(path)).status_code == 204
    gone = await office.http.get(path)
    assert (gone.status_code, gone.json()["code"]) == (404, "deleted")
    assert (await office.http.get("/api/leads")).json()["total"] == 0
    assert (await office.http.delete(path)).status_code == 404
    assert (await office.http.post(f"{path}/restore")).status_code == 200
    assert (await office.http.get(path)).status_code == 200


async def test_leads_are_assigned_taken_and_given_back(office: Office) -> None:
    anna = await office.hire("Анна", "manager", 2001)
    boris = await office.hire("Борис", "manager", 2002)
    of_anna = await office.client(anna)
    lead = await office.lead()
    path = f"/api/leads/{lead['id']}/assign"

    given = await office.http.put(path, json={"assigned_to": str(anna.id)})
    assert (given.status_code, given.json()["assigned_to"]) == (200, str(anna.id)), given.text
    assert given.json()["assigned_to_name"] == "Анна"
    over = await of_anna.put(path, json={"assigned_to": str(boris.id)})
    assert over.json()["assigned_to"] == str(boris.id), over.text
    not_hers = await of_anna.put(path, json={"assigned_to": str(anna.id)})
    assert not_hers.status_code == 404
    free = await office.http.put(path, json={"assigned_to": None})
    assert free.json()["assigned_to"] is None
    taken = await of_anna.put(path, json={"assigned_to": str(anna.id)})
    assert taken.json()["assigned_to"] == str(anna.id)
    partner = await office.hire("Павел", "partner", 2003)
    wrong = await office.http.put(path, json={"assigned_to": str(partner.id)})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "assigned_to")


async def test_stages_are_changed_with_their_gates(office: Office) -> None:
    lead = await office.lead()
    stages = (await office.http.get("/api/lead-stages")).json()["items"]
    by_key = {one["key"]: one["id"] for one in stages}
    path = f"/api/leads/{lead['id']}/stage"
    moved = await office.http.put(path, json={"stage_id": by_key["meeting"]})
    assert (moved.status_code, moved.json()["stage"]["key"]) == (200, "meeting")
    silent = await office.http.put(path, json={"stage_id": by_key["refused"]})
    assert (silent.status_code, silent.json()["errors"][0]["field"]) == (422, "reason")
    lost = await office.http.put(path, json={"stage_id": by_key["refused"], "reason": "Дорого"})
    assert lost.json()["stage"]["is_failed"] is True
    unknown = await office.http.put(path, json={"stage_id": lead["id"]})
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "gone")
    gated = f"/api/lead-stages/{by_key['call']}"
    assert (await office.http.put(gated, json={"required_fields": ["inn"]})).status_code == 200
    lacking = await office.http.put(path, json={"stage_id": by_key["call"]})
    assert (lacking.status_code, lacking.json()["code"]) == (422, "stage_needs")
    assert lacking.json()["errors"][0]["field"] == "inn"


async def test_a_lead_becomes_a_customer_once(office: Office) -> None:
    lead = await office.lead(**LEAD)
    path = f"/api/leads/{lead['id']}/qualify"
    first, second = await office.http.post(path), await office.http.post(path)
    assert (first.status_code, first.json()["created"]) == (200, True)
    assert second.json()["created"] is False
    assert first.json()["customer_id"] == second.json()["customer_id"]
    assert first.json()["lead"]["stage"]["is_qualified"] is True
    customer = (await office.http.get(f"/api/customers/{first.json()['customer_id']}")).json()
    assert (customer["qualified_from_lead_id"], customer["company_name"]) == (lead["id"], "Ромашка")
    people = (await office.http.get(f"/api/customers/{customer['id']}/contacts")).json()
    assert [one["full_name"] for one in people["items"]] == ["Борис", "Анна"]


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"phones": ["+79161234567"]}, "name", "required"),
        ({"name": "Иван"}, "primary_phone", "required"),
        ({"name": "Иван", "phones": ["123"]}, "primary_phone", "invalid"),
        ({"name": "Иван", "email": "not an address"}, "email", "invalid"),
        ({"name": "Иван", "phones": ["+79161234567"], "inn": "1234567890"}, "inn", "checksum"),
        ({"name": "Иван", "phones": ["+79161234567"], "amount": -1}, "amount", "out_of_range"),
        ({"name": "Иван", "phones": ["+79161234567"], "surname": "Петров"}, "surname", "unknown"),
        (
            {"name": "Иван", "phones": ["+79161234567"], "custom_fields": {"x": "1"}},
            "custom_fields.x",
            "unknown",
        ),
        ({"name": 7, "phones": ["+79161234567"]}, "name", "invalid"),
        ({"name": "И\x00ван", "phones": ["+79161234567"]}, "name", "invalid"),
        ({"name": "И" * 101, "phones": ["+79161234567"]}, "name", "too_long"),
        ({"name": "Иван", "phones": ["+79161234567"], "contacts": [{}]}, "contacts.full_name", "required"),
    ],
)
async def test_what_cannot_be_a_lead_is_named_and_leaves_nothing(
    office: Office, given: dict[str, Any], field: str, code: str
) -> None:
    refused = await office.http.post("/api/leads", json=given)
    assert refused.status_code == 422, refused.text
    errors = refused.json()["errors"]
    assert (errors[0]["field"], errors[0]["code"]) == (field, code)
    assert (await office.http.get("/api/leads")).json()["total"] == 0
