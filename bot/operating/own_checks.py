"""What is ours: the database, Redis, the disk, and what waits."""

import os
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.operating.archives import is_missing, kind_of, sqlite_file
from bot.operating.findings import Finding, bad, note, ok
from bot.settings import Settings
from bot.starting import OLDEST_REDIS, place_of
from storage.db import Database
from storage.queues import waiting
from storage.revision import newest
from storage.row_security import Standing, row_security

CLOCK = 2.0
"""Seconds that clocks may differ."""

LATE = 600
"""Seconds that something may be overdue before it is worth a word."""

LITTLE, SCARCE = 2_000_000_000, 300_000_000
"""Free bytes."""

_VERSION = sa.text("SELECT version_num FROM alembic_version")


async def check_database(settings: Settings) -> Sequence[Finding]:
    """Whether it answers, where it stands, who we are for it, and what time it has."""
    place = place_of(settings.database_url)
    engine = create_async_engine(settings.database_url, poolclass=sa.NullPool)
    if is_missing(settings.database_url):
        return [
            note(
                "database",
                f"{place} is not there yet.",
                "`python -m bot migrate`, or the first start, makes it.",
            )
        ]
    try:
        async with engine.connect() as connection:
            return [
                ok("database", f"{await _version(connection)} at {place}."),
                await _migrations(connection),
                *await _security(connection),
                *await _clock(connection),
            ]
    except Exception as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        todo = "Is it running, and are host, user and password of DATABASE_URL right?"
        return [bad("database", f"{place} does not answer ({kind}).", todo)]
    finally:
        await engine.dispose()


async def _version(connection: AsyncConnection) -> str:
    if connection.dialect.name == "sqlite":
        return f"SQLite {await connection.scalar(sa.text('SELECT sqlite_version()'))}"
    return f"PostgreSQL {await connection.scalar(sa.text('SHOW server_version'))}"


async def _migrations(connection: AsyncConnection) -> Finding:
    try:
        async with connection.begin_nested():
            found = str(await connection.scalar(_VERSION))
    except sa.exc.SQLAlchemyError:
        return bad("migrations", "The database has no tables.", "Run `python -m bot migrate`.")
    if found == newest():
        return ok("migrations", f"Up to date at {found}.")
    if found < newest():
        said = f"The database is behind: it stands at {found}, the program knows {newest()}."
        return bad("migrations", said, "Run `python -m bot migrate`.")
    said = f"The database is ahead: it stands at {found}, the program knows only {newest()}."
    return bad("migrations", said, "Start the newer program, or restore the backup from before it.")


async def _security(connection: AsyncConnection) -> list[Finding]:
    found = await row_security(connection)
    make = "Let DATABASE_URL name a role of its own (docs/deploy.md), and MIGRATIONS_DATABASE_URL the owner."
    match found.standing:
        case Standing.NONE:
            return []
        case Standing.HOLDS:
            return [ok("row security", f"Holds for {found.role}.")]
        case Standing.OWNER:
            return [
                note("row security", f"Holds, but {found.role} owns the tables and could take it off.", make)
            ]
        case Standing.PASSED_BY:
            return [
                bad("row security", f"{found.role} is a superuser or has BYPASSRLS: it does not hold.", make)
            ]
    todo = "Run `python -m bot migrate` as the owner of the tables."
    return [bad("row security", f"Is missing on {', '.join(found.tables[:5])}.", todo)]


async def _clock(connection: AsyncConnection) -> list[Finding]:
    if connection.dialect.name == "sqlite":
        return []
    began = time.time()
    there = await connection.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())::float8"))
    return [clock_found("database", float(there) - (began + time.time()) / 2)]


def clock_found(whose: str, ahead: float) -> Finding:
    """What a difference of clocks means; `ahead` is theirs less ours, in seconds."""
    said = f"The clock of the {whose} is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} ours."
    if abs(ahead) <= CLOCK:
        return ok("clock", said)
    return bad("clock", said, "Switch on time synchronisation (chrony or systemd-timesyncd) on both.")


async def check_queues(settings: Settings) -> Sequence[Finding]:
    """What has waited too long."""
    if is_missing(settings.database_url):
        return []
    db = Database(settings.database_url)
    now = datetime.now(UTC)
    try:
        async with db.reading(system=True) as s:
            found = await waiting(s, now)
    except sa.exc.SQLAlchemyError:
        return []  # the check of the database says why
    finally:
        await db.close()
    late = [one for one in found if one.oldest is not None and (now - one.oldest).total_seconds() > LATE]
    if not late:
        return [ok("queues", ", ".join(f"{one.queue} {one.depth}" for one in found) + "; nothing is late.")]
    todo = "Does that role run? `/health` in the chat and the log say what it meets."
    return [
        note(
            "queues",
            f"{one.queue}: {one.depth} wait, the oldest since {one.oldest:%Y-%m-%d %H:%M} UTC.",
            todo,
        )
        for one in late
    ]


async def check_redis_server(settings: Settings) -> Sequence[Finding]:
    """Whether it answers, and keeps what it is told."""
    if not settings.redis_url:
        return [ok("redis", "None is set: everything runs in one process.")]
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    place = urlsplit(settings.redis_url)
    client = Redis.from_url(settings.redis_url, socket_connect_timeout=5)
    try:
        told = await client.info()
    except (RedisError, OSError) as error:
        where = place.hostname or place.path
        todo = "The product goes on without it, more slowly. Is it running, and is REDIS_URL right?"
        return [bad("redis", f"{where} does not answer ({type(error).__name__}).", todo)]
    finally:
        await client.aclose()
    return _about_redis(told)


def _about_redis(told: dict[str, object]) -> list[Finding]:
    version = str(told.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST_REDIS:
        return [bad("redis", f"This is {version}.", f"Use {'.'.join(map(str, OLDEST_REDIS))} or newer.")]
    found = [ok("redis", f"Version {version} answers.")]
    if not told.get("aof_enabled"):
        found.append(note("redis", "It keeps no append-only file.", "Start it with --appendonly yes."))
    if told.get("maxmemory") and told.get("maxmemory_policy") != "noeviction":
        found.append(bad("redis", "It throws keys away when full.", "Set maxmemory-policy noeviction."))
    return found


async def check_disk(settings: Settings) -> Sequence[Finding]:
    """Room, and the right to write, where we keep things."""
    places = {Path(settings.files_url)} if "://" not in settings.files_url else set()
    if kind_of(settings.database_url) == "sqlite":
        places.add(sqlite_file(settings.database_url).parent)
    return [_about_folder(place) for place in sorted(places)]


def _about_folder(folder: Path) -> Finding:
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not os.access(there, os.W_OK | os.X_OK):
        return bad("disk", f"{there} cannot be written to.", "Give it to the user that the product runs as.")
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:.1f} GB are free for {folder}."
    if free < SCARCE:
        return bad("disk", said, "Make room now: writing is about to fail.")
    return ok("disk", said) if free >= LITTLE else note("disk", said, "Make room.")
