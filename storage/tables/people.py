"""Organizations, the people in them, and their short numbers."""

import sqlalchemy as sa

from storage.tables.base import id_, json, metadata, moment, organization, ref, text

organizations = sa.Table(
    "organizations",
    metadata,
    id_(),
    text("name"),
    text("language", 8, "ru"),
    text("region", 2, "RU"),
    text("time_zone", 64, "Europe/Moscow"),
    sa.Column("set_up", sa.Boolean, nullable=False, server_default=sa.false()),
    json("settings"),
    moment("created_at"),
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("telegram_id", sa.BigInteger, primary_key=True, autoincrement=False),
    text("username", 64),
    text("full_name", 200),
    text("language", 8),
    sa.Column("current_organization_id", sa.Uuid, nullable=True),
    moment("blocked_at", nullable=True),
    moment("created_at"),
)

members = sa.Table(
    "members",
    metadata,
    id_(),
    organization(),
    sa.Column("telegram_id", sa.BigInteger, sa.ForeignKey("people.telegram_id"), nullable=False),
    text("role", 16, "guest"),
    text("wished_role", 16),
    text("status", 16, "registering"),
    text("name"),
    sa.Column("phone", sa.String(32), nullable=True),
    text("time_zone", 64),
    text("referral_code", 32),
    json("profile"),
    ref("referred_by", "members", ondelete="SET NULL"),
    ref("invite_id", "invites", ondelete="SET NULL"),
    ref("decided_by", "members", ondelete="SET NULL"),
    json("settings"),
    json("rights"),
    moment("away_until", nullable=True),
    sa.Column("calendar_key", sa.String(64), nullable=True, unique=True),
    moment("consent_at", nullable=True),
    moment("created_at"),
    sa.UniqueConstraint("organization_id", "telegram_id"),
    sa.UniqueConstraint("organization_id", "referral_code"),
    sa.Index("ix_members_telegram_id", "telegram_id"),
)

invites = sa.Table(
    "invites",
    metadata,
    id_(),
    organization(),
    text("code", 32),
    text("role", 16),
    sa.Column("uses_left", sa.Integer, nullable=False, server_default="1"),
    sa.Column("created_by", sa.Uuid, nullable=True),
    moment("expires_at"),
    moment("created_at"),
    sa.UniqueConstraint("code"),
)

consents = sa.Table(
    "consents",
    metadata,
    id_(),
    organization(),
    ref("member_id", "members"),
    ref("lead_id", "leads"),
    text("version", 32),
    text("text_hash", 64),
    text("language", 8),
    text("channel", 16, "telegram"),
    text("place", 64),
    moment("given_at"),
    moment("withdrawn_at", nullable=True),
    sa.Index("ix_consents_member_id", "member_id"),
    sa.Index("ix_consents_lead_id", "lead_id"),
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
