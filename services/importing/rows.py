"""A stored import as people see it, and what its columns must hold."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Row

from domain.errors import BadInput, TooLate
from domain.importing import Forecast, Import, ImportState, read_setup
from domain.members import Member, Right


def demand_columns(columns: Sequence[str]) -> None:
    """Raises BadInput("column", "no_name" or "no_contact")."""
    if not {"name", "first_name", "last_name", "company"} & set(columns):
        raise BadInput("column", "no_name")
    if not {"phone", "email"} & set(columns):
        raise BadInput("column", "no_contact")


def as_import(row: Row[Any]) -> Import:
    """A row of the table as people see it."""
    settings, undo = row.settings, row.settings.get("undo", {})
    forecast = settings.get("forecast")
    return Import(
        id=row.id,
        organization_id=row.organization_id,
        member_id=row.member_id,
        name=row.name,
        kind=settings["kind"],
        state=ImportState(row.state),
        header=tuple(settings["header"]),
        sample=tuple(tuple(one) for one in settings["sample"]),
        setup=read_setup(settings["setup"]),
        total=row.total,
        done=row.done,
        verdicts=row.counts,
        forecast=Forecast(forecast["verdicts"], forecast["reasons"]) if forecast else None,
        undone=undo.get("done", 0),
        kept=undo.get("kept", 0),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def demand_state(one: Import, state: ImportState) -> None:
    """Raises TooLate("import_begun")."""
    if one.state is not state:
        raise TooLate("import_begun")


def may_look(member: Member, row: Row[Any]) -> bool:
    """Whether the member may see the import: their own, or anybody's for who sees all leads."""
    return row.member_id == member.id or member.may(Right.LEAD_SEE_ALL)
