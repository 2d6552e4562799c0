"""What `/find` looks into: the words of leads, spellings one letter away, views that people keep,
and what of it is picked and changed in bulk."""

import sqlalchemy as sa

from storage.columns import ByCodePoint
from storage.tables.base import id_, json, metadata, moment, organization, ref, text

lead_words = sa.Table(
    "lead_words",
    metadata,
    sa.Column("organization_id", sa.Uuid, primary_key=True),
    sa.Column("word", ByCodePoint, primary_key=True),
    sa.Column("lead_id", sa.Uuid, sa.ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True),
    sa.Index("ix_lead_words_lead_id", "lead_id"),
)

word_spellings = sa.Table(
    "word_spellings",
    metadata,
    sa.Column(
        "organization_id", sa.Uuid, sa.ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("spelling", ByCodePoint, primary_key=True),
    sa.Column("word", ByCodePoint, primary_key=True),
)

saved_views = sa.Table(
    "saved_views",
    metadata,
    id_(),
    organization(),
    ref("member_id", "members", nullable=False),
    text("name", 64),
    json("filter"),
    sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("created_at"),
    sa.Index("ix_saved_views_member_id", "member_id"),
)

picks = sa.Table(
    "picks",
    metadata,
    sa.Column("member_id", sa.Uuid, sa.ForeignKey("members.id", ondelete="CASCADE"), primary_key=True),
    organization(),
    json("held"),
    moment("updated_at"),
)

bulk_runs = sa.Table(
    "bulk_runs",
    metadata,
    id_(),
    organization(),
    ref("member_id", "members", nullable=False),
    json("run"),
    moment("free_from"),
    moment("created_at"),
    sa.Index("ix_bulk_runs_free_from", "free_from"),
)
