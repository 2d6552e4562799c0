"""Rows stay in their organization

Row-level security on PostgreSQL: organizations, and every table with organization_id that the revisions
before this one have made. A later revision protects its own new tables (docs/architecture.md).

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

from storage.row_security import OWN, freeing, protecting

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for statement in protecting("organizations", "id"):
        op.execute(statement)
    for table in tables():
        for statement in protecting(table):
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in ("organizations", *tables()):
        for statement in freeing(table):
            op.execute(statement)


def tables() -> list[str]:
    found = sa.inspect(op.get_bind()).get_multi_columns()
    return sorted(
        name for (_, name), columns in found.items() if any(column["name"] == OWN for column in columns)
    )
