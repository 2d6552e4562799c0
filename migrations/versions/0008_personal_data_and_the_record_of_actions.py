"""Personal data and the record of actions

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

from storage import columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UNSEALED = sa.text("seq IS NULL")
INDEXES = {
    "ix_audit_actor_id": ["organization_id", "actor_id", "at"],
    "ix_audit_entity_id": ["organization_id", "entity_id", "at"],
}


def upgrade() -> None:
    _record()
    _chains()
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.alter_column("member_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.add_column(sa.Column("lead_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("place", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("withdrawn_at", columns.UtcDateTime(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_consents_lead_id"), "leads", ["lead_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_index("ix_consents_lead_id", ["lead_id"], unique=False)


def _record() -> None:
    with op.batch_alter_table("audit", schema=None) as batch_op:
        for name, length in (("address", 120), ("sign", 64), ("proof", 8), ("digest", 64), ("mac", 64)):
            batch_op.add_column(sa.Column(name, sa.String(length=length), server_default="", nullable=False))
        batch_op.add_column(sa.Column("seq", sa.BigInteger(), nullable=True))
        for name, over in INDEXES.items():
            batch_op.create_index(name, over, unique=False)
        batch_op.create_index("ix_audit_seq", ["organization_id", "seq"], unique=True)
        batch_op.create_index(
            "ix_audit_unsealed",
            ["organization_id", "id"],
            unique=False,
            sqlite_where=UNSEALED,
            postgresql_where=UNSEALED,
        )


def _chains() -> None:
    op.create_table(
        "audit_chains",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("begun", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("mac", sa.String(length=64), server_default="", nullable=False),
        sa.Column("base_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("base_mac", sa.String(length=64), server_default="", nullable=False),
        sa.Column("sign", sa.String(length=64), server_default="", nullable=False),
        sa.Column("sealed_at", columns.UtcDateTime(), nullable=True),
        sa.Column("verified_at", columns.UtcDateTime(), nullable=True),
        sa.Column("verified_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("broken", columns.Json, server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_audit_chains_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_audit_chains")),
    )


def downgrade() -> None:
    op.execute("DELETE FROM consents WHERE member_id IS NULL")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index("ix_consents_lead_id")
        batch_op.drop_constraint(op.f("fk_consents_lead_id"), type_="foreignkey")
        for column in ("withdrawn_at", "place", "lead_id"):
            batch_op.drop_column(column)
        batch_op.alter_column("member_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_table("audit_chains")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        for name in ("ix_audit_unsealed", "ix_audit_seq", *INDEXES):
            batch_op.drop_index(name)
        for column in ("mac", "digest", "proof", "seq", "sign", "address"):
            batch_op.drop_column(column)
