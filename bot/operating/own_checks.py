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
from bot.operating.findings import Finding, State, bad, note, ok
from bot.settings import Settings
from bot.starting import OLDEST_REDIS, place_of
from handlers.queue_words import QUEUES
from locales import N_, _, ngettext
from storage.db import Database
from storage.queues import Waiting, waiting
from storage.revision import newest
from storage.row_security import Standing, row_security

CLOCK = 2.0
"""Seconds that clocks may differ."""

LATE = 600
"""Seconds that something may be overdue before it is worth a word."""

LITTLE, SCARCE = 2_000_000_000, 300_000_000
"""Free bytes."""

ANSWERS, SILENT = N_("{version} at {place}."), N_("{place} does not answer ({reason}).")
FAST = N_("The clock of the {whose} is {seconds} s ahead of ours.")
SLOW = N_("The clock of the {whose} is {seconds} s behind ours.")
_OWN_ROLE = N_(
    "Let DATABASE_URL name a role of its own (docs/deploy.md), and MIGRATIONS_DATABASE_URL the owner."
)
SECURITY = {
    Standing.HOLDS: (State.OK, N_("Holds for {role}."), ""),
    Standing.OWNER: (State.NOTE, N_("Holds, but {role} owns the tables and could take it off."), _OWN_ROLE),
    Standing.PASSED_BY: (
        State.BAD,
        N_("{role} is a superuser or has BYPASSRLS: it does not hold."),
        _OWN_ROLE,
    ),
    Standing.MISSING: (
        State.BAD,
        N_("Is missing on {tables}."),
        N_("Run `python -m bot migrate` as the owner of the tables."),
    ),
}
"""State, sentence and cure, by how the database keeps organizations apart."""

_VERSION = sa.text("SELECT version_num FROM alembic_version")


async def check_database(settings: Settings) -> Sequence[Finding]:
    """Whether it answers, where it stands, who we are for it, and what time it has."""
    place = place_of(settings.database_url)
    engine = create_async_engine(settings.database_url, poolclass=sa.NullPool)
    if is_missing(settings.database_url):
        said = _("{place} is not there yet.").format(place=place)
        return [note("database", said, _("`python -m bot migrate`, or the first start, makes it."))]
    try:
        async with engine.connect() as connection:
            return [
                ok("database", _(ANSWERS).format(version=await _version(connection), place=place)),
                await _migrations(connection),
                *await _security(connection),
                *await _clock(connection),
            ]
    except Exception as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        todo = _("Is it running, and are host, user and password of DATABASE_URL right?")
        return [bad("database", _(SILENT).format(place=place, reason=kind), todo)]
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
        return bad("migrations", _("The database has no tables."), _("Run `python -m bot migrate`."))
    if found == newest():
        return ok("migrations", _("Up to date at {revision}.").format(revision=found))
    if found < newest():
        said = _("The database is behind: it stands at {found}, the program knows {known}.")
        todo = _("Run `python -m bot migrate`.")
    else:
        said = _("The database is ahead: it stands at {found}, the program knows only {known}.")
        todo = _("Start the newer program, or restore the backup from before it.")
    return bad("migrations", said.format(found=found, known=newest()), todo)


async def _security(connection: AsyncConnection) -> list[Finding]:
    found = await row_security(connection)
    if found.standing is Standing.NONE:
        return []
    state, said, todo = SECURITY[found.standing]
    named = {"role": found.role, "tables": ", ".join(found.tables[:5])}
    return [Finding("row security", state, _(said).format(**named), _(todo) if todo else "")]


async def _clock(connection: AsyncConnection) -> list[Finding]:
    if connection.dialect.name == "sqlite":
        return []
    began = time.time()
    there = await connection.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())::float8"))
    return [clock_found(_("database"), float(there) - (began + time.time()) / 2)]


def clock_found(whose: str, ahead: float) -> Finding:
    """What a difference of clocks means; `whose` is a name to show, `ahead` theirs less ours, in seconds."""
    said = _(FAST if ahead > 0 else SLOW).format(whose=whose, seconds=f"{abs(ahead):.1f}")
    if abs(ahead) <= CLOCK:
        return ok("clock", said)
    return bad("clock", said, _("Switch on time synchronisation (chrony or systemd-timesyncd) on both."))


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
        depths = ", ".join(f"{_(QUEUES[one.queue])}: {one.depth}" for one in found)
        return [ok("queues", _("Nothing is late ({depths}).").format(depths=depths))]
    return [_late(one) for one in late]


def _late(one: Waiting) -> Finding:
    said = ngettext(
        "{queue}: {count} waits, since {moment} UTC.",
        "{queue}: {count} wait, the oldest since {moment} UTC.",
        one.depth,
    )
    said = said.format(queue=_(QUEUES[one.queue]), count=one.depth, moment=f"{one.oldest:%Y-%m-%d %H:%M}")
    todo = _("Does that role run? `/health` in the chat and the log say what it meets.")
    return note("queues", said, todo)


async def check_redis_server(settings: Settings) -> Sequence[Finding]:
    """Whether it answers, and keeps what it is told."""
    if not settings.redis_url:
        return [ok("redis", _("None is set: everything runs in one process."))]
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    place = urlsplit(settings.redis_url)
    client = Redis.from_url(settings.redis_url, socket_connect_timeout=5)
    try:
        told = await client.info()
    except (RedisError, OSError) as error:
        said = _(SILENT).format(place=place.hostname or place.path, reason=type(error).__name__)
        todo = _("The product goes on without it, more slowly. Is it running, and is REDIS_URL right?")
        return [bad("redis", said, todo)]
    finally:
        await client.aclose()
    return _about_redis(told)


def _about_redis(told: dict[str, object]) -> list[Finding]:
    version = str(told.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST_REDIS:
        todo = _("Use {version} or newer.").format(version=".".join(map(str, OLDEST_REDIS)))
        return [bad("redis", _("This is {version}.").format(version=version), todo)]
    found = [ok("redis", _("Version {version} answers.").format(version=version))]
    if not told.get("aof_enabled"):
        found.append(note("redis", _("It keeps no append-only file."), _("Start it with --appendonly yes.")))
    if told.get("maxmemory") and told.get("maxmemory_policy") != "noeviction":
        found.append(bad("redis", _("It throws keys away when full."), _("Set maxmemory-policy noeviction.")))
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
        said = _("{name} cannot be written to.").format(name=there)
        return bad("disk", said, _("Give it to the user that the product runs as."))
    free = shutil.disk_usage(there).free
    said = _("{size} GB are free for {name}.").format(size=f"{free / 1e9:.1f}", name=folder)
    if free < SCARCE:
        return bad("disk", said, _("Make room now: writing is about to fail."))
    return ok("disk", said) if free >= LITTLE else note("disk", said, _("Make room."))
