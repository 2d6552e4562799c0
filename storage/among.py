"""Membership in a list that a program made, for lists of hundreds."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from storage.db import Session

_PLUS = custom_op[Any]("+")


def among(session: Session, column: sa.ColumnElement[Any], values: Collection[Any]) -> sa.ColumnElement[bool]:
    """Whether the column's value is one of these.

    On PostgreSQL the list is one parameter: the statement reads the same whatever its length, so it is
    prepared once. SQLite knows no arrays.
    """
    if session.dialect == "sqlite":
        return column.in_(values)
    return column == sa.any_(sa.literal(list(values), sa.ARRAY(column.type)))


def own_among(session: Session, column: sa.Column[Any], ids: Collection[Any]) -> sa.ColumnElement[bool]:
    """Whether the row is the tenant's and its `column`, which has an index of its own, is one of the ids.

    SQLite keeps no statistics here: of two indexes it takes the one that starts with the organization as
    soon as the list is longer than ten, and then reads all that the organization has. With a plus before
    it a column offers no index (https://sqlite.org/optoverview.html, section 4).
    """
    owner: sa.ColumnElement[Any] = column.table.c.organization_id
    if session.dialect == "sqlite":
        owner = UnaryExpression(owner, operator=_PLUS, type_=owner.type)
    return sa.and_(owner == session.tenant, among(session, column, ids))
