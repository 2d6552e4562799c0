"""The side server's manners: limits, broken bodies, probes, health, and what its log says."""

import json
from typing import Any

import pytest
import structlog

from domain.errors import BadInput
from services.health import Health
from storage import migrations
from storage.db import Database
from tests.delivery.doors import TELEGRAM_SECRET, Doors, open_doors
from tests.delivery.house import House

MIB = 1024 * 1024


async def paths(doors: Doors) -> list[str]:
    hook = await doors.hook("Lead.update")
    return [f"/webhooks/espocrm/{hook.key}", f"/hooks/website/{await doors.form_key()}"]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "broken_json"),
        (b"", "application/json", 400, "broken_json"),
        (b"\xff\xfe\x00", "application/json", 400, "broken_json"),
        (b"[" * 65 + b"]" * 65, "application/json", 400, "too_deep"),
        (b"[" * 200_000 + b"]" * 200_000, "application/json", 400, "too_deep"),
        (b" " * (MIB + 1), "application/json", 413, "too_large"),
        (b"<a/>", "text/xml", 415, "unsupported_media_type"),
        (b"{}", "", 415, "unsupported_media_type"),
    ],
)
async def test_bad_bodies_get_a_reason(
    doors: Doors, body: bytes, content_type: str, status: int, code: str
) -> None:
    for path in await paths(doors):
        answer = await doors.client.post(path, content=body, headers={"Content-Type": content_type})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["status"] == status
    assert await doors.house.rows("inbox") == []


async def test_an_oversize_body_without_a_length_is_cut_off(doors: Doors) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b"x" * (MIB // 20)

    for path in await paths(doors):
        answer = await doors.client.post(
            path, content=endless(), headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"[]", b'"text"', b'{"name": {"deep": 1}}'])
async def test_a_form_in_json_is_an_object_of_texts(doors: Doors, body: bytes) -> None:
    path = f"/hooks/website/{await doors.form_key()}"
    answer = await doors.client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "not_an_object")


async def test_a_broken_multipart_body_is_named(doors: Doors) -> None:
    path = f"/hooks/website/{await doors.form_key()}"
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = await doors.client.post(path, content=b"rubbish", headers={"Content-Type": content_type})
        assert (answer.status_code, answer.json()["code"]) == (400, "broken_form")


@pytest.mark.parametrize("key", ["%00%00%00%00", "%D0%BA%D0%BB%D1%8E%D1%87", "a" * 65, "..%2F..%2Fx"])
async def test_a_key_that_cannot_be_one_is_an_unknown_address(doors: Doors, key: str) -> None:
    for path in (f"/webhooks/espocrm/{key}", f"/hooks/website/{key}"):
        answer = await doors.client.post(path, json={})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_characters_that_no_database_takes(doors: Doors) -> None:
    path = f"/hooks/website/{await doors.form_key()}"
    body = b'{"name": "\\ud800", "phone": "+79167654321\\u0000", "email": "a@b.ru", "referral_code": "x"}'
    headers = {b"Content-Type": b"application/json", b"Idempotency-Key": b"\xff\xfe"}
    assert (await doors.client.post(path, content=body, headers=headers)).status_code == 200
    answer = await doors.client.post(
        "/telegram/webhook", content=UPDATE, headers={b"X-Telegram-Bot-Api-Secret-Token": b"\xff"}
    )
    assert answer.status_code == 403


async def test_vendors_may_probe_an_address(doors: Doors) -> None:
    for path in [*await paths(doors), "/webhooks/espocrm/whatever"]:
        for method in ("HEAD", "GET"):
            answer = await doors.client.request(method, path)
            assert (answer.status_code, answer.content) == (200, b"")


async def test_other_addresses_and_methods(doors: Doors) -> None:
    assert (await doors.client.get("/nothing")).json()["code"] == "not_found"
    refused = await doors.client.put((await paths(doors))[0], json={})
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in refused.headers["Allow"]


@pytest.mark.parametrize(
    ("accept", "language"), [("", "en"), ("ru-RU,ru;q=0.9", "ru"), ("fr, en;q=0.1", "en")]
)
async def test_errors_speak_the_callers_language(doors: Doors, accept: str, language: str) -> None:
    from locales import translator

    answer = await doors.client.get("/nothing", headers={"Accept-Language": accept})
    expected = translator(language).gettext("There is nothing at this address.")
    assert answer.json()["title"] == expected


