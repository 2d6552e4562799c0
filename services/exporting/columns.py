"""The columns that an export may have: what each reads, and the cell it makes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Row

from domain.custom_fields import PREFIX, CustomField
from domain.custom_values import value_of
from domain.leads import Money
from services.exporting.xlsx import Cell


@dataclass(frozen=True, slots=True)
class Page:
    """Rows with what belongs to them. `stage` and `pipeline` word what nobody has renamed."""

    rows: Sequence[Row[Any]]
    zone: ZoneInfo
    stage: Callable[[str], str]
    pipeline: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Column:
    """`reads` are columns of storage.lead_export; `width` is in characters."""

    reads: tuple[str, ...]
    cell: Callable[[Row[Any], Page], Cell]
    width: int = 16


def _plain(name: str, width: int = 16) -> Column:
    return Column((name,), lambda row, _page: getattr(row, name), width)


def _moment(name: str) -> Column:
    def cell(row: Row[Any], page: Page) -> Cell:
        at: datetime | None = getattr(row, name)
        return at.astimezone(page.zone) if at is not None else None

    return Column((name,), cell, 17)


def _together(name: str, width: int = 16) -> Column:
    return Column((name,), lambda row, _page: getattr(row, name) or "", width)


def _utm(name: str) -> Column:
    return Column(("utm",), lambda row, _page: str(row.utm.get(name, "")))


def _amount(row: Row[Any], _page: Page) -> Cell:
    amount: Decimal | None = row.amount
    return int(amount) if amount is not None and amount == int(amount) else amount


COLUMNS: Mapping[str, Column] = {
    "number": _plain("number", 9),
    "name": _plain("name", 26),
    "company": _plain("company", 26),
    "phone": _together("phone", 18),
    "email": _together("email", 26),
    "inn": _plain("inn", 14),
    "amount": Column(("amount",), _amount, 14),
    "currency": _plain("currency", 9),
    "pipeline": Column(
        ("pipeline_name", "preset"),
        lambda row, page: row.pipeline_name or page.pipeline((row.preset or {}).get("preset", "sales")),
    ),
    "stage": Column(
        ("stage_key", "stage_name"),
        lambda row, page: page.stage(row.stage_key) if row.stage_key else row.stage_name,
    ),
    "assignee": Column(("assignee_name",), lambda row, _page: row.assignee_name or "", 20),
    "sender": Column(("sender_name",), lambda row, _page: row.sender_name or "", 20),
    "source": _plain("source"),
    "segment": _plain("segment"),
    "product": _plain("product"),
    "region": _plain("region"),
    "tags": _together("tags"),
    "note": _plain("note", 40),
    "created_at": _moment("created_at"),
    "updated_at": _moment("updated_at"),
    "taken_at": _moment("taken_at"),
    "referral_code": _plain("referral_code"),
    **{f"utm.{name}": _utm(name) for name in ("source", "medium", "campaign", "content", "term")},
}
"""By the names of fields, in the order in which they are offered and written."""

USUAL = ("number", "name", "company", "phone", "email", "amount", "stage", "assignee", "source", "created_at")


def own_column(one: CustomField) -> Column:
    """A field of the organization's own; numbers and money as numbers."""

    def cell(row: Row[Any], _page: Page) -> Cell:
        kept = str(row.custom.get(one.key, ""))
        value = value_of(one, kept) if kept else ""
        if isinstance(value, Money):
            return value.amount
        return value if isinstance(value, Decimal) else kept

    return Column(("custom",), cell)


def columns_of(fields: Sequence[CustomField]) -> dict[str, Column]:
    """Every column there is, the organization's own ones last."""
    return {**COLUMNS, **{PREFIX + one.key: own_column(one) for one in fields}}
