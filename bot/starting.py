"""What must hold before a process serves: said in one sentence when it does not."""

import asyncio
from urllib.parse import urlsplit

import structlog
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.operating.troubles import CannotStart
from bot.settings import Settings
from locales import N_
from storage.db import Database
from storage.revision import is_newest, newest
from storage.row_security import Standing, row_security

log = structlog.get_logger()

PATIENCE = 5.0
OLDEST_REDIS = (6, 2)

ROLE_MISSING = N_(
    "DATABASE_URL names the role {role}, which is not there: make it (deploy/postgres/roles.sql)."
)
STUCK = N_("The database at {place} cannot be brought up to date: {reason}.")
NO_RIGHT = N_(
    "The database at {place} stands at {found} and needs {needed}; this role may not change tables: run "
    "`python -m bot migrate` with MIGRATIONS_DATABASE_URL of their owner."
)
AWAY = N_("The database at {place} does not answer ({reason}): is it running, and is its URL right?")
AHEAD = N_(
    "The database stands at {found} and this program knows only {known}: start the newer program, or restore "
    "the backup from before it."
)
REDIS_REFUSES = N_("REDIS_URL: Redis refuses this user or password. Mend them.")
REDIS_OLD = N_("REDIS_URL: this is Redis {found}, and {needed} or newer is needed.")


async def prepare_database(settings: Settings, *, anyway: bool = False) -> None:
    """Bring the database up to date, and let the server's role in. Raises CannotStart when it is away, newer
    than this program, or may not be changed by us. A start looks first whether there is anything to do."""
    if not anyway and await is_newest(settings.migrations_url):
        return
    from alembic.util import CommandError

    from storage.migrations import current, upgrade
    from storage.row_security import RoleMissing

    place, found = place_of(settings.migrations_url), None
    try:
        found = await current(settings.migrations_url)
        check_revision(found)
        await upgrade(settings.migrations_url, serving=settings.database_url)
    except RoleMissing as error:
        raise CannotStart(ROLE_MISSING, role=error) from None
    except CommandError as error:
        raise CannotStart(STUCK, place=place, reason=error) from None
    except DBAPIError as error:
        if "permission denied" in str(error.orig) or "must be owner" in str(error.orig):
            raise CannotStart(NO_RIGHT, place=place, found=found or "0", needed=newest()) from None
        raise _away(place, error) from None
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise _away(place, error) from None


async def warn_of_open_rows(db: Database) -> None:
    """Say so once where PostgreSQL itself does not keep the rows of organizations apart."""
    async with db.reading(system=True) as session:
        found = await row_security(session.connection)
    if not found.is_kept and found.standing is not Standing.NONE:
        log.warning("database.rows_open", reason=found.standing.value, role=found.role, tables=found.tables)


def check_revision(found: str | None) -> None:
    """Raise CannotStart when a newer program has brought the database further than this one knows."""
    if found is not None and found > newest():
        raise CannotStart(AHEAD, found=found, known=newest())


def place_of(url: str) -> str:
    """Which database, without user and password."""
    parts = make_url(url)
    if parts.drivername.startswith("sqlite"):
        return parts.database or ":memory:"
    host = parts.host or str(parts.query.get("host") or "localhost")
    return f"{host}:{parts.port or 5432}/{parts.database}"


def _away(place: str, error: Exception) -> CannotStart:
    return CannotStart(AWAY, place=place, reason=type(getattr(error, "orig", None) or error).__name__)


async def redis_version(url: str) -> tuple[int, ...]:
    """The version that the server tells. Raises OSError or RedisError."""
    from redis.asyncio import Redis

    async with asyncio.timeout(PATIENCE):
        client = Redis.from_url(url, socket_connect_timeout=PATIENCE)
        try:
            told = str((await client.info("server")).get("redis_version", "0"))
        finally:
            await client.aclose()
    return tuple(int(part) for part in told.split(".")[:3] if part.isdigit())


async def check_redis(settings: Settings) -> None:
    """Raise CannotStart for a Redis that is too old. One that is away is no reason: the product goes on from
    the database, more slowly."""
    if not settings.redis_url:
        return
    from redis.exceptions import AuthenticationError, RedisError

    try:
        version = await redis_version(settings.redis_url)
    except AuthenticationError:
        raise CannotStart(REDIS_REFUSES) from None
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("redis.away", host=urlsplit(settings.redis_url).hostname, error=type(error).__name__)
        return
    if version < OLDEST_REDIS:
        found, needed = ".".join(map(str, version)), ".".join(map(str, OLDEST_REDIS))
        raise CannotStart(REDIS_OLD, found=found, needed=needed)
