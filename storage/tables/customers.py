"""Who leads become and who stands behind them: customers, contacts, files, tags, fields of one's own."""

import sqlalchemy as sa

from storage.tables.base import id_, json, metadata, moment, organization, organization_of_parent, ref, text

customers = sa.Table(
    "customers",
    metadata,
    id_(),
    organization(),
    sa.Column("number", sa.BigInteger, nullable=False),
    text("name"),
    text("company"),
    text("inn", 12),
    json("phones"),
    json("emails"),
    json("custom"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    ref("assignee_id", "members", ondelete="SET NULL"),
    sa.Column("qualified_from_lead_id", sa.Uuid, nullable=True),
    moment("created_at"),
    moment("updated_at"),
    moment("deleted_at", nullable=True),
    sa.UniqueConstraint("organization_id", "number"),
    sa.UniqueConstraint("qualified_from_lead_id"),
)

contacts = sa.Table(
    "contacts",
    metadata,
    id_(),
    organization(),
    ref("lead_id", "leads"),
    ref("customer_id", "customers"),
    text("name"),
    text("position"),
    text("phone", 32),
    text("email", 254),
    sa.Column("decides", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("is_primary", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("created_at"),
    sa.CheckConstraint("(lead_id IS NULL) <> (customer_id IS NULL)", name="of_one"),
    sa.Index("ix_contacts_lead_id", "lead_id"),
    sa.Index("ix_contacts_customer_id", "customer_id"),
)

files = sa.Table(
    "files",
    metadata,
    id_(),
    organization(),
    ref("lead_id", "leads", nullable=False),
    text("kind", 16),
    text("file_id"),
    text("name"),
    text("mime", 100),
    sa.Column("size", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("duration", sa.Integer, nullable=False, server_default="0"),
    text("field", 32),
    ref("added_by", "members", ondelete="SET NULL"),
    moment("created_at"),
    moment("deleted_at", nullable=True),
    sa.Index("ix_files_lead_id", "lead_id", "created_at"),
)

lead_tags = sa.Table(
    "lead_tags",
    metadata,
    organization_of_parent(),
    sa.Column("lead_id", sa.Uuid, sa.ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("tag", sa.String(32), primary_key=True),
    sa.Index("ix_lead_tags_tag", "organization_id", "tag"),
)

custom_fields = sa.Table(
    "custom_fields",
    metadata,
    id_(),
    organization(),
    text("key", 32),
    text("name", 64),
    text("type", 16, "text"),
    json("options"),
    sa.Column("required", sa.Boolean, nullable=False, server_default=sa.false()),
    ref("pipeline_id", "pipelines"),
    json("roles"),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    moment("created_at"),
    moment("archived_at", nullable=True),
    sa.UniqueConstraint("organization_id", "key"),
)
