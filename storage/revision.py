"""The revision a database stands at, as Alembic keeps it."""

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from storage.db import Session

_version = sa.table("alembic_version", sa.column("version_num"))


async def revision(session: Session) -> str | None:
    """The revision; None for a database that was never migrated."""
    try:
        async with session.connection.begin_nested():
            found: str | None = await session.scalar(sa.select(_version.c.version_num))
    except SQLAlchemyError:
        return None
    return found
