"""Many machines

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

from storage import columns

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("operations", sa.Column("cause", sa.String(length=64), server_default="", nullable=False))
    op.create_table(
        "processes",
        sa.Column("id", sa.String(length=96), nullable=False),
        sa.Column("roles", sa.String(length=64), server_default="", nullable=False),
        sa.Column("revision", sa.String(length=16), server_default="", nullable=False),
        sa.Column("jobs", columns.Json, server_default="{}", nullable=False),
        sa.Column("started_at", columns.UtcDateTime(), nullable=False),
        sa.Column("seen_at", columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processes")),
    )
    op.create_table(
        "locks",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=96), nullable=False),
        sa.Column("held_until", columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_locks")),
    )
    op.add_column("updates", sa.Column("holder", sa.String(length=64), server_default="", nullable=False))
    unfinished = sa.text("state IN ('pending', 'handled')")
    op.create_index(
        "ix_updates_unfinished",
        "updates",
        ["lane", "update_id"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )


def downgrade() -> None:
    op.drop_index("ix_updates_unfinished", "updates")
    op.drop_column("updates", "holder")
    op.drop_table("locks")
    op.drop_table("processes")
    op.drop_column("operations", "cause")
