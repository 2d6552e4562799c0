"""What an operator may have got wrong: one sentence that says what to do, and exit code 2."""

import base64
import socket
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import starting
from bot.operating.troubles import CannotStart
from bot.settings import load_settings
from bot.starting import check_redis, prepare_database
from sandbox.telegram.server import TelegramSandbox
from services.health import Health
from storage.db import Database
from storage.migrations import upgrade
from storage.revision import newest
from tests.databases import PostgresDatabases, owning
from tests.product import free_port
from tests.programs import run, started
from tests.waiting import until

KEY = base64.b64encode(b"k" * 32).decode()


def given(url: str, **more: str) -> dict[str, str]:
    return {"ENV_FILE": "", "BOT_TOKEN": "1:x", "SECRET_KEY": KEY, "DATABASE_URL": url, **more}


async def stands_at(url: str, revision: str) -> None:
    async with owning(url) as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = :at"), {"at": revision})


async def test_a_database_that_is_ahead_ends_the_start_and_not_a_replica_that_runs(
    bare_url: str,
) -> None:
    await upgrade(bare_url)
    db = Database(bare_url)
    health = Health(db, newest())
    await stands_at(bare_url, "9999")
    # while replicas are replaced one by one the old ones go on
    assert (await health.ready()).checks == {"database": "ok", "migrations": "newer"}
    code, said = await run(["run", "web"], given(bare_url, LOG_LEVEL="ERROR"))
    assert code == 2
    assert said.startswith(
        f"The database stands at 9999 and this program knows only {newest()}: start the newer"
    )
    assert len(said.strip().splitlines()) == 1
    await stands_at(bare_url, "0000")
    assert not (await health.ready()).ready
    await db.close()


async def test_a_role_that_may_not_migrate_is_told_who_may(
    postgres_databases: PostgresDatabases, tmp_path: Path
) -> None:
    url = await postgres_databases.migrated(tmp_path)
    settings = load_settings(bot_token="1:x", secret_key=KEY, database_url=url)
    await prepare_database(settings)
    before = newest()
    await stands_at(url, "0010")
    try:
        with pytest.raises(CannotStart, match="this role may not change tables: run `python -m bot migrate`"):
            await prepare_database(settings)
    finally:
        await stands_at(url, before)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql+asyncpg://u:secret@127.0.0.1:1/d", "The database at 127.0.0.1:1/d does not answer"),
        ("sqlite+aiosqlite:////proc/none/x.db", ""),
    ],
)
async def test_a_database_that_is_away_is_one_sentence(url: str, sentence: str) -> None:
    code, said = await run(["migrate"], given(url))
    assert code == 2
    assert sentence in said
    assert "secret" not in said
    assert len(said.strip().splitlines()) == 1


async def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        url = f"sqlite+aiosqlite:///{tmp_path}/x.db"
        code, said = await run(["run", "web"], given(url, HTTP_PORT=port, LOG_LEVEL="ERROR"))
    assert code == 2
    assert said.startswith(f"HTTP_PORT: cannot listen on 127.0.0.1:{port} (address already in use)")


