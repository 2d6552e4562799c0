"""Leads, the stages they stand on, and what was done about them."""

import sqlalchemy as sa

from storage.columns import MinorUnits
from storage.tables.base import id_, json, metadata, moment, organization, ref, text

pipelines = sa.Table(
    "pipelines",
    metadata,
    id_(),
    organization(),
    text("name"),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_pipelines_organization_id", "organization_id"),
)

stages = sa.Table(
    "stages",
    metadata,
    id_(),
    organization(),
    ref("pipeline_id", "pipelines", nullable=False),
    sa.Column("key", sa.String(32), nullable=True),
    text("name", 64),
    sa.Column("position", sa.Integer, nullable=False),
    text("color", 8),
    text("kind", 16, "open"),
    sa.Index("ix_stages_pipeline_id", "pipeline_id"),
    sa.Index("ix_stages_organization_id", "organization_id"),
)

leads = sa.Table(
    "leads",
    metadata,
    id_(),
    organization(),
    sa.Column("number", sa.BigInteger, nullable=False),
    text("name"),
    text("company"),
    text("inn", 12),
    sa.Column("amount", MinorUnits, nullable=True),
    text("currency", 3, "RUB"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    text("source", 32),
    text("referral_code", 64),
    json("utm"),
    json("custom"),
    ref("stage_id", "stages", nullable=False, ondelete="RESTRICT"),
    ref("assignee_id", "members", ondelete="SET NULL"),
    ref("sender_id", "members", ondelete="SET NULL"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    moment("created_at"),
    moment("updated_at"),
    moment("taken_at", nullable=True),
    moment("withdrawn_at", nullable=True),
    sa.UniqueConstraint("organization_id", "number"),
    sa.Index("ix_leads_stage", "organization_id", "stage_id", "number"),
    sa.Index("ix_leads_assignee", "organization_id", "assignee_id", "number"),
    sa.Index("ix_leads_sender", "organization_id", "sender_id", "number"),
    sa.Index("ix_leads_inn", "organization_id", "inn", sqlite_where=sa.text("inn <> ''"),
             postgresql_where=sa.text("inn <> ''")),
)  # fmt: skip

contact_points = sa.Table(
    "contact_points",
    metadata,
    id_(),
    organization(),
    ref("lead_id", "leads", nullable=False),
    text("kind", 8),
    text("value", 254),
    text("typed", 254),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_contact_points_value", "organization_id", "value", "kind"),
    sa.Index("ix_contact_points_lead_id", "lead_id"),
)

lead_history = sa.Table(
    "lead_history",
    metadata,
    id_(),
    organization(),
    ref("lead_id", "leads", nullable=False),
    ref("actor_id", "members", ondelete="SET NULL"),
    text("origin", 32),
    text("field", 64),
    sa.Column("old", sa.Text, nullable=False, server_default=""),
    sa.Column("new", sa.Text, nullable=False, server_default=""),
    moment("at"),
    sa.Index("ix_lead_history_lead_id", "lead_id", "at"),
)

activities = sa.Table(
    "activities",
    metadata,
    id_(),
    organization(),
    ref("lead_id", "leads", nullable=False),
    text("type", 16),
    sa.Column("text", sa.Text, nullable=False, server_default=""),
    text("result", 32),
    sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.false()),
    ref("author_id", "members", ondelete="SET NULL"),
    moment("created_at"),
    moment("completed_at", nullable=True),
    sa.Index("ix_activities_lead_id", "lead_id", "created_at"),
)

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
    sa.Index("ix_audit_organization_id", "organization_id", "at"),
)
