"""Purchases

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

from storage import columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CUSTOMERS = sa.table(
    "customers",
    sa.column("id", sa.Uuid),
    sa.column("organization_id", sa.Uuid),
    sa.column("phones", columns.Json),
)
PHONES = sa.table(
    "customer_phones",
    sa.column("organization_id", sa.Uuid),
    sa.column("customer_id", sa.Uuid),
    sa.column("phone", sa.String),
)


def upgrade() -> None:
    op.create_table(
        "loyalty_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=32), server_default="", nullable=False),
        sa.Column("checked_at", columns.UtcDateTime(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_loyalty_accounts_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_accounts")),
        sa.UniqueConstraint(
            "organization_id", "kind", "phone", name=op.f("uq_loyalty_accounts_organization_id_kind_phone")
        ),
    )

    op.create_table(
        "loyalty_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("amount", columns.MinorUnits(), nullable=False),
        sa.Column("kind", sa.String(length=16), server_default="", nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=True),
        sa.Column("redemption_id", sa.Uuid(), nullable=True),
        sa.Column("rule_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", columns.UtcDateTime(), nullable=True),
        sa.Column("key", sa.String(length=120), server_default="", nullable=False),
        sa.Column("why", columns.Json, server_default="{}", nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_loyalty_entries_positive")),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_loyalty_entries_between_two")),
        sa.ForeignKeyConstraint(
            ["from_id"], ["loyalty_accounts.id"], name=op.f("fk_loyalty_entries_from_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["loyalty_accounts.id"], name=op.f("fk_loyalty_entries_to_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_entries")),
        sa.UniqueConstraint("organization_id", "key", name=op.f("uq_loyalty_entries_organization_id_key")),
    )
    op.create_index(
        "ix_loyalty_entries_expires_at",
        "loyalty_entries",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("ix_loyalty_entries_from_id", "loyalty_entries", ["from_id", "id"], unique=False)
    op.create_index("ix_loyalty_entries_to_id", "loyalty_entries", ["to_id", "id"], unique=False)
    op.create_index(
        "ix_loyalty_entries_transaction_id",
        "loyalty_entries",
        ["transaction_id"],
        unique=False,
        sqlite_where=sa.text("transaction_id IS NOT NULL"),
        postgresql_where=sa.text("transaction_id IS NOT NULL"),
    )

    op.create_table(
        "transaction_sources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("integration_id", sa.Uuid(), nullable=True),
        sa.Column("provider", sa.String(length=32), server_default="", nullable=False),
        sa.Column("name", sa.String(length=64), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("first_since", columns.UtcDateTime(), nullable=False),
        sa.Column("first_until", columns.UtcDateTime(), nullable=False),
        sa.Column("since", columns.UtcDateTime(), nullable=False),
        sa.Column("mark", sa.Text(), server_default="", nullable=False),
        sa.Column("window_since", columns.UtcDateTime(), nullable=True),
        sa.Column("window_until", columns.UtcDateTime(), nullable=True),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("counts", columns.Json, server_default="{}", nullable=False),
        sa.Column("due_at", columns.UtcDateTime(), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), server_default="", nullable=False),
        sa.Column("lease_until", columns.UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.String(length=64), server_default="", nullable=False),
        sa.Column("error_reason", sa.String(length=300), server_default="", nullable=False),
        sa.Column("alerted_at", columns.UtcDateTime(), nullable=True),
        sa.Column("muted_until", columns.UtcDateTime(), nullable=True),
        sa.Column("last_success_at", columns.UtcDateTime(), nullable=True),
        sa.Column("keep_days", sa.Integer(), server_default="30", nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"],
            ["integrations.id"],
            name=op.f("fk_transaction_sources_integration_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_transaction_sources_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transaction_sources")),
        sa.UniqueConstraint("integration_id", name=op.f("uq_transaction_sources_integration_id")),
    )
    op.create_index(
        "ix_transaction_sources_due_at",
        "transaction_sources",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )
    op.create_index(
        "ix_transaction_sources_organization_id",
        "transaction_sources",
        ["organization_id", "id"],
        unique=False,
    )

    op.create_table(
        "loyalty_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), server_default="", nullable=False),
        sa.Column("terms", columns.Json, server_default="{}", nullable=False),
        sa.Column("starts_at", columns.UtcDateTime(), nullable=False),
        sa.Column("ends_at", columns.UtcDateTime(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["members.id"], name=op.f("fk_loyalty_rules_made_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_loyalty_rules_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_rules")),
    )
    op.create_index(
        "ix_loyalty_rules_organization_id", "loyalty_rules", ["organization_id", "starts_at"], unique=False
    )

    op.create_table(
        "redemptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("amount", columns.MinorUnits(), nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), server_default="reserved", nullable=False),
        sa.Column("key", sa.String(length=120), server_default="", nullable=False),
        sa.Column("customer", sa.String(length=200), server_default="", nullable=False),
        sa.Column("pushed", sa.String(length=16), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", columns.UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(length=64), server_default="", nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("expires_at", columns.UtcDateTime(), nullable=False),
        sa.Column("settled_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["loyalty_accounts.id"],
            name=op.f("fk_redemptions_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["members.id"], name=op.f("fk_redemptions_made_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_redemptions_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["transaction_sources.id"],
            name=op.f("fk_redemptions_source_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemptions")),
        sa.UniqueConstraint("organization_id", "key", name=op.f("uq_redemptions_organization_id_key")),
    )
    op.create_index("ix_redemptions_account_id", "redemptions", ["account_id", "id"], unique=False)
    op.create_index(
        "ix_redemptions_due_at",
        "redemptions",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_redemptions_expires_at",
        "redemptions",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("state = 'reserved'"),
        postgresql_where=sa.text("state = 'reserved'"),
    )

    op.create_table(
        "transaction_buyers",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=32), server_default="", nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["transaction_sources.id"],
            name=op.f("fk_transaction_buyers_source_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source_id", "customer", name=op.f("pk_transaction_buyers")),
    )

    op.create_table(
        "transaction_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), server_default="", nullable=False),
        sa.Column("verdict", sa.String(length=16), server_default="", nullable=False),
        sa.Column("started_at", columns.UtcDateTime(), nullable=False),
        sa.Column("finished_at", columns.UtcDateTime(), nullable=False),
        sa.Column("window_since", columns.UtcDateTime(), nullable=True),
        sa.Column("window_until", columns.UtcDateTime(), nullable=True),
        sa.Column("counts", columns.Json, server_default="{}", nullable=False),
        sa.Column("error", sa.String(length=64), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=300), server_default="", nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_transaction_runs_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["transaction_sources.id"],
            name=op.f("fk_transaction_runs_source_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transaction_runs")),
    )
    op.create_index(
        "ix_transaction_runs_organization_id", "transaction_runs", ["organization_id", "id"], unique=False
    )
    op.create_index(
        "ix_transaction_runs_source_id", "transaction_runs", ["source_id", "started_at"], unique=False
    )

    op.create_table(
        "transactions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=200), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=8), server_default="sale", nullable=False),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("amount", columns.MinorUnits(), nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="", nullable=False),
        sa.Column("happened_at", columns.UtcDateTime(), nullable=False),
        sa.Column("changed_at", columns.UtcDateTime(), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("phone", sa.String(length=32), server_default="", nullable=False),
        sa.Column("customer", sa.String(length=200), server_default="", nullable=False),
        sa.Column("description", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("lines", columns.Json, server_default="{}", nullable=False),
        sa.Column("refers_to", sa.String(length=200), server_default="", nullable=False),
        sa.Column("medical", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("digest", sa.String(length=32), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("updated_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["transaction_sources.id"],
            name=op.f("fk_transactions_source_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transactions")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_transactions_source_id_external_id")),
    )
    op.create_index(
        "ix_transactions_customer",
        "transactions",
        ["source_id", "customer"],
        unique=False,
        sqlite_where=sa.text("customer <> '' AND phone = ''"),
        postgresql_where=sa.text("customer <> '' AND phone = ''"),
    )
    op.create_index(
        "ix_transactions_customer_id",
        "transactions",
        ["customer_id", "happened_at"],
        unique=False,
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_transactions_organization_id", "transactions", ["organization_id", "happened_at"], unique=False
    )
    op.create_index("ix_transactions_phone", "transactions", ["organization_id", "phone"], unique=False)
    op.create_index(
        "ix_transactions_refers_to",
        "transactions",
        ["source_id", "refers_to"],
        unique=False,
        sqlite_where=sa.text("refers_to <> ''"),
        postgresql_where=sa.text("refers_to <> ''"),
    )

    op.create_table(
        "unreadable_transactions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), server_default="", nullable=False),
        sa.Column("field", sa.String(length=64), server_default="", nullable=False),
        sa.Column("problem", sa.String(length=64), server_default="", nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", columns.UtcDateTime(), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_unreadable_transactions_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"],
            ["members.id"],
            name=op.f("fk_unreadable_transactions_settled_by"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["transaction_sources.id"],
            name=op.f("fk_unreadable_transactions_source_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreadable_transactions")),
        sa.UniqueConstraint("source_id", "digest", name=op.f("uq_unreadable_transactions_source_id_digest")),
    )
    op.create_index(
        "ix_unreadable_transactions_organization_id",
        "unreadable_transactions",
        ["organization_id", "state", "id"],
        unique=False,
    )

    op.create_table(
        "customer_phones",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_phones_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", "phone", name=op.f("pk_customer_phones")),
    )
    op.create_index("ix_customer_phones_phone", "customer_phones", ["organization_id", "phone"], unique=False)

    _keep_phones()


def _keep_phones() -> None:
    """Phones of customers, which stood in a list, get rows that are found by them."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(CUSTOMERS.c.id, CUSTOMERS.c.organization_id, CUSTOMERS.c.phones)
    ).all()
    kept = [
        {"organization_id": row.organization_id, "customer_id": row.id, "phone": phone}
        for row in rows
        for phone in dict.fromkeys(row.phones or ())
    ]
    if kept:
        connection.execute(PHONES.insert(), kept)


def downgrade() -> None:
    op.drop_table("customer_phones")
    op.drop_table("unreadable_transactions")
    op.drop_table("transactions")
    op.drop_table("transaction_runs")
    op.drop_table("transaction_buyers")
    op.drop_table("redemptions")
    op.drop_table("loyalty_rules")
    op.drop_table("transaction_sources")
    op.drop_table("loyalty_entries")
    op.drop_table("loyalty_accounts")