async def test_a_webhook_that_telegram_refuses_is_one_sentence(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        method = request.path.split("/")[-1]
        if method == "setWebhook":
            wrong = "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
            return web.json_response({"ok": False, "error_code": 400, "description": wrong}, status=400)
        me = {"id": 1, "is_bot": True, "first_name": "Ours", "username": "our_bot"}
        return web.json_response({"ok": True, "result": me if method == "getMe" else True})

    app = web.Application()
    app.router.add_post("/{rest:.*}", answer)
    async with TestServer(app) as server:
        environment = given(
            f"sqlite+aiosqlite:///{tmp_path}/x.db",
            BOT_API_URL=f"http://127.0.0.1:{server.port}",
            BOT_MODE="webhook",
            TELEGRAM_SECRET="s",
            PUBLIC_URL="http://bot.example.com",
            LOG_LEVEL="ERROR",
        )
        code, said = await run(["run", "bot"], environment)
    assert code == 2, said
    assert said.startswith("Telegram refuses PUBLIC_URL http://bot.example.com as a webhook (Bad Request")


async def test_an_old_redis_ends_the_start_and_one_that_is_away_does_not(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def settings(url: str) -> starting.Settings:
        return load_settings(bot_token="1:x", secret_key=KEY, redis_url=url)

    await check_redis(settings(valkey_url))
    await check_redis(settings("redis://127.0.0.1:1"))
    monkeypatch.setattr(starting, "OLDEST_REDIS", (99, 0))
    with pytest.raises(CannotStart, match=r"REDIS_URL: this is Redis .*, and 99\.0 or newer is needed"):
        await check_redis(settings(valkey_url))


async def test_the_doctor_names_what_is_wrong(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        wrong = {"url": "https://other.example/hook", "pending_update_count": 3}
        me = {"username": "our_bot", "can_join_groups": False, "supports_inline_queries": True}
        results = {"getMe": me, "getWebhookInfo": wrong}
        headers = {"Date": "Sat, 01 Jan 2000 00:00:00 GMT"}
        return web.json_response(
            {"ok": True, "result": results[request.path.split("/")[-1]]}, headers=headers
        )

    app = web.Application()
    app.router.add_get("/{rest:.*}", answer)
    async with TestServer(app) as server:
        environment = given(
            f"sqlite+aiosqlite:///{tmp_path}/x.db",
            BOT_API_URL=f"http://127.0.0.1:{server.port}",
            BOT_MODE="webhook",
            TELEGRAM_SECRET="s",
            PUBLIC_URL="http://127.0.0.1:1",
            REDIS_URL="redis://:hunter22@127.0.0.1:1",
            SMTP_URL="smtp://me@example.com:hunter22@127.0.0.1:1",
        )
        assert (await run(["migrate"], environment))[0] == 0
        await stands_at(environment["DATABASE_URL"], "0003")
        code, said = await run(["doctor"], environment)
    assert code == 1
    for sentence in (
        "ADMIN_IDS is empty",
        f"The database is behind: it stands at 0003, the program knows {newest()}.",
        "The clock of the Bot API is",
        "The bot may not be added to groups",
        "Telegram sends updates to https://other.example/hook, not to http://127.0.0.1:1/telegram/webhook.",
        "http://127.0.0.1:1 does not answer (ConnectError)",
        "127.0.0.1 does not answer (ConnectionError)",
        "127.0.0.1:1 does not work (ConnectionRefusedError)",
    ):
        assert sentence in said, said
    assert "hunter22" not in said


async def test_the_doctor_reads_wrong_settings_first() -> None:
    code, said = await run(["doctor"], given("mysql://x", HTTP_PORT="no"))
    assert code == 1
    assert "DATABASE_URL must be a URL that starts with" in said
    assert "HTTP_PORT must be a port" in said


async def test_the_doctor_makes_nothing(tmp_path: Path) -> None:
    environment = given(f"sqlite+aiosqlite:///{tmp_path}/y.db", BOT_API_URL="http://127.0.0.1:1")
    code, said = await run(["doctor"], environment)
    assert code == 1
    assert "is not there yet" in said
    assert not (tmp_path / "y.db").exists()


async def test_a_telegram_that_is_away_holds_the_chat_only(tmp_path: Path) -> None:
    said, port, away = tmp_path / "said", free_port(), free_port()
    environment = given(
        f"sqlite+aiosqlite:///{tmp_path}/x.db",
        BOT_API_URL=f"http://127.0.0.1:{away}",
        HTTP_PORT=str(port),
        LOG_LEVEL="WARNING",
    )
    said.touch()
    with started(["run", "all"], environment, said):
        await until(lambda: "telegram.unreachable" in said.read_text(), seconds=60)
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200
        async with TelegramSandbox(port=away, token="1:x") as telegram:
            await until(lambda: telegram.world.api.updates.polling, seconds=30)
            assert said.read_text().count("telegram.unreachable") == 1
