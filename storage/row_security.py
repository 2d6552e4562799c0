"""Row-level security of PostgreSQL: the rule that an organization's rows are its own, kept by the database.

The rule reads one setting of the transaction: an organization's id shows that organization's rows, SYSTEM
shows all, anything else none. It binds the owner of the tables as well (FORCE), but no superuser and nobody
with BYPASSRLS. SQLite has nothing like it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

SETTING = "voronka.scope"
SYSTEM = "system"
POLICY = "organization"
OWN = "organization_id"

# Subqueries are worked out once a statement, not once a row.
_IS_SYSTEM = f"(SELECT current_setting('{SETTING}', true) = '{SYSTEM}')"
_TENANT = f"(SELECT nullif(nullif(current_setting('{SETTING}', true), ''), '{SYSTEM}')::uuid)"


def protecting(table: str, column: str = OWN) -> Iterator[str]:
    """The statements that put the rule on a table; for revisions."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY {POLICY} ON {table} USING ({_IS_SYSTEM} OR {column} = {_TENANT})"


def freeing(table: str) -> Iterator[str]:
    """The statements that take the rule off again."""
    yield f"DROP POLICY {POLICY} ON {table}"
    yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"


class Standing(StrEnum):
    """How the database keeps the rule for the role we connect with."""

    HOLDS = "holds"
    OWNER = "owner"
    """It holds, but the role owns tables and could take it off."""
    PASSED_BY = "passed_by"
    """The role is a superuser or has BYPASSRLS."""
    MISSING = "missing"
    """A table has no rule: the database is behind, or was changed by hand."""
    NONE = "none"
    """SQLite."""


@dataclass(frozen=True, slots=True)
class RowSecurity:
    """`role` is who we are for the database, `tables` are those without the rule."""

    standing: Standing
    role: str = ""
    tables: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether the database itself keeps organizations apart."""
        return self.standing in (Standing.HOLDS, Standing.OWNER)


_ROLE = sa.text("""
SELECT r.rolname, r.rolsuper OR r.rolbypassrls AS passes_by,
       EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = current_schema()::regnamespace
               AND c.relkind = 'r' AND pg_has_role(c.relowner, 'USAGE')) AS owns
FROM pg_roles AS r WHERE r.rolname = current_user
""")
_MISSING = sa.text("""
SELECT c.relname FROM pg_class AS c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
AND (c.relname = 'organizations' OR EXISTS (
  SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = :own AND NOT a.attisdropped))
AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
  SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polname = :policy))
ORDER BY c.relname
""").bindparams(own=OWN, policy=POLICY)


async def row_security(connection: AsyncConnection) -> RowSecurity:
    """How things stand, as PostgreSQL's catalogue tells it."""
    if connection.dialect.name != "postgresql":
        return RowSecurity(Standing.NONE)
    role = (await connection.execute(_ROLE)).one()
    tables = tuple((await connection.execute(_MISSING)).scalars())
    if role.passes_by:
        standing = Standing.PASSED_BY
    elif tables:
        standing = Standing.MISSING
    else:
        standing = Standing.OWNER if role.owns else Standing.HOLDS
    return RowSecurity(standing, role.rolname, tables)


_UNGRANTED = sa.text("""
SELECT c.relname FROM pg_class AS c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> 'alembic_version'
AND NOT (has_table_privilege(CAST(:role AS name), c.oid, 'SELECT')
         AND has_table_privilege(CAST(:role AS name), c.oid, 'INSERT')
         AND has_table_privilege(CAST(:role AS name), c.oid, 'UPDATE')
         AND has_table_privilege(CAST(:role AS name), c.oid, 'DELETE'))
""")
_BY_NAME = "SELECT 1 FROM pg_roles WHERE rolname = :role"


class RoleMissing(LookupError):
    """The role that the server is to connect with was never made."""


def grant(connection: sa.Connection, role: str) -> None:
    """Let a role read and write rows of our tables, and nothing else. Raises RoleMissing."""
    if connection.execute(sa.text(_BY_NAME), {"role": role}).first() is None:
        raise RoleMissing(role)
    quoted = connection.dialect.identifier_preparer.quote(role)
    tables: Sequence[str] = connection.execute(_UNGRANTED, {"role": role}).scalars().all()
    if tables:
        connection.exec_driver_sql(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(sorted(tables))} TO {quoted}"
        )
        connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {quoted}")
