"""Queries on customers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from domain.customers import Customer
from domain.hooks_out import CUSTOMER_CREATED, Event
from storage.db import Session
from storage.hooks_out import hooks_out
from storage.ids import new_id
from storage.tables import contacts, counters, customers, leads, members
from storage.transactions import customer_phones

_one = customers.c
_JOINED = customers.outerjoin(members, members.c.id == _one.assignee_id).outerjoin(
    leads, leads.c.id == _one.qualified_from_lead_id
)
_CUSTOMER = (customers, members.c.name.label("assignee_name"), leads.c.number.label("lead_number"))


def _customer(row: Row[Any]) -> Customer:
    return Customer(
        id=row.id,
        organization_id=row.organization_id,
        number=row.number,
        name=row.name,
        company=row.company,
        inn=row.inn,
        phones=tuple(row.phones or ()),
        emails=tuple(row.emails or ()),
        note=row.note,
        assignee_id=row.assignee_id,
        assignee_name=row.assignee_name or "",
        lead_id=row.qualified_from_lead_id,
        lead_number=row.lead_number or 0,
        created_at=row.created_at,
        updated_at=row.updated_at,
        custom=row.custom,
    )


async def next_number(s: Session) -> int:
    """The next short number of a customer; the row's lock keeps numbers without doubles."""
    counted = (
        counters.update()
        .where(counters.c.organization_id == s.tenant, counters.c.name == "customer")
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    )
    number: int | None = (await s.execute(counted)).scalar()
    if number is not None:
        return number
    try:
        async with s.connection.begin_nested():
            await s.execute(counters.insert().values(organization_id=s.tenant, name="customer", value=1))
        return 1
    except IntegrityError:
        # another one made the counter at the same time
        counted_now: int = (await s.execute(counted)).scalar_one()
        return counted_now


async def add_customer(s: Session, now: datetime, **values: object) -> UUID:
    customer_id = new_id()
    await s.execute(
        customers.insert().values(
            id=customer_id, organization_id=s.tenant, created_at=now, updated_at=now, **values
        )
    )
    await customer_phones.keep(s, customer_id, _phones(values.get("phones")))
    await hooks_out.owe(s, [Event(CUSTOMER_CREATED, {"customer": str(customer_id)})], now)
    return customer_id


async def update_customer(s: Session, customer_id: UUID, now: datetime, **values: object) -> None:
    await s.execute(
        customers.update()
        .where(_one.organization_id == s.tenant, _one.id == customer_id)
        .values(updated_at=now, **values)
    )
    if "phones" in values:
        await customer_phones.keep(s, customer_id, _phones(values["phones"]))
    if values.get("deleted_at") is not None:
        await customer_phones.let_go(s, customer_id)
    if values.get("deleted_at", now) is None:
        await hooks_out.owe(s, [Event(CUSTOMER_CREATED, {"customer": str(customer_id)})], now)


def _phones(given: object) -> list[str]:
    return [str(one) for one in given] if isinstance(given, list | tuple) else []


async def get_customer(s: Session, customer_id: UUID) -> Customer | None:
    """A customer that is not deleted."""
    row = await s.first(
        sa.select(*_CUSTOMER)
        .select_from(_JOINED)
        .where(_one.organization_id == s.tenant, _one.id == customer_id, _one.deleted_at.is_(None))
    )
    return _customer(row) if row is not None else None


async def of_lead(s: Session, lead_id: UUID) -> UUID | None:
    """The customer that was made of the lead, also where that was taken back since."""
    found: UUID | None = await s.scalar(
        sa.select(_one.id).where(_one.organization_id == s.tenant, _one.qualified_from_lead_id == lead_id)
    )
    return found


def visible_to(member_id: UUID, see_all: bool, see_unassigned: bool) -> sa.ColumnElement[bool]:
    """What a member may see: everything; or their own (as assignee, or as sender of the lead), and the
    free ones."""
    if see_all:
        return sa.true()
    own = sa.or_(_one.assignee_id == member_id, leads.c.sender_id == member_id)
    return sa.or_(own, _one.assignee_id.is_(None)) if see_unassigned else own


async def list_customers(
    s: Session, conditions: Sequence[sa.ColumnElement[bool]], limit: int, offset: int
) -> tuple[list[Customer], int]:
    """One page, newest first, and the count of all that fit."""
    fits = sa.and_(_one.organization_id == s.tenant, _one.deleted_at.is_(None), *conditions)
    total: int = await s.scalar(sa.select(sa.func.count()).select_from(_JOINED).where(fits))
    rows = await s.rows(
        sa.select(*_CUSTOMER)
        .select_from(_JOINED)
        .where(fits)
        .order_by(_one.number.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_customer(row) for row in rows], total


async def all_texts(s: Session, conditions: Sequence[sa.ColumnElement[bool]]) -> list[Row[Any]]:
    """Id and what people look for of every customer that fits, newest first: SQLite folds ASCII only, so the
    comparing is not left to the database."""
    return await s.rows(
        sa.select(_one.id, _one.number, _one.name, _one.company, _one.inn, _one.phones, _one.emails)
        .select_from(_JOINED)
        .where(_one.organization_id == s.tenant, _one.deleted_at.is_(None), *conditions)
        .order_by(_one.number.desc())
    )


def among_ids(ids: Sequence[UUID]) -> sa.ColumnElement[bool]:
    return _one.id.in_(ids)


async def copy_contacts(s: Session, lead_id: UUID, customer_id: UUID) -> int:
    """Give the customer the lead's contacts, those it has already aside; returns how many."""
    kept = await s.rows(
        sa.select(contacts.c.name, contacts.c.phone, contacts.c.email).where(
            contacts.c.organization_id == s.tenant, contacts.c.customer_id == customer_id
        )
    )
    known = {(row.name, row.phone, row.email) for row in kept}
    rows = await s.rows(
        sa.select(contacts).where(contacts.c.organization_id == s.tenant, contacts.c.lead_id == lead_id)
    )
    new = [
        {**row._mapping, "id": new_id(), "lead_id": None, "customer_id": customer_id}
        for row in rows
        if (row.name, row.phone, row.email) not in known
    ]
    if new:
        await s.execute(contacts.insert(), new)
    return len(new)


async def contacts_of(s: Session, customer_id: UUID) -> list[Row[Any]]:
    """Name, position, phone, e-mail of the customer's contacts, the primary one first."""
    return await s.rows(
        sa.select(contacts)
        .where(contacts.c.organization_id == s.tenant, contacts.c.customer_id == customer_id)
        .order_by(contacts.c.is_primary.desc(), contacts.c.name)
    )
