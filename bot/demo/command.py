"""`python -m bot demo`: the real bot on a fresh SQLite file, with a local Telegram and a CRM stand-in.

All three are processes of their own and meet over HTTP alone. The stand-ins' clocks run fast and the
retry delays are short, so that nobody waits for a two-minute cron.
"""

import asyncio
import base64
import os
import secrets
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from locales import N_, translator

FOLDER = Path("data/demo")
PORTS = (8081, 8091, 8080)
BOT = 1000000001
USERNAME = "voronka_demo_bot"
OWNER, MANAGER, PARTNER = 1001, 1002, 1003
COLLEAGUE, AGENCY = 1005, 1006
PEOPLE = (
    (PARTNER, "partner", N_("Partner Paul")),
    (MANAGER, "manager", N_("Manager Mary")),
    (OWNER, "owner", N_("Admin Olga")),
)
HANDS = (
    (COLLEAGUE, "colleague", N_("Manager Max")),
    (AGENCY, "agency", N_("Agency North")),
)
"""Who is on the stage besides where a day has been worked."""

START_SECONDS = 60


class DemoFailed(Exception):
    """The demo cannot go on; the text says why in one sentence."""


@dataclass(slots=True)
class Stage:
    """The three processes, where they listen, where they write, and the keys they share."""

    language: str
    folder: Path
    telegram_port: int
    espocrm_port: int
    bot_port: int
    api_key: str = field(default_factory=lambda: secrets.token_hex(16))
    token: str = field(default_factory=lambda: f"{BOT}:DEMO-{secrets.token_hex(16)}")
    """A new one each time: what an earlier demo has left behind, or one that begins in the same moment, does
    not get into this one's chats."""

    secret_key: str = field(default_factory=lambda: base64.b64encode(os.urandom(32)).decode())
    processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    @property
    def telegram(self) -> str:
        return f"http://127.0.0.1:{self.telegram_port}"

    @property
    def espocrm(self) -> str:
        return f"http://127.0.0.1:{self.espocrm_port}"

    @property
    def bot(self) -> str:
        return f"http://127.0.0.1:{self.bot_port}"

    async def start(self, name: str, *arguments: str, quiet: bool = False) -> None:
        """Start a process of this Python; its log goes to the stage's folder when `quiet`."""
        log = (self.folder / f"{name}.log").open("ab") if quiet else None
        self.processes[name] = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *arguments, env=self._environment(), stdout=log, stderr=log
        )

    async def start_bot(self, *, quiet: bool = False, day: bool = False) -> None:
        """Start the bot, with a `day` behind it or without, and wait until its doors are open and it has
        greeted Telegram."""
        await self.start("bot", *(("bot.demo.day",) if day else ("bot", "run")), quiet=quiet)
        await self.wait_for("bot", f"{self.bot}/health/ready")

    async def kill_bot(self) -> None:
        """kill -9: no time to tidy up."""
        process = self.processes.pop("bot")
        process.kill()
        await process.wait()

    async def wait_for(self, name: str, url: str) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(START_SECONDS * 10):
                if self.processes[name].returncode is not None:
                    raise DemoFailed(f"The {name} process ended at once; its log is in {self.folder}.")
                try:
                    if (await client.get(url)).status_code < 400:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
        raise DemoFailed(f"The {name} process did not answer within {START_SECONDS} seconds.")

    async def stop(self) -> None:
        for process in self.processes.values():
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                await asyncio.wait_for(process.wait(), 15)
            except TimeoutError:
                process.kill()

    def _environment(self) -> dict[str, str]:
        given = {
            "ENV_FILE": "",
            "BOT_TOKEN": self.token,
            "BOT_API_URL": self.telegram,
            "BOT_MODE": "polling",
            "DATABASE_URL": f"sqlite+aiosqlite:///{self.folder / 'voronka.db'}",
            "REDIS_URL": "",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(self.bot_port),
            "PUBLIC_URL": self.bot,
            "SECRET_KEY": self.secret_key,
            "ADMIN_IDS": str(OWNER),
            "ORGANIZATION_NAME": "Voronka Demo",
            "DEFAULT_LANGUAGE": self.language,
            "EGRESS_ALLOW": f"127.0.0.1:{self.espocrm_port}",
            "CRM_PROVIDER": "espocrm",
            "CRM_URL": self.espocrm,
            "CRM_API_KEY": self.api_key,
            "CRM_SECRET": "",
            "RETRY_DELAYS": "2s,3s,5s,10s,20s,30s,60s",
            # the addresses are to stay in sight
            "LOG_LEVEL": "WARNING",
        }
        return {**os.environ, **given}


@asynccontextmanager
async def stage(
    language: str,
    *,
    quiet: bool,
    folder: Path = FOLDER,
    ports: tuple[int, int, int] = PORTS,
    day: bool = False,
) -> AsyncIterator[Stage]:
    """Everything started on a fresh database in `folder`, which is emptied; ended with the block.

    `ports` are those of Telegram, EspoCRM and the bot; 0, like a taken one, stands for any free port. With
    a `day` a team has worked there already (see bot/demo/day.py), otherwise nobody has come yet.
    """
    _empty(folder)
    telegram, espocrm, bot = map(_port, ports)
    made = Stage(language, folder, telegram, espocrm, bot)
    try:
        speak = translator(language).gettext
        people = [
            part
            for identity, user, name in (*PEOPLE, *(HANDS if day else ()))
            for part in ("--person", f"{identity}:{speak(name)}:{language}:demo_{user}:+7916000{identity}")
        ]
        await made.start(
            "telegram", "sandbox", "telegram", "--port", str(made.telegram_port), "--token", made.token,
            "--username", USERNAME, "--name", "Voronka", "--speed", "10",
            "--link", f"EspoCRM={made.espocrm}/", *people, quiet=True,
        )  # fmt: skip
        await made.start(
            "espocrm", "sandbox", "espocrm", "--port", str(made.espocrm_port),
            "--api-key", made.api_key, "--speed", "60", quiet=True,
        )  # fmt: skip
        await made.wait_for("telegram", f"{made.telegram}/bot{made.token}/getMe")
        await made.wait_for("espocrm", made.espocrm)
        if day:
            await _open_chats(made)
        await made.start_bot(quiet=quiet, day=day)
        yield made
    finally:
        await made.stop()


async def _open_chats(made: Stage) -> None:
    """Whoever works there has the bot's chat open; only the new partner has not."""
    from sandbox.telegram.control import Control

    async with Control(made.telegram) as telegram:
        for person in await telegram.people():
            if person.id != PARTNER:
                await person.start()


async def demo(*, check: bool, language: str, empty: bool = False) -> int:
    """Run until cancelled, with a working day behind it unless `empty`; with `check` walk the acceptance road
    on an empty one instead and return 0 or 1."""
    from bot.demo.walk import settle_in, walk

    try:
        async with stage(language, quiet=check, day=not (check or empty)) as made:
            if check:
                return await walk(made)
            if empty:
                await settle_in(made)
            _say(f"\n  Chat page:  {made.telegram}/")
            _say(f"  EspoCRM:    {made.espocrm}/")
            _say(f"  Bot's doors: {made.bot}/health/ready")
            _say("\n  Open the chat page, pick a person, and write. Ctrl-C ends the demo.\n")
            ended = await made.processes["bot"].wait()
            raise DemoFailed(f"The bot ended with code {ended}.")
    except DemoFailed as failure:
        _say(str(failure))
        return 1


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _port(wanted: int) -> int:
    """The wanted port, or any free one when it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            free: int = probe.getsockname()[1]
            return free
    raise DemoFailed("No free port on this machine.")
