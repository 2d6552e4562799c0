"""The shape that all tables share: how constraints are named, and the columns that come back everywhere."""

import sqlalchemy as sa

from storage.columns import Json, UtcDateTime

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

metadata = sa.MetaData(naming_convention=NAMING)


def id_() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid, primary_key=True)


def organization() -> sa.Column[object]:
    return sa.Column(
        "organization_id",
        sa.Uuid,
        sa.ForeignKey("organizations.id", ondelete="CASCADE"),
        nullable=False,
    )


def organization_of_parent() -> sa.Column[object]:
    """The organization of the row's parent, which is what refers to it. Of tables that are written by the
    thousand: every reference is looked up for every row."""
    return sa.Column("organization_id", sa.Uuid, nullable=False)


def text(name: str, length: int = 200, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False, server_default=default)


def moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def json(name: str) -> sa.Column[object]:
    return sa.Column(name, Json, nullable=False, server_default="{}")


def ref(name: str, target: str, nullable: bool = True, ondelete: str = "CASCADE") -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, sa.ForeignKey(f"{target}.id", ondelete=ondelete), nullable=nullable)
