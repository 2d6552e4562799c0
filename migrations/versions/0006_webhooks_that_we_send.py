"""Webhooks that we send

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

from storage import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LEASED = sa.text("lease_until IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "hooks_out",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), server_default="", nullable=False),
        sa.Column("host", sa.String(length=254), server_default="", nullable=False),
        sa.Column("events", columns.Json, server_default="{}", nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="on", nullable=False),
        sa.Column("why", sa.String(length=32), server_default="", nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("secret_at", columns.UtcDateTime(), nullable=False),
        sa.Column("old_until", columns.UtcDateTime(), nullable=True),
        sa.Column("failing_since", columns.UtcDateTime(), nullable=True),
        sa.Column("delivered_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by"], ["members.id"], name=op.f("fk_hooks_out_made_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_hooks_out_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hooks_out")),
    )
    with op.batch_alter_table("hooks_out", schema=None) as batch_op:
        batch_op.create_index("ix_hooks_out_organization_id", ["organization_id", "id"], unique=False)

    op.create_table(
        "hook_sendings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("hook_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=32), server_default="", nullable=False),
        sa.Column("params", columns.Json, server_default="{}", nullable=False),
        sa.Column("happened_at", columns.UtcDateTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", columns.UtcDateTime(), nullable=False),
        sa.Column("lease_until", columns.UtcDateTime(), nullable=True),
        sa.Column("tried_at", columns.UtcDateTime(), nullable=True),
        sa.Column("status", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.String(length=64), server_default="", nullable=False),
        sa.Column("took", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["hook_id"], ["hooks_out.id"], name=op.f("fk_hook_sendings_hook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook_sendings")),
    )
    with op.batch_alter_table("hook_sendings", schema=None) as batch_op:
        batch_op.create_index("ix_hook_sendings_hook_id", ["hook_id", "id"], unique=False)
        batch_op.create_index("ix_hook_sendings_due_at", ["hook_id", "state", "due_at", "id"], unique=False)
        batch_op.create_index(
            "ix_hook_sendings_lease_until",
            ["lease_until"],
            unique=False,
            sqlite_where=LEASED,
            postgresql_where=LEASED,
        )


def downgrade() -> None:
    with op.batch_alter_table("hook_sendings", schema=None) as batch_op:
        batch_op.drop_index("ix_hook_sendings_lease_until")
        batch_op.drop_index("ix_hook_sendings_due_at")
        batch_op.drop_index("ix_hook_sendings_hook_id")
    op.drop_table("hook_sendings")
    with op.batch_alter_table("hooks_out", schema=None) as batch_op:
        batch_op.drop_index("ix_hooks_out_organization_id")
    op.drop_table("hooks_out")
