"""Webhooks that we send: who wants to hear of what, and each delivery."""

import sqlalchemy as sa

from storage.tables.base import id_, json, metadata, moment, organization, organization_of_parent, ref, text

hooks_out = sa.Table(
    "hooks_out",
    metadata,
    id_(),
    organization(),
    text("name", 64),
    text("host", 254),
    json("events"),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    text("state", 16, "on"),
    text("why", 32),
    ref("made_by", "members", ondelete="SET NULL"),
    moment("created_at"),
    moment("secret_at"),
    moment("old_until", nullable=True),
    moment("failing_since", nullable=True),
    moment("delivered_at", nullable=True),
    sa.Index("ix_hooks_out_organization_id", "organization_id", "id"),
)

hook_sendings = sa.Table(
    "hook_sendings",
    metadata,
    id_(),
    organization_of_parent(),
    ref("hook_id", "hooks_out", nullable=False),
    sa.Column("event_id", sa.Uuid, nullable=False),
    text("type", 32),
    json("params"),
    moment("happened_at"),
    sa.Column("body", sa.Text, nullable=True),
    text("state", 16, "pending"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    moment("due_at"),
    moment("lease_until", nullable=True),
    moment("tried_at", nullable=True),
    sa.Column("status", sa.Integer, nullable=False, server_default="0"),
    text("error", 64),
    sa.Column("took", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_hook_sendings_hook_id", "hook_id", "id"),
    sa.Index("ix_hook_sendings_due_at", "hook_id", "state", "due_at", "id"),
    sa.Index("ix_hook_sendings_lease_until", "lease_until", sqlite_where=sa.text("lease_until IS NOT NULL"),
             postgresql_where=sa.text("lease_until IS NOT NULL")),
)  # fmt: skip
