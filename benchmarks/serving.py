"""The product's web process as a process of its own, beside servers that are its floor."""

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

SECRET_KEY = base64.b64encode(b"k" * 32).decode()
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A process that listens."""

    process: "subprocess.Popen[bytes]"
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def settings(database_url: str, port: int) -> Mapping[str, str]:
    """The environment of `python -m bot run web`."""
    return {
        **os.environ,
        "ENV_FILE": "",
        "BOT_TOKEN": "1:bench",
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(port),
        "ADMIN_IDS": "1001",
        "API_RATE": "1000000",
        "TELEGRAM_SECRET": "bench",
        "LOG_FORMAT": "json",
    }


@contextmanager
def product(database_url: str) -> Iterator[Server]:
    """The role web, ready."""
    port = free_port()
    with running(["-m", "bot", "run", "web"], settings(database_url, port)) as process:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.05)
        else:
            raise RuntimeError("the web process did not come up")
        yield Server(process, port)


@contextmanager
def bare(module: str, *arguments: str) -> Iterator[Server]:
    """`python -m module`, which says its port when it listens."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ})
    try:
        assert process.stdout is not None
        yield Server(process, int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()


@contextmanager
def running(arguments: list[str], environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Its log goes to a file, as that of a service does."""
    with TemporaryDirectory(prefix="voronka-bench-") as directory:
        with (Path(directory) / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments], env=dict(environment), stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
