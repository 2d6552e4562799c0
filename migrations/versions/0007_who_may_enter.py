"""Who may enter

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

from storage import columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=16), server_default="", nullable=False),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("expires_at", columns.UtcDateTime(), nullable=False),
        sa.Column("used_at", columns.UtcDateTime(), nullable=True),
        sa.Column("used_from", sa.String(length=64), server_default="", nullable=False),
        sa.Column("revoked_at", columns.UtcDateTime(), nullable=True),
        _of_organization("api_sessions"),
        _of_member("api_sessions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_sessions")),
    )
    op.create_index("ix_api_sessions_member_id", "api_sessions", ["member_id"], unique=False)
    op.create_table(
        "second_factors",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", columns.UtcDateTime(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("wrong", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", columns.UtcDateTime(), nullable=True),
        sa.Column("recovery", columns.Json, server_default="{}", nullable=False),
        _of_organization("second_factors"),
        _of_member("second_factors"),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "second_factor_passes",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("via", sa.String(length=64), nullable=False),
        sa.Column("until", columns.UtcDateTime(), nullable=False),
        _of_organization("second_factor_passes"),
        _of_member("second_factor_passes"),
        sa.PrimaryKeyConstraint("member_id", "via", name=op.f("pk_second_factor_passes")),
    )
    op.create_table(
        "entry_bursts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("door", sa.String(length=24), server_default="", nullable=False),
        sa.Column("shown", sa.String(length=64), server_default="", nullable=False),
        sa.Column("mixed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("told", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_at", columns.UtcDateTime(), nullable=False),
        sa.Column("last_at", columns.UtcDateTime(), nullable=False),
        _of_organization("entry_bursts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_bursts")),
        sa.UniqueConstraint("organization_id", "door", name=op.f("uq_entry_bursts_organization_id_door")),
    )
    # whoever comes by a session repeats requests too
    with op.batch_alter_table("api_answers", schema=None) as batch_op:
        batch_op.drop_constraint("fk_api_answers_key_id", type_="foreignkey")


def _of_organization(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id"], ["organizations.id"], name=op.f(f"fk_{table}_organization_id"),
        ondelete="CASCADE",
    )  # fmt: skip


def _of_member(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["member_id"], ["members.id"], name=op.f(f"fk_{table}_member_id"), ondelete="CASCADE"
    )


def downgrade() -> None:
    op.execute("DELETE FROM api_answers WHERE key_id NOT IN (SELECT id FROM api_keys)")
    with op.batch_alter_table("api_answers", schema=None) as batch_op:
        batch_op.create_foreign_key(
            "fk_api_answers_key_id", "api_keys", ["key_id"], ["id"], ondelete="CASCADE"
        )
    op.drop_table("entry_bursts")
    op.drop_table("second_factor_passes")
    op.drop_table("second_factors")
    op.drop_index("ix_api_sessions_member_id", table_name="api_sessions")
    op.drop_table("api_sessions")
