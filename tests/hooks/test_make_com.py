"""Make.com: the secret, lead with contact and meeting, the stage by name, 409, rotation, health."""

from datetime import timedelta

import pytest

from domain.hooks_in import HookKind
from domain.members import Right
from tests.api.office import Office
from tests.databases import owning
from tests.hooks.seen import all_taken_in, made, rows

PATH = "/api/leads/webhook"
MAIL = {
    "company_name": "ООО Ромашка",
    "email": "zakaz@romashka.ru",
    "phones": "+7 916 111-22-33, 8 (495) 123-45-67",
    "inn": "7707083893",
    "segment": "B2B",
    "notes": "Просит прайс",
    "stage": "Встреча",
    "contact_name": "Пётр Иванов",
    "contact_position": "Директор",
    "contact_email": "petr@romashka.ru",
    "meeting_scheduled_at": "24.12.2027 15:30",
    "meeting_title": "Показ",
    "meeting_duration_minutes": 45,
}


async def secret(office: Office) -> str:
    inlet = await made(office, HookKind.MAKE)
    return await office.product.services.hook_secrets.issue(office.owner, inlet.id)


async def test_one_mail_is_a_lead_a_contact_and_a_meeting(office: Office) -> None:
    shown = {"X-Webhook-Secret": await secret(office)}
    answer = await office.http.post(PATH, json=MAIL, headers=shown)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    lead = (await office.http.get(f"/api/leads/{told['lead_id']}")).json()
    assert (lead["company_name"], lead["segment"], lead["source"]) == ("ООО Ромашка", "B2B", "make")
    assert lead["phones"] == ["+79161112233", "+74951234567"]
    assert lead["stage_id"] == told["stage_id"]
    (stage,) = [row for row in await rows(office, "stages") if row.key == "meeting"]
    assert told["stage_id"] == str(stage.id)
    (contact,) = lead["contacts"]
    assert (contact["id"], contact["full_name"]) == (told["contact_id"], "Пётр Иванов")
    assert (contact["position"], contact["is_primary"]) == ("Директор", True)
    meeting = (await office.http.get(f"/api/activities/{told['activity_id']}")).json()
    assert (meeting["type"], meeting["title"]) == ("meeting", "Показ")
    assert meeting["scheduled_at"].startswith("2027-12-24T12:30")


async def test_an_unknown_stage_is_made_once(office: Office) -> None:
    shown = {"X-Webhook-Secret": await secret(office)}
    stages = []
    for number in (1, 2):
        mail = {"company_name": "A", "email": f"a{number}@b.ru", "stage_name": " Из почты "}
        stages.append((await office.http.post(PATH, json=mail, headers=shown)).json()["stage_id"])
    assert stages[0] == stages[1]
    assert [row.kind for row in await rows(office, "stages") if row.name == "Из почты"] == ["open"]
    names = [one["name"] for one in (await office.http.get("/api/lead-stages")).json()["items"]]
    assert names.index("Из почты") == 4


async def test_a_known_email_is_409_with_the_lead(office: Office) -> None:
    shown = {"X-Webhook-Secret": await secret(office)}
    first = (await office.http.post(PATH, json=MAIL, headers=shown)).json()
    office.clock.advance(timedelta(days=200).total_seconds())
    for again in (
        {"company_name": "X", "email": "ZAKAZ@romashka.ru"},
        {"name": "Y", "email": "petr@romashka.ru"},
    ):
        refused = await office.http.post(PATH, json=again, headers=shown)
        assert (refused.status_code, refused.json()["lead_id"]) == (409, first["lead_id"])
        assert refused.json()["code"] == "duplicate_lead"
    assert len(await rows(office, "leads")) == 1
    assert [row.state for row in await rows(office, "inbox")] == ["done", "rejected", "rejected"]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"phones": "12", "email": "x"}, {"phone", "email"}),
        ({"meeting_scheduled_at": "soon"}, {"meeting_scheduled_at"}),
        ({"inn": "123"}, {"inn"}),
        ({"contact_phone": "12"}, {"contact_phone"}),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_made(
    office: Office, change: dict[str, str], fields: set[str]
) -> None:
    shown = {"X-Webhook-Secret": await secret(office)}
    answer = await office.http.post(PATH, json={**MAIL, **change}, headers=shown)
    assert answer.status_code == 422, answer.text
    assert {one["field"] for one in answer.json()["errors"]} == fields
    assert [await rows(office, table) for table in ("leads", "contacts", "activities")] == [[], [], []]


async def test_without_the_secret_nothing_opens(office: Office) -> None:
    await secret(office)
    for shown in ({}, {"X-Webhook-Secret": "whs_guess"}, {"X-Webhook-Secret": ""}):
        answer = await office.http.post(PATH, json=MAIL, headers=shown)
        assert (answer.status_code, answer.json()["code"]) == (401, "webhook_secret_wrong")
    assert await rows(office, "inbox") == []


async def test_two_secrets_open_while_one_takes_the_others_place(office: Office) -> None:
    inlet = await made(office, HookKind.MAKE)
    secrets = office.product.services.hook_secrets
    old = await secrets.issue(office.owner, inlet.id)
    new = await secrets.issue(office.owner, inlet.id)

    async def opens(value: str) -> bool:
        answer = await office.http.get(f"{PATH}/health", headers={"X-Webhook-Secret": value})
        return answer.status_code == 200

    assert (await opens(old), await opens(new)) == (True, True)
    office.clock.advance(timedelta(days=7, minutes=1).total_seconds())
    assert (await opens(old), await opens(new)) == (False, True)
    newest = await secrets.issue(office.owner, inlet.id)
    await secrets.end_old(office.owner, inlet.id)
    assert (await opens(new), await opens(newest)) == (False, True)
    kept = str(await rows(office, "hook_secrets"))
    assert all(value not in kept for value in (old, new, newest))


async def test_health_tells_of_the_door_and_of_the_secret(office: Office) -> None:
    assert (await office.http.get(f"{PATH}/health")).json() == {"status": "ok"}
    shown = {"X-Webhook-Secret": await secret(office)}
    told = (await office.http.get(f"{PATH}/health", headers=shown)).json()
    assert told == {"status": "ok", "secret": "accepted"}


async def test_admins_are_told_of_a_secret_of_90_days(office: Office) -> None:
    await secret(office)
    secrets = office.product.services.hook_secrets
    for days, told in ((89, 0), (2, 1), (1, 0), (30, 1)):
        office.clock.advance(timedelta(days=days).total_seconds())
        assert await secrets.warn_old() == told, days
    notices = [row for row in await rows(office, "notices") if row.kind == "hook.old_secret"]
    assert {row.chat_id for row in notices} == {office.owner.telegram_id}
    assert office.owner.may(Right.CRM_MANAGE)


async def test_what_could_not_be_finished_is_taken_later(office: Office) -> None:
    import sqlalchemy as sa

    shown = {"X-Webhook-Secret": await secret(office)}
    url = office.product.db.url
    async with owning(url) as connection:
        await connection.execute(sa.text("ALTER TABLE lead_history RENAME TO history_away"))
    answer = await office.http.post(PATH, json=MAIL, headers=shown)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    async with owning(url) as connection:
        await connection.execute(sa.text("ALTER TABLE history_away RENAME TO lead_history"))
    office.clock.advance(61)
    await all_taken_in(office)
    assert len(await rows(office, "leads")) == 1
    assert (await office.http.post(PATH, json=MAIL, headers=shown)).status_code == 409
