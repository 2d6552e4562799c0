"""Who enters by the API: keys, and answers that are given again to a request that is repeated."""

import sqlalchemy as sa

from storage.tables.base import id_, json, metadata, moment, organization, ref, text

api_keys = sa.Table(
    "api_keys",
    metadata,
    id_(),
    organization(),
    ref("member_id", "members", nullable=False),
    text("name", 64),
    text("shown", 16),
    text("digest", 64),
    json("scopes"),
    ref("made_by", "members", ondelete="SET NULL"),
    moment("created_at"),
    moment("expires_at", nullable=True),
    moment("used_at", nullable=True),
    text("used_from", 64),
    moment("revoked_at", nullable=True),
    sa.UniqueConstraint("digest"),
    sa.Index("ix_api_keys_organization_id", "organization_id", "id"),
)

api_answers = sa.Table(
    "api_answers",
    metadata,
    organization(),
    # a key's id, or a session's
    sa.Column("key_id", sa.Uuid, primary_key=True),
    sa.Column("request_key", sa.String(64), primary_key=True),
    text("fingerprint", 64),
    sa.Column("status", sa.Integer, nullable=False, server_default="0"),
    json("headers"),
    sa.Column("body", sa.LargeBinary, nullable=True),
    moment("created_at"),
    sa.Index("ix_api_answers_created_at", "created_at"),
)
