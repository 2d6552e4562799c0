"""Bonuses: the rules, whose they are, and the ledger. Nothing in the ledger is ever changed or removed."""

import sqlalchemy as sa

from storage.columns import MinorUnits
from storage.tables.base import id_, json, metadata, moment, organization, organization_of_parent, ref, text

loyalty_rules = sa.Table(
    "loyalty_rules",
    metadata,
    id_(),
    organization(),
    text("name", 64),
    json("terms"),
    moment("starts_at"),
    moment("ends_at", nullable=True),
    ref("made_by", "members", ondelete="SET NULL"),
    moment("created_at"),
    sa.Index("ix_loyalty_rules_organization_id", "organization_id", "starts_at"),
)

loyalty_accounts = sa.Table(
    "loyalty_accounts",
    metadata,
    id_(),
    organization(),
    text("kind", 16),
    text("phone", 32),
    moment("checked_at"),
    moment("created_at"),
    sa.UniqueConstraint("organization_id", "kind", "phone"),
)

loyalty_entries = sa.Table(
    "loyalty_entries",
    metadata,
    id_(),
    organization_of_parent(),
    ref("from_id", "loyalty_accounts", nullable=False),
    ref("to_id", "loyalty_accounts", nullable=False),
    sa.Column("amount", MinorUnits, nullable=False),
    text("kind", 16),
    sa.Column("transaction_id", sa.Uuid, nullable=True),
    sa.Column("redemption_id", sa.Uuid, nullable=True),
    sa.Column("rule_id", sa.Uuid, nullable=True),
    moment("expires_at", nullable=True),
    text("key", 120),
    json("why"),
    moment("created_at"),
    sa.CheckConstraint("amount > 0", name="positive"),
    sa.CheckConstraint("from_id <> to_id", name="between_two"),
    sa.UniqueConstraint("organization_id", "key"),
    sa.Index("ix_loyalty_entries_from_id", "from_id", "id"),
    sa.Index("ix_loyalty_entries_to_id", "to_id", "id"),
    sa.Index("ix_loyalty_entries_transaction_id", "transaction_id",
             sqlite_where=sa.text("transaction_id IS NOT NULL"),
             postgresql_where=sa.text("transaction_id IS NOT NULL")),
    sa.Index("ix_loyalty_entries_expires_at", "expires_at",
             sqlite_where=sa.text("expires_at IS NOT NULL"),
             postgresql_where=sa.text("expires_at IS NOT NULL")),
)  # fmt: skip

redemptions = sa.Table(
    "redemptions",
    metadata,
    id_(),
    organization(),
    ref("account_id", "loyalty_accounts", nullable=False),
    ref("source_id", "transaction_sources", ondelete="SET NULL"),
    sa.Column("amount", MinorUnits, nullable=False),
    text("currency", 3),
    text("state", 16, "reserved"),
    text("key", 120),
    text("customer", 200),
    text("pushed", 16),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    moment("due_at", nullable=True),
    text("error", 64),
    ref("made_by", "members", ondelete="SET NULL"),
    moment("created_at"),
    moment("expires_at"),
    moment("settled_at", nullable=True),
    sa.UniqueConstraint("organization_id", "key"),
    sa.Index("ix_redemptions_account_id", "account_id", "id"),
    sa.Index("ix_redemptions_expires_at", "expires_at",
             sqlite_where=sa.text("state = 'reserved'"), postgresql_where=sa.text("state = 'reserved'")),
    sa.Index("ix_redemptions_due_at", "due_at",
             sqlite_where=sa.text("due_at IS NOT NULL"), postgresql_where=sa.text("due_at IS NOT NULL")),
)  # fmt: skip
