"""Queries on the people behind leads and customers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Row

from domain.contacts import Contact, ContactDraft
from storage.db import Session
from storage.ids import new_id
from storage.tables import contact_points, contacts, files

_one = contacts.c
_POINT_KINDS = ("phone", "email")


def _of(row: Row[Any]) -> Contact:
    return Contact(
        id=row.id,
        lead_id=row.lead_id,
        customer_id=row.customer_id,
        name=row.name,
        position=row.position,
        phone=row.phone,
        email=row.email,
        decides=row.decides,
        is_primary=row.is_primary,
    )


def in_order(found: Sequence[Contact]) -> list[Contact]:
    """The primary one first, then by name as people sort it: neither engine folds every alphabet."""
    return sorted(found, key=lambda one: (not one.is_primary, one.name.casefold(), one.id))


async def of_lead(s: Session, lead_id: UUID) -> list[Contact]:
    """The lead's contacts, the primary one first, then alphabetically."""
    rows = await s.rows(sa.select(contacts).where(_one.organization_id == s.tenant, _one.lead_id == lead_id))
    return in_order([_of(row) for row in rows])


async def of_customer(s: Session, customer_id: UUID) -> list[Contact]:
    """The customer's contacts in the same order."""
    rows = await s.rows(
        sa.select(contacts).where(_one.organization_id == s.tenant, _one.customer_id == customer_id)
    )
    return in_order([_of(row) for row in rows])


async def get(s: Session, contact_id: UUID) -> Contact | None:
    row = await s.first(sa.select(contacts).where(_one.organization_id == s.tenant, _one.id == contact_id))
    return _of(row) if row is not None else None


async def add(
    s: Session,
    draft: ContactDraft,
    now: datetime,
    *,
    lead_id: UUID | None = None,
    customer_id: UUID | None = None,
    is_primary: bool = False,
) -> UUID:
    """A person of one lead or one customer. Those of leads count in the duplicate check."""
    contact_id = new_id()
    await s.execute(
        contacts.insert().values(
            id=contact_id,
            organization_id=s.tenant,
            lead_id=lead_id,
            customer_id=customer_id,
            is_primary=is_primary,
            created_at=now,
            **_values(draft),
        )
    )
    if lead_id is not None:
        await _keep_points(s, lead_id, contact_id, draft)
    return contact_id


async def change(s: Session, contact: Contact, draft: ContactDraft) -> None:
    """Write a person anew, with the phone and the e-mail that the duplicate check knows of them."""
    await s.execute(
        contacts.update()
        .where(_one.organization_id == s.tenant, _one.id == contact.id)
        .values(**_values(draft))
    )
    if contact.lead_id is not None:
        await _forget_points(s, contact.id)
        await _keep_points(s, contact.lead_id, contact.id, draft)


async def remove(s: Session, contact_id: UUID) -> None:
    await _forget_points(s, contact_id)
    await s.execute(contacts.delete().where(_one.organization_id == s.tenant, _one.id == contact_id))


async def make_primary(s: Session, contact: Contact) -> None:
    """The first to ring up; nobody else of the same lead or customer is any more."""
    siblings = _one.lead_id == contact.lead_id if contact.lead_id else _one.customer_id == contact.customer_id
    await s.execute(
        contacts.update()
        .where(_one.organization_id == s.tenant, siblings)
        .values(is_primary=_one.id == contact.id)
    )


async def copy_to_customer(s: Session, lead_id: UUID, customer_id: UUID, now: datetime) -> int:
    """Copy the lead's contacts to the customer it has become; returns how many."""
    found = await of_lead(s, lead_id)
    for one in found:
        draft = ContactDraft(one.name, one.position, one.phone, one.email, one.decides)
        await add(s, draft, now, customer_id=customer_id, is_primary=one.is_primary)
    return len(found)


async def counts(s: Session, lead_id: UUID) -> tuple[int, int]:
    """How many contacts and how many files a lead has."""
    row = await s.first(
        sa.select(
            sa.select(sa.func.count())
            .select_from(contacts)
            .where(_one.organization_id == s.tenant, _one.lead_id == lead_id)
            .scalar_subquery()
            .label("contacts"),
            sa.select(sa.func.count())
            .select_from(files)
            .where(
                files.c.organization_id == s.tenant, files.c.lead_id == lead_id, files.c.deleted_at.is_(None)
            )
            .scalar_subquery()
            .label("files"),
        )
    )
    return (row.contacts, row.files) if row is not None else (0, 0)


async def values_of(s: Session, lead_id: UUID) -> list[str]:
    """Every phone and e-mail that counts in the duplicate check: the lead's own and its contacts'."""
    rows = await s.rows(
        sa.select(contact_points.c.value)
        .where(contact_points.c.organization_id == s.tenant, contact_points.c.lead_id == lead_id)
        .order_by(contact_points.c.position)
    )
    return [row.value for row in rows]


def _values(draft: ContactDraft) -> dict[str, object]:
    return {
        "name": draft.name,
        "position": draft.position,
        "phone": draft.phone,
        "email": draft.email,
        "decides": draft.decides,
    }


async def _keep_points(s: Session, lead_id: UUID, contact_id: UUID, draft: ContactDraft) -> None:
    rows = [
        {
            "id": new_id(),
            "organization_id": s.tenant,
            "lead_id": lead_id,
            "contact_id": contact_id,
            "kind": kind,
            "value": value,
            "typed": value,
            "position": 1000,
        }
        for kind, value in zip(_POINT_KINDS, (draft.phone, draft.email), strict=True)
        if value
    ]
    if rows:
        await s.execute(contact_points.insert(), rows)


async def _forget_points(s: Session, contact_id: UUID) -> None:
    await s.execute(
        contact_points.delete().where(
            contact_points.c.organization_id == s.tenant, contact_points.c.contact_id == contact_id
        )
    )
