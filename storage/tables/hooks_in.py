"""What comes in by hooks of our own: their secrets, clicks on messenger links, files sent with a form."""

import sqlalchemy as sa

from storage.tables.base import id_, json, metadata, moment, organization, ref, text

hook_secrets = sa.Table(
    "hook_secrets",
    metadata,
    id_(),
    organization(),
    ref("hook_id", "hooks", nullable=False),
    text("digest", 64),
    text("shown", 16),
    ref("made_by", "members", ondelete="SET NULL"),
    moment("created_at"),
    moment("expires_at", nullable=True),
    moment("used_at", nullable=True),
    moment("warned_at", nullable=True),
    sa.UniqueConstraint("digest"),
    sa.Index("ix_hook_secrets_hook_id", "hook_id"),
)

clicks = sa.Table(
    "clicks",
    metadata,
    id_(),
    organization(),
    text("session", 64),
    text("channel", 16),
    text("referral_code", 64),
    text("page", 500),
    json("utm"),
    ref("lead_id", "leads", ondelete="SET NULL"),
    sa.Column("stub", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("at"),
    sa.Index("ix_clicks_session", "organization_id", "session", "id"),
    sa.Index("ix_clicks_lead_id", "lead_id"),
)

uploads = sa.Table(
    "uploads",
    metadata,
    id_(),
    organization(),
    ref("inbox_id", "inbox", ondelete="SET NULL"),
    ref("file_id", "files", ondelete="SET NULL"),
    text("name"),
    text("mime", 100),
    sa.Column("size", sa.BigInteger, nullable=False, server_default="0"),
    text("stored_as"),
    text("sha256", 64),
    sa.Column("content", sa.LargeBinary, nullable=True),
    moment("created_at"),
    sa.Index("ix_uploads_inbox_id", "inbox_id"),
    sa.Index("ix_uploads_file_id", "file_id"),
)
"""Files that came by a form or by the API. The bytes are in the store under `stored_as`, or, where that is
empty, in `content`. The row of one that nothing refers to any more stays until the store has let it go."""
