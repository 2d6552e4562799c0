"""Leads that are up for all

An index of the leads that nobody has or nobody has answered in time: every manager's lists show them.

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UP_FOR_ALL = sa.text("assignee_id IS NULL OR escalations >= 3")


def upgrade() -> None:
    op.create_index(
        "ix_leads_up_for_all",
        "leads",
        ["organization_id", "number"],
        sqlite_where=UP_FOR_ALL,
        postgresql_where=UP_FOR_ALL,
    )


def downgrade() -> None:
    op.drop_index("ix_leads_up_for_all", "leads")
