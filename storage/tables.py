"""Every table. Alembic compares this with the database; a test holds them equal on both engines.

A person (Telegram id), the update journal, dialogs and message slots are global; every other row
belongs to an organization and says so in organization_id.
"""

import sqlalchemy as sa

from storage.columns import Json, MinorUnits, UtcDateTime

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

metadata = sa.MetaData(naming_convention=NAMING)


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid, primary_key=True)


def _organization() -> sa.Column[object]:
    return sa.Column(
        "organization_id",
        sa.Uuid,
        sa.ForeignKey("organizations.id", ondelete="CASCADE"),
        nullable=False,
    )


def _text(name: str, length: int = 200, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False, server_default=default)


def _moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, Json, nullable=False, server_default="{}")


def _ref(name: str, target: str, nullable: bool = True, ondelete: str = "CASCADE") -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, sa.ForeignKey(f"{target}.id", ondelete=ondelete), nullable=nullable)


organizations = sa.Table(
    "organizations",
    metadata,
    _id(),
    _text("name"),
    _text("language", 8, "ru"),
    _text("region", 2, "RU"),
    _text("time_zone", 64, "Europe/Moscow"),
    sa.Column("set_up", sa.Boolean, nullable=False, server_default=sa.false()),
    _json("settings"),
    _moment("created_at"),
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("telegram_id", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("username", 64),
    _text("full_name", 200),
    _text("language", 8),
    sa.Column("current_organization_id", sa.Uuid, nullable=True),
    _moment("blocked_at", nullable=True),
    _moment("created_at"),
)

members = sa.Table(
    "members",
    metadata,
    _id(),
    _organization(),
    sa.Column("telegram_id", sa.BigInteger, sa.ForeignKey("people.telegram_id"), nullable=False),
    _text("role", 16, "guest"),
    _text("wished_role", 16),
    _text("status", 16, "registering"),
    _text("name"),
    sa.Column("phone", sa.String(32), nullable=True),
    _text("time_zone", 64),
    _text("referral_code", 32),
    _json("profile"),
    _ref("referred_by", "members", ondelete="SET NULL"),
    _ref("invite_id", "invites", ondelete="SET NULL"),
    _ref("decided_by", "members", ondelete="SET NULL"),
    _moment("consent_at", nullable=True),
    _moment("created_at"),
    sa.UniqueConstraint("organization_id", "telegram_id"),
    sa.UniqueConstraint("organization_id", "referral_code"),
    sa.Index("ix_members_telegram_id", "telegram_id"),
)

invites = sa.Table(
    "invites",
    metadata,
    _id(),
    _organization(),
    _text("code", 32),
    _text("role", 16),
    sa.Column("uses_left", sa.Integer, nullable=False, server_default="1"),
    sa.Column("created_by", sa.Uuid, nullable=True),
    _moment("expires_at"),
    _moment("created_at"),
    sa.UniqueConstraint("code"),
)

consents = sa.Table(
    "consents",
    metadata,
    _id(),
    _organization(),
    _ref("member_id", "members", nullable=False),
    _text("version", 32),
    _text("text_hash", 64),
    _text("language", 8),
    _text("channel", 16, "telegram"),
    _moment("given_at"),
    sa.Index("ix_consents_member_id", "member_id"),
)

pipelines = sa.Table(
    "pipelines",
    metadata,
    _id(),
    _organization(),
    _text("name"),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_pipelines_organization_id", "organization_id"),
)

stages = sa.Table(
    "stages",
    metadata,
    _id(),
    _organization(),
    _ref("pipeline_id", "pipelines", nullable=False),
    sa.Column("key", sa.String(32), nullable=True),
    _text("name", 64),
    sa.Column("position", sa.Integer, nullable=False),
    _text("color", 8),
    _text("kind", 16, "open"),
    sa.Index("ix_stages_pipeline_id", "pipeline_id"),
    sa.Index("ix_stages_organization_id", "organization_id"),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column(
        "organization_id",
        sa.Uuid,
        sa.ForeignKey("organizations.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False, server_default="0"),
)

leads = sa.Table(
    "leads",
    metadata,
    _id(),
    _organization(),
    sa.Column("number", sa.BigInteger, nullable=False),
    _text("name"),
    _text("company"),
    _text("inn", 12),
    sa.Column("amount", MinorUnits, nullable=True),
    _text("currency", 3, "RUB"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    _text("source", 32),
    _text("referral_code", 64),
    _json("utm"),
    _json("custom"),
    _ref("stage_id", "stages", nullable=False, ondelete="RESTRICT"),
    _ref("assignee_id", "members", ondelete="SET NULL"),
    _ref("sender_id", "members", ondelete="SET NULL"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("taken_at", nullable=True),
    _moment("withdrawn_at", nullable=True),
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
    _id(),
    _organization(),
    _ref("lead_id", "leads", nullable=False),
    _text("kind", 8),
    _text("value", 254),
    _text("typed", 254),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_contact_points_value", "organization_id", "value", "kind"),
    sa.Index("ix_contact_points_lead_id", "lead_id"),
)

lead_history = sa.Table(
    "lead_history",
    metadata,
    _id(),
    _organization(),
    _ref("lead_id", "leads", nullable=False),
    _ref("actor_id", "members", ondelete="SET NULL"),
    _text("origin", 32),
    _text("field", 64),
    sa.Column("old", sa.Text, nullable=False, server_default=""),
    sa.Column("new", sa.Text, nullable=False, server_default=""),
    _moment("at"),
    sa.Index("ix_lead_history_lead_id", "lead_id", "at"),
)

activities = sa.Table(
    "activities",
    metadata,
    _id(),
    _organization(),
    _ref("lead_id", "leads", nullable=False),
    _text("type", 16),
    sa.Column("text", sa.Text, nullable=False, server_default=""),
    _text("result", 32),
    sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.false()),
    _ref("author_id", "members", ondelete="SET NULL"),
    _moment("created_at"),
    _moment("completed_at", nullable=True),
    sa.Index("ix_activities_lead_id", "lead_id", "created_at"),
)

audit = sa.Table(
    "audit",
    metadata,
    _id(),
    _organization(),
    sa.Column("actor_id", sa.Uuid, nullable=True),
    _text("action", 64),
    _text("entity", 32),
    sa.Column("entity_id", sa.Uuid, nullable=True),
    _json("data"),
    _moment("at"),
    sa.Index("ix_audit_organization_id", "organization_id", "at"),
)

integrations = sa.Table(
    "integrations",
    metadata,
    _id(),
    _organization(),
    _text("provider", 32),
    _json("settings"),
    sa.Column("credentials", sa.LargeBinary, nullable=True),
    _text("mode", 16, "live"),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.false()),
    _text("account"),
    _text("version", 32),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    _text("last_error", 64),
    _moment("parked_until", nullable=True),
    _moment("alerted_at", nullable=True),
    _moment("last_success_at", nullable=True),
    _moment("created_at"),
    sa.Index("ix_integrations_organization_id", "organization_id"),
)

hooks = sa.Table(
    "hooks",
    metadata,
    _id(),
    _organization(),
    _text("key", 64),
    _text("provider", 32),
    _ref("integration_id", "integrations"),
    _text("event", 64),
    _text("external_id", 64),
    sa.Column("secret", sa.LargeBinary, nullable=True),
    _moment("created_at"),
    sa.UniqueConstraint("key"),
    sa.Index("ix_hooks_organization_id", "organization_id", "provider"),
)

operations = sa.Table(
    "operations",
    metadata,
    _id(),
    _organization(),
    _ref("integration_id", "integrations", nullable=False),
    _text("kind", 32),
    sa.Column("record_id", sa.Uuid, nullable=False),
    sa.Column("entity_id", sa.Uuid, nullable=False),
    _json("payload"),
    _text("state", 24, "pending"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("intent", sa.Boolean, nullable=False, server_default=sa.false()),
    _moment("due_at"),
    _moment("lease_until", nullable=True),
    _text("lease_owner", 64),
    _text("error", 64),
    _text("error_reason", 300),
    _moment("created_at"),
    _moment("done_at", nullable=True),
    sa.Index("ix_operations_due", "state", "due_at"),
    sa.Index("ix_operations_record", "integration_id", "record_id", "id"),
    sa.Index("ix_operations_organization_id", "organization_id", "id"),
)

links = sa.Table(
    "links",
    metadata,
    _id(),
    _organization(),
    _ref("integration_id", "integrations", nullable=False),
    _text("entity", 16),
    sa.Column("entity_id", sa.Uuid, nullable=False),
    _text("external_id", 64),
    _text("url", 500),
    _text("number", 64),
    _text("status", 64),
    _text("sent_hash", 64),
    _moment("created_at"),
    _moment("synced_at"),
    sa.UniqueConstraint("integration_id", "entity", "entity_id"),
    sa.UniqueConstraint("integration_id", "entity", "external_id"),
)

inbox = sa.Table(
    "inbox",
    metadata,
    _id(),
    _organization(),
    _ref("hook_id", "hooks", nullable=False),
    _text("event_id", 200),
    _json("headers"),
    sa.Column("body", sa.LargeBinary, nullable=False),
    _text("state", 16, "pending"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _moment("due_at"),
    _moment("lease_until", nullable=True),
    _text("error", 300),
    _moment("received_at"),
    _moment("done_at", nullable=True),
    sa.Index("ix_inbox_due", "state", "due_at"),
    sa.Index("ix_inbox_organization_id", "organization_id", "id"),
    sa.Index("ix_inbox_event", "hook_id", "event_id", unique=True, sqlite_where=sa.text("event_id <> ''"),
             postgresql_where=sa.text("event_id <> ''")),
)  # fmt: skip

notices = sa.Table(
    "notices",
    metadata,
    _id(),
    _organization(),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    _text("kind", 32),
    _json("params"),
    _text("slot", 64),
    _text("state", 16, "pending"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    _moment("due_at"),
    _moment("lease_until", nullable=True),
    _text("error", 300),
    _moment("created_at"),
    _moment("sent_at", nullable=True),
    sa.Index("ix_notices_due", "state", "due_at"),
    sa.Index("ix_notices_chat_id", "chat_id", "id"),
)

updates = sa.Table(
    "updates",
    metadata,
    sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("lane", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    _text("state", 16, "pending"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("answers", sa.Text, nullable=True),
    _moment("lease_until", nullable=True),
    _text("error", 64),
    _moment("received_at"),
    sa.Index("ix_updates_state", "state", "update_id"),
)

dialogs = sa.Table(
    "dialogs",
    metadata,
    sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("telegram_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(64), nullable=True),
    _json("data"),
    _moment("updated_at"),
)

slots = sa.Table(
    "slots",
    metadata,
    sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("slot", sa.String(64), primary_key=True),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    _moment("updated_at"),
)

GLOBAL = frozenset({"organizations", "people", "updates", "dialogs", "slots"})
TENANT_TABLES = frozenset(metadata.tables) - GLOBAL
