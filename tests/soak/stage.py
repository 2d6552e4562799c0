"""The processes of a soak: workers of the product and an EspoCRM stand-in, each on its own."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.product import OWNER, SECRET_KEY, free_port

ROOT = Path(__file__).parent.parent.parent
LEASE_SECONDS = 4
START_SECONDS = 60


@dataclass
class Stage:
    """Where everything is, and which processes run. Workers can be killed and come back."""

    folder: Path
    database_url: str
    redis_url: str
    web_port: int
    crm_port: int
    api_key: str = field(default_factory=lambda: secrets.token_hex(16))
    crm: asyncio.subprocess.Process | None = None
    web: asyncio.subprocess.Process | None = None
    workers: list[asyncio.subprocess.Process] = field(default_factory=list)

    @property
    def crm_url(self) -> str:
        return f"http://127.0.0.1:{self.crm_port}"

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    async def start_worker(self) -> None:
        self.workers.append(await self._start("worker", "bot", "run", "worker"))

    async def kill_worker(self, index: int) -> int:
        """kill -9, without a word; returns the process id that its leases bear."""
        process = self.workers.pop(index)
        process.kill()
        await process.wait()
        return process.pid

    async def start_crm(self) -> None:
        self.crm = await self._start(
            "espocrm", "sandbox", "espocrm", "--port", str(self.crm_port), "--api-key", self.api_key
        )
        await _answers(f"{self.crm_url}/sandbox/setup")

    async def start_web(self) -> None:
        self.web = await self._start("web", "bot", "run", "web")
        await _answers(f"{self.web_url}/health/live")

    async def _start(self, name: str, *arguments: str) -> asyncio.subprocess.Process:
        with (self.folder / f"{name}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", *arguments, cwd=ROOT, env=self._environment(), stdout=log, stderr=log
            )

    async def stop(self) -> None:
        for process in (*self.workers, *filter(None, (self.web, self.crm))):
            if process.returncode is None:
                process.kill()
            await process.wait()

    def _environment(self) -> dict[str, str]:
        given = {
            "ENV_FILE": "",
            "BOT_TOKEN": "1000000001:SOAK-no-telegram-is-asked-by-workers",
            "DATABASE_URL": self.database_url,
            "MIGRATIONS_DATABASE_URL": "",
            "REDIS_URL": self.redis_url,
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(self.web_port),
            "PUBLIC_URL": self.web_url,
            "API_RATE": "1000000",
            "SECRET_KEY": SECRET_KEY,
            "ADMIN_IDS": str(OWNER),
            "EGRESS_ALLOW": f"127.0.0.1:{self.crm_port}",
            "CRM_PROVIDER": "espocrm",
            "CRM_URL": self.crm_url,
            "CRM_API_KEY": self.api_key,
            "CRM_TIMEOUT": "2",
            "OPERATION_LEASE": f"{LEASE_SECONDS}s",
            "RETRY_DELAYS": ",".join(["1s"] * 12),
            "LOG_LEVEL": "WARNING",
            "LOG_FORMAT": "json",
        }
        return {**os.environ, **given}


@asynccontextmanager
async def open_stage(folder: Path, database_url: str, redis_url: str) -> AsyncIterator[Stage]:
    """A stage with a CRM on it, doors and workers still to be started; all of it ends with the block."""
    stage = Stage(folder, database_url, redis_url, free_port(), free_port())
    try:
        await stage.start_crm()
        yield stage
    finally:
        await stage.stop()


async def _answers(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(START_SECONDS * 10):
            try:
                if (await client.get(url)).status_code < 500:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise TimeoutError(url)
