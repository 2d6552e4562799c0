"""Who enters besides keys: sessions that Telegram vouches for, second factors, and guesses refused."""

import sqlalchemy as sa

from storage.tables.base import id_, json, metadata, moment, organization, ref, text

api_sessions = sa.Table(
    "api_sessions",
    metadata,
    id_(),
    organization(),
    ref("member_id", "members", nullable=False),
    text("way", 16),
    sa.Column("generation", sa.Integer, nullable=False, server_default="1"),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", nullable=True),
    text("used_from", 64),
    moment("revoked_at", nullable=True),
    sa.Index("ix_api_sessions_member_id", "member_id"),
)

second_factors = sa.Table(
    "second_factors",
    metadata,
    organization(),
    sa.Column("member_id", sa.Uuid, sa.ForeignKey("members.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    moment("created_at"),
    moment("confirmed_at", nullable=True),
    sa.Column("last_step", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("wrong", sa.Integer, nullable=False, server_default="0"),
    moment("locked_until", nullable=True),
    json("recovery"),
)

second_factor_passes = sa.Table(
    "second_factor_passes",
    metadata,
    organization(),
    sa.Column("member_id", sa.Uuid, sa.ForeignKey("members.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("via", sa.String(64), primary_key=True),
    moment("until"),
)

entry_bursts = sa.Table(
    "entry_bursts",
    metadata,
    id_(),
    organization(),
    text("door", 24),
    text("shown", 64),
    sa.Column("mixed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("count", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("told", sa.BigInteger, nullable=False, server_default="0"),
    moment("first_at"),
    moment("last_at"),
    sa.UniqueConstraint("organization_id", "door"),
)
