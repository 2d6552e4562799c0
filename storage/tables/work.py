"""How work is shared out and moved in bulk: rules, changes of many leads, imports, teams, templates."""

import sqlalchemy as sa

from storage.tables.base import id_, json, metadata, moment, organization, organization_of_parent, ref, text

assignment_rules = sa.Table(
    "assignment_rules",
    metadata,
    id_(),
    organization(),
    text("name", 64),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
    json("conditions"),
    json("members"),
    json("hours"),
    json("turns"),
    moment("created_at"),
    sa.Index("ix_assignment_rules_organization_id", "organization_id", "position"),
)

changes = sa.Table(
    "changes",
    metadata,
    id_(),
    organization(),
    ref("actor_id", "members", ondelete="SET NULL"),
    text("kind", 32),
    sa.Column("count", sa.Integer, nullable=False, server_default="1"),
    moment("at"),
    moment("undone_at", nullable=True),
    sa.Index("ix_changes_organization_id", "organization_id", "id"),
)

imports = sa.Table(
    "imports",
    metadata,
    id_(),
    organization(),
    ref("member_id", "members", ondelete="SET NULL"),
    sa.Column("chat_id", sa.BigInteger, nullable=True),
    text("name"),
    sa.Column("body", sa.LargeBinary, nullable=True),
    json("settings"),
    text("state", 16, "preview"),
    sa.Column("total", sa.Integer, nullable=False, server_default="0"),
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    json("counts"),
    sa.Column("change_id", sa.Uuid, nullable=True),
    moment("lease_until", nullable=True),
    moment("created_at"),
    moment("updated_at"),
    moment("finished_at", nullable=True),
    sa.Index("ix_imports_organization_id", "organization_id", "id"),
)

import_rows = sa.Table(
    "import_rows",
    metadata,
    organization_of_parent(),
    sa.Column("import_id", sa.Uuid, sa.ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
    text("verdict", 16),
    sa.Column("lead_id", sa.Uuid, nullable=True),
    text("reason", 200),
)

teams = sa.Table(
    "teams",
    metadata,
    id_(),
    organization(),
    text("name", 128),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("thread_id", sa.BigInteger, nullable=False, server_default="0"),
    ref("pipeline_id", "pipelines"),
    json("settings"),
    moment("created_at"),
    sa.UniqueConstraint("organization_id", "chat_id", "thread_id"),
)

templates = sa.Table(
    "templates",
    metadata,
    id_(),
    organization(),
    text("name", 64),
    text("subject", 200),
    sa.Column("text", sa.Text, nullable=False, server_default=""),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    moment("created_at"),
    moment("archived_at", nullable=True),
    sa.Index("ix_templates_organization_id", "organization_id"),
)

announcements = sa.Table(
    "announcements",
    metadata,
    id_(),
    organization(),
    ref("author_id", "members", ondelete="SET NULL"),
    json("roles"),
    sa.Column("text", sa.Text, nullable=False, server_default=""),
    sa.Column("total", sa.Integer, nullable=False, server_default="0"),
    moment("created_at"),
    sa.Index("ix_announcements_organization_id", "organization_id", "id"),
)
