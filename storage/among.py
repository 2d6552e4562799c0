"""Membership in a list that a program made, for lists of hundreds."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from storage.db import Session


def among(session: Session, column: sa.ColumnElement[Any], values: Collection[Any]) -> sa.ColumnElement[bool]:
    """Whether the column's value is one of these.

    On PostgreSQL the list is one parameter: the statement reads the same whatever its length, so it is
    prepared once. SQLite knows no arrays.
    """
    if session.dialect == "sqlite":
        return column.in_(values)
    return column == sa.any_(sa.literal(list(values), sa.ARRAY(column.type)))
