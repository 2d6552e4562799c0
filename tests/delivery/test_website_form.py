"""The website's form: what it takes, what it refuses, and that nothing sent is lost."""

import asyncio
import json
from typing import Any

import pytest

from services.hooks_in.kept import LEASE
from storage.hooks_in import hooks
from tests.databases import owning
from tests.delivery.doors import Doors
from tests.delivery.house import PARTNER

FULL: dict[str, Any] = {
    "name": "Анна Кузнецова",
    "phone": "8 (916) 765-43-21",
    "email": "Anna@Example.com",
    "referral_code": f"code{PARTNER}",
    "utm_source": "vk",
    "utm_campaign": "осень",
    "user_type": "student",
    "language": "ru",
    "field_of_study": "право",
    "universities": ["МГУ", "СПбГУ"],
    "comment": "звонить вечером",
    "strange": "field",
}


async def test_a_form_walks_the_same_road_into_the_crm(doors: Doors) -> None:
    answer = await doors.submit(FULL)
    assert (answer.status_code, answer.json()) == (200, {"status": "accepted"})
    await doors.house.work()
    (record,) = doors.house.crm.leads()
    assert record["phoneNumberData"][0]["phoneNumber"] == "+79167654321"
    assert record["emailAddressData"][0]["emailAddress"] == "anna@example.com"
    assert record["source"] == "Web Site"
    assert (record["cReferralCode"], record["cUtmSource"]) == (f"code{PARTNER}", "vk")
    assert (record["cUtmCampaign"], record["cUniversities"]) == ("осень", "МГУ, СПбГУ")
    assert record["description"] == "звонить вечером"
    (lead,) = await doors.house.rows("leads")
    assert lead.sender_id == doors.house.partner.id
    assert await doors.house.told("receipt") >= 1


@pytest.mark.parametrize("kind", ["data", "files"])
async def test_a_form_may_be_urlencoded_or_multipart(doors: Doors, kind: str) -> None:
    text = {name: value for name, value in FULL.items() if isinstance(value, str)}
    path = f"/hooks/website/{await doors.form_key()}"
    if kind == "files":
        parts = {name: (None, value) for name, value in text.items()}
        answer = await doors.client.post(path, files={**parts, "photo": ("a.png", b"\x89PNG", "image/png")})
    else:
        answer = await doors.client.post(path, data=text)
    assert answer.status_code == 200, answer.text
    (lead,) = await doors.house.rows("leads")
    assert (lead.name, lead.note) == ("Анна Кузнецова", "звонить вечером")


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"name": None, "email": " ", "referral_code": ""}, {"name", "email", "referral_code"}),
        ({"phone": "12", "email": "anna@"}, {"phone", "email"}),
        ({"name": "я" * 101}, {"name"}),
    ],
)
async def test_everything_wrong_is_named_at_once_and_the_form_is_kept(
    doors: Doors, change: dict[str, Any], wrong: set[str]
) -> None:
    answer = await doors.submit({**FULL, **change})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"] == "bad_input"
    assert {error["field"] for error in answer.json()["errors"]} == wrong
    (row,) = await doors.house.rows("inbox")
    assert row.state == "rejected"
    assert json.loads(row.body)["comment"] == "звонить вечером"
    assert await doors.house.rows("leads") == []


async def test_a_form_may_have_its_own_minimum(doors: Doors) -> None:
    key = await doors.form_key()
    async with doors.house.db.transaction(doors.house.organization_id) as session:
        (hook,) = await hooks.of_provider(session, "website")
        await hooks.change(session, hook.id, settings={"required": ["name", "phone"]})
    answer = await doors.client.post(f"/hooks/website/{key}", json={"name": "А", "phone": "+79167654321"})
    assert answer.status_code == 200


async def test_first_and_last_name_make_a_name(doors: Doors) -> None:
    fields = {name: value for name, value in FULL.items() if name != "name"}
    assert (await doors.submit({**fields, "first_name": "Анна", "last_name": "Лис"})).status_code == 200
    assert (await doors.house.rows("leads"))[0].name == "Анна Лис"


async def test_a_known_person_is_attached_and_the_stranger_learns_nothing(doors: Doors) -> None:
    first = await doors.submit(FULL)
    second = await doors.submit({**FULL, "comment": "ещё раз"})
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert len(await doors.house.rows("leads")) == 1
    (note,) = await doors.house.rows("activities")
    assert "ещё раз" in note.text


async def test_the_same_submission_twice_is_one(doors: Doors) -> None:
    for _ in range(3):
        answer = await doors.submit(FULL, headers={"Idempotency-Key": "abc"})
        assert answer.status_code == 200
    assert len(await doors.house.rows("inbox")) == 1
    assert await doors.house.rows("activities") == []


async def test_the_same_submissions_at_once_are_one(doors: Doors) -> None:
    await doors.form_key()
    answers = await asyncio.gather(*(doors.submit(FULL, headers={"Idempotency-Key": "x"}) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await doors.house.rows("leads")) == 1
    assert await doors.house.rows("activities") == []


async def test_a_corrected_submission_is_not_taken_for_the_refused_one(doors: Doors) -> None:
    assert (await doors.submit({**FULL, "email": "", "event_id": "1"})).status_code == 422
    assert (await doors.submit({**FULL, "event_id": "1"})).status_code == 200
    assert len(await doors.house.rows("leads")) == 1


async def test_an_unknown_key_is_refused(doors: Doors) -> None:
    answer = await doors.client.post("/hooks/website/nosuchkey", json=FULL)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    hook = await doors.hook("Lead.update")
    assert (await doors.client.post(f"/hooks/website/{hook.key}", json=FULL)).status_code == 404


async def test_a_form_that_could_not_be_finished_is_taken_later(doors: Doors) -> None:
    """The database refuses the lead after the submission was kept: 503 now, a lead by the worker later."""
    house = doors.house
    await break_leads(doors)
    answer = await doors.submit(FULL)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.json()["error_id"]
    await mend_leads(doors)
    assert await house.rows("leads") == []
    house.clock.advance(LEASE.total_seconds() + 1)
    assert await house.inbox.work_once() == 1
    assert len(await house.rows("leads")) == 1
    assert [row.state for row in await house.rows("inbox")] == ["done"]


async def break_leads(doors: Doors) -> None:
    import sqlalchemy as sa

    async with owning(doors.house.db.url) as connection:
        await connection.execute(sa.text("ALTER TABLE lead_history RENAME TO lead_history_away"))


async def mend_leads(doors: Doors) -> None:
    import sqlalchemy as sa

    async with owning(doors.house.db.url) as connection:
        await connection.execute(sa.text("ALTER TABLE lead_history_away RENAME TO lead_history"))


async def test_a_browser_may_ask_first_and_read_every_answer(doors: Doors) -> None:
    path = f"/hooks/website/{await doors.form_key()}"
    asked = await doors.client.options(path, headers={"Origin": "https://site.example"})
    assert asked.status_code == 204
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    for answer in (asked, await doors.client.post(path, json={}), await doors.client.post(path, content="{")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
