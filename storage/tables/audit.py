"""The record of actions: who did what from where, and the chain that holds it together."""

import sqlalchemy as sa

from storage.tables.base import id_, json, metadata, moment, organization, text

UNSEALED = sa.text("seq IS NULL")

audit = sa.Table(
    "audit",
    metadata,
    id_(),
    organization(),
    sa.Column("actor_id", sa.Uuid, nullable=True),
    text("action", 64),
    text("entity", 32),
    sa.Column("entity_id", sa.Uuid, nullable=True),
    json("data"),
    moment("at"),
    text("address", 120),
    text("sign", 64),
    sa.Column("seq", sa.BigInteger, nullable=True),
    text("proof", 8),
    text("digest", 64),
    text("mac", 64),
    sa.Index("ix_audit_organization_id", "organization_id", "at"),
    sa.Index("ix_audit_actor_id", "organization_id", "actor_id", "at"),
    sa.Index("ix_audit_entity_id", "organization_id", "entity_id", "at"),
    sa.Index("ix_audit_seq", "organization_id", "seq", unique=True),
    sa.Index("ix_audit_unsealed", "organization_id", "id", sqlite_where=UNSEALED, postgresql_where=UNSEALED),
)

audit_chains = sa.Table(
    "audit_chains",
    metadata,
    sa.Column(
        "organization_id",
        sa.Uuid,
        sa.ForeignKey("organizations.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("begun", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("seq", sa.BigInteger, nullable=False, server_default="0"),
    text("mac", 64),
    sa.Column("base_seq", sa.BigInteger, nullable=False, server_default="0"),
    text("base_mac", 64),
    text("sign", 64),
    moment("sealed_at", nullable=True),
    moment("verified_at", nullable=True),
    sa.Column("verified_seq", sa.BigInteger, nullable=False, server_default="0"),
    json("broken"),
)
