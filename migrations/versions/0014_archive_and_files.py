"""The archive of activities, and files outside the database

Activities that ended long ago get a table of their own. A file that came by a form or by the API may be kept
outside the database; its row outlives the lead until the bytes are gone too.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

from storage import columns
from storage.row_security import protecting

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SAME = (
    "id, organization_id, lead_id, customer_id, type, title, text, result, shared, author_id, assignee_id, "
    "scheduled_at, duration, remind_at, created_at, completed_at"
)
REFERENCES = (
    ("lead_id", "leads", "CASCADE"),
    ("customer_id", "customers", "CASCADE"),
    ("author_id", "members", "SET NULL"),
    ("assignee_id", "members", "SET NULL"),
)


def upgrade() -> None:
    _archive()
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stored_as", sa.String(length=200), server_default="", nullable=False))
        batch_op.add_column(sa.Column("sha256", sa.String(length=64), server_default="", nullable=False))
        batch_op.alter_column("content", existing_type=sa.LargeBinary(), nullable=True)
    _files_go_by("SET NULL")
    if op.get_bind().dialect.name == "postgresql":
        for statement in protecting("archived_activities"):
            op.execute(statement)


def _archive() -> None:
    op.create_table(
        "archived_activities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.String(length=16), server_default="", nullable=False),
        sa.Column("title", sa.String(length=200), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("result", sa.String(length=32), server_default="", nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("scheduled_at", columns.UtcDateTime(), nullable=True),
        sa.Column("duration", sa.Integer(), server_default="0", nullable=False),
        sa.Column("remind_at", columns.UtcDateTime(), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("completed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("archived_at", columns.UtcDateTime(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{target}.id"], name=op.f(f"fk_archived_activities_{column}"), ondelete=ondelete
            )
            for column, target, ondelete in REFERENCES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archived_activities")),
    )
    for column in ("lead_id", "customer_id"):
        op.create_index(f"ix_archived_activities_{column}", "archived_activities", [column, "created_at"])


def _files_go_by(ondelete: str) -> None:
    """What becomes of the row when its file is no lead's any more."""
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.drop_constraint("fk_uploads_file_id", type_="foreignkey")
        batch_op.create_foreign_key("fk_uploads_file_id", "files", ["file_id"], ["id"], ondelete=ondelete)


def downgrade() -> None:
    outside = sa.text("SELECT count(*) FROM uploads WHERE content IS NULL")
    if op.get_bind().scalar(outside):
        raise RuntimeError("Files are kept outside the database, where the older program cannot read them.")
    op.execute(f"INSERT INTO activities ({SAME}) SELECT {SAME} FROM archived_activities")  # noqa: S608
    op.drop_table("archived_activities")
    _files_go_by("CASCADE")
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.alter_column("content", existing_type=sa.LargeBinary(), nullable=False)
        batch_op.drop_column("sha256")
        batch_op.drop_column("stored_as")
