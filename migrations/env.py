"""Alembic's entry: runs on the connection of storage/migrations.py, or on the database of the settings.

With the alembic command line, give the database in MIGRATIONS_DATABASE_URL or DATABASE_URL.
"""

import asyncio
import os

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.ext.asyncio import create_async_engine

from storage.columns import MinorUnits, UtcDateTime
from storage.row_security import SETTING, SYSTEM
from storage.tables import metadata

OUR_TYPES = (MinorUnits, UtcDateTime)


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | bool:
    """Write our column types and truth values by name, so that one revision serves both engines."""
    if isinstance(item, sa.DefaultClause) and isinstance(item.arg, sa.True_ | sa.False_):
        return f"sa.{str(item.arg).lower()}()"
    if kind != "type":
        return False
    if isinstance(item, OUR_TYPES):
        return f"columns.{type(item).__name__}()"
    return "columns.Json" if isinstance(item, sa.JSON) else False


def migrate(connection: sa.Connection) -> None:
    """Run the asked-for steps in the connection's own transaction, which sees the rows of everybody."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.set_config(SETTING, SYSTEM, True)))
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transactional_ddl=True,
        render_as_batch=True,
        render_item=render_item,
        user_module_prefix="columns.",
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_settings() -> None:
    """Run on the database that the environment names."""
    url = os.environ.get("MIGRATIONS_DATABASE_URL") or os.environ["DATABASE_URL"]
    engine = create_async_engine(url, poolclass=sa.NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    asyncio.run(migrate_settings())