async def test_health(doors: Doors) -> None:
    assert (await doors.client.get("/health/live")).json() == {"status": "ok"}
    ready = await doors.client.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"database": "ok", "migrations": "ok"})


async def test_not_ready_without_the_newest_migration(house_alone: House) -> None:
    async with open_doors(house_alone, health=Health(house_alone.db, "9999")) as doors:
        answer = await doors.client.get("/health/ready")
        assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "outdated")


async def test_not_ready_without_a_table(house_alone: House, bare_url: str) -> None:
    bare = Database(bare_url)
    async with open_doors(house_alone, health=Health(bare, migrations.head())) as doors:
        assert (await doors.client.get("/health/ready")).status_code == 503
    await bare.close()


async def test_not_ready_without_a_database(house_alone: House, tmp_path: Any) -> None:
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    async with open_doors(house_alone, health=Health(away, migrations.head())) as doors:
        answer = await doors.client.get("/health/ready")
        assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "unreachable")
    await away.close()


async def test_a_database_that_is_away_is_a_503_without_a_trace(house: House) -> None:
    async with open_doors(house) as doors:
        for path in await paths(doors):
            away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
            house.intake.db = house.form.kept.db = away
            answer = await doors.client.post(path, json={})
            house.intake.db = house.form.kept.db = house.db
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert answer.json()["error_id"]
            assert "Traceback" not in answer.text


UPDATE = json.dumps({"update_id": 7, "message": {"message_id": 1, "date": 0, "chat": {"id": 5}}}).encode()
JSON = {"Content-Type": "application/json"}
SECRET = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}


async def test_an_update_is_in_the_journal_before_it_is_answered(doors: Doors) -> None:
    for _ in range(2):
        answer = await doors.client.post("/telegram/webhook", content=UPDATE, headers={**JSON, **SECRET})
        assert answer.status_code == 200
    async with doors.house.db.reading(system=True) as session:
        import sqlalchemy as sa

        assert await session.scalar(sa.text("SELECT count(*) FROM updates")) == 1


@pytest.mark.parametrize("headers", [{}, {"X-Telegram-Bot-Api-Secret-Token": "guess"}])
async def test_an_update_without_the_secret_is_refused(doors: Doors, headers: dict[str, str]) -> None:
    answer = await doors.client.post("/telegram/webhook", content=UPDATE, headers={**JSON, **headers})
    assert (answer.status_code, answer.json()["code"]) == (403, "webhook_refused")


async def test_without_a_configured_secret_the_door_is_closed(house_alone: House) -> None:
    async with open_doors(house_alone, telegram_secret="") as doors:
        answer = await doors.client.post(
            "/telegram/webhook", content=UPDATE, headers={"X-Telegram-Bot-Api-Secret-Token": ""}
        )
        assert answer.status_code == 403


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"update_id": "x"}'])
async def test_a_broken_update_is_refused(doors: Doors, body: bytes) -> None:
    answer = await doors.client.post("/telegram/webhook", content=body, headers={**JSON, **SECRET})
    assert (answer.status_code, answer.json()["code"]) == (400, "broken_json")


class AwayJournal:
    """A journal whose disk is full."""

    async def accept(self, body: bytes) -> None:
        raise OSError("no space left")


async def test_telegram_is_asked_to_repeat_what_could_not_be_kept(house_alone: House) -> None:
    async with open_doors(house_alone, journal=AwayJournal()) as doors:
        answer = await doors.client.post("/telegram/webhook", content=UPDATE, headers={**JSON, **SECRET})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert "space" not in answer.text


async def test_no_key_and_no_personal_data_in_the_log(doors: Doors) -> None:
    hook_path, form_path = await paths(doors)
    person = {"name": "Анна Кузнецова", "phone": "+79167654321", "email": "anna@example.com"}
    with structlog.testing.capture_logs() as lines:
        await doors.client.post(hook_path, json=[])
        await doors.client.post(form_path, json=person)
        await doors.client.post(form_path, json={**person, "referral_code": "x"})
        await doors.house.work()
    said = json.dumps(lines, ensure_ascii=False, default=str)
    assert "/webhooks/{provider}/{key}" in said
    for secret in (*person.values(), hook_path.rpartition("/")[2], form_path.rpartition("/")[2]):
        assert secret not in said


def test_bad_input_carries_its_fields() -> None:
    error = BadInput("name", "required", fields={"name": "required"})
    assert error.params["fields"] == {"name": "required"}
