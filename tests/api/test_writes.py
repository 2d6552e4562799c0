"""A write happens once: repeated with its Idempotency-Key, at the same time as another, or half refused."""

import asyncio
from datetime import timedelta

from tests.api.office import Office

LEAD = {"name": "Иван", "phones": ["+79161234567"]}
KEY = {"Idempotency-Key": "order-17"}


async def total(office: Office) -> int:
    found: int = (await office.http.get("/api/leads")).json()["total"]
    return found


async def test_a_repeated_request_gets_the_answer_it_got(office: Office) -> None:
    first = await office.http.post("/api/leads", json=LEAD, headers=KEY)
    again = await office.http.post("/api/leads", json=LEAD, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert (again.headers["ETag"], again.headers["Location"]) == (
        first.headers["ETag"],
        first.headers["Location"],
    )
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert await total(office) == 1

    deleted = [
        await office.http.delete(first.headers["Location"], headers={"Idempotency-Key": "d"}) for _ in "12"
    ]
    assert [one.status_code for one in deleted] == [204, 204]


async def test_a_key_is_good_for_one_request_only(office: Office) -> None:
    made = await office.http.post("/api/leads", json=LEAD, headers=KEY)
    other = await office.http.post("/api/leads", json={**LEAD, "name": "Пётр"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    elsewhere = await office.http.patch(made.headers["Location"], json=LEAD, headers=KEY)
    assert elsewhere.json()["code"] == "idempotency_key_reused"
    # the keys of another caller are others
    anna = await office.client(await office.hire("Анна", "manager", 2001))
    hers = await anna.post("/api/leads", json={"name": "Х", "phones": ["+79160000001"]}, headers=KEY)
    assert hers.status_code == 201


async def test_a_refused_request_can_be_mended_under_its_key(office: Office) -> None:
    wrong = await office.http.post("/api/leads", json={"name": "Иван"}, headers=KEY)
    assert wrong.status_code == 422
    assert (await office.http.post("/api/leads", json=LEAD, headers=KEY)).status_code == 201


async def test_of_many_at_once_one_is_done(office: Office) -> None:
    answers = await asyncio.gather(
        *(office.http.post("/api/leads", json=LEAD, headers=KEY) for _ in range(8))
    )
    assert {one.status_code for one in answers} == {201}
    assert len({one.content for one in answers}) == 1
    assert await total(office) == 1
    without = await asyncio.gather(
        *(office.http.post("/api/leads", json={**LEAD, "phones": ["+79160000002"]}) for _ in range(6))
    )
    assert sorted(one.status_code for one in without) == [201, 409, 409, 409, 409, 409]


async def test_of_two_who_saw_the_same_state_one_writes(office: Office) -> None:
    lead = await office.lead()
    path, seen = f"/api/leads/{lead['id']}", {"If-Match": f'"{lead["version"]}"'}
    answers = await asyncio.gather(
        *(office.http.patch(path, json={"notes": f"{number}"}, headers=seen) for number in range(6))
    )
    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412, 412, 412]
    person = (
        await office.http.post(f"/api/lead-contacts/lead/{lead['id']}", json={"full_name": "А"})
    ).headers
    path, seen = person["Location"], {"If-Match": person["ETag"]}
    answers = await asyncio.gather(
        *(office.http.put(path, json={"position": f"{number}"}, headers=seen) for number in range(6))
    )
    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412, 412, 412]


async def test_of_two_who_take_a_lead_one_has_it(office: Office) -> None:
    people = [await office.hire(name, "manager", 2001 + place) for place, name in enumerate("АБ")]
    clients = [await office.client(one) for one in people]
    lead = await office.lead()
    answers = await asyncio.gather(*(one.post(f"/api/leads/{lead['id']}/take") for one in clients))
    assert sorted(one.status_code for one in answers) in ([200, 409], [200, 404])


async def test_a_part_that_is_refused_takes_back_the_others(office: Office) -> None:
    lead = await office.lead()
    path = f"/api/leads/{lead['id']}"
    refused = await office.http.patch(path, json={"name": "Пётр", "stage_id": lead["id"]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "stage_id")
    assert (await office.http.get(path)).json() == lead


async def test_answers_are_forgotten_after_a_day(office: Office) -> None:
    await office.http.post("/api/leads", json=LEAD, headers=KEY)
    writes = office.product.services.api_writes
    assert await writes.forget_old() == 0
    office.clock.advance(timedelta(days=1, seconds=1).total_seconds())
    assert await writes.forget_old() == 1
    assert (await office.http.post("/api/leads", json=LEAD, headers=KEY)).status_code == 409
