"""The bot's side of Telegram: pushes owed, updates journalled, dialogs and messages that are edited."""

import sqlalchemy as sa

from storage.tables.base import id_, json, metadata, moment, organization, text

notices = sa.Table(
    "notices",
    metadata,
    id_(),
    organization(),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    text("kind", 32),
    json("params"),
    text("slot", 64),
    sa.Column("thread_id", sa.BigInteger, nullable=False, server_default="0"),
    text("state", 16, "pending"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    moment("due_at"),
    moment("lease_until", nullable=True),
    text("error", 300),
    moment("created_at"),
    moment("sent_at", nullable=True),
    sa.Index("ix_notices_due", "state", "due_at"),
    sa.Index("ix_notices_chat_id", "chat_id", "id"),
    sa.Index("ix_notices_slot", "slot"),
    sa.Index("ix_notices_waiting", "chat_id", "slot", sqlite_where=sa.text("state = 'pending'"),
             postgresql_where=sa.text("state = 'pending'")),
)  # fmt: skip

updates = sa.Table(
    "updates",
    metadata,
    sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("lane", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    text("state", 16, "pending"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("answers", sa.Text, nullable=True),
    moment("lease_until", nullable=True),
    text("holder", 64),
    text("error", 64),
    moment("received_at"),
    sa.Index("ix_updates_state", "state", "update_id"),
    sa.Index("ix_updates_unfinished", "lane", "update_id",
             sqlite_where=sa.text("state IN ('pending', 'handled')"),
             postgresql_where=sa.text("state IN ('pending', 'handled')")),
)  # fmt: skip

dialogs = sa.Table(
    "dialogs",
    metadata,
    sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("telegram_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(64), nullable=True),
    json("data"),
    moment("updated_at"),
)

slots = sa.Table(
    "slots",
    metadata,
    sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("slot", sa.String(64), primary_key=True),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    moment("updated_at"),
    sa.Index("ix_slots_slot", "slot"),
)
