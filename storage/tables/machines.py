"""The processes of the product, so that each knows of the others, and what only one of them may do."""

import sqlalchemy as sa

from storage.tables.base import json, metadata, moment, text

processes = sa.Table(
    "processes",
    metadata,
    sa.Column("id", sa.String(96), primary_key=True),
    text("roles", 64),
    text("revision", 16),
    json("jobs"),
    moment("started_at"),
    moment("seen_at"),
)

locks = sa.Table(
    "locks",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("holder", sa.String(96), nullable=False),
    moment("held_until"),
)
