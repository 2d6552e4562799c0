"""Whose phone it is: customers found by it, and purchases that get their customer."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from storage.among import among
from storage.db import Session
from storage.tables import customer_phones, customers, transaction_buyers, transactions

_phone, _buyer, _one = customer_phones.c, transaction_buyers.c, transactions.c


async def keep(s: Session, customer_id: UUID, phones: Collection[str]) -> None:
    """Let the customer be found by these phones and no others; their purchases become the customer's."""
    await s.execute(
        customer_phones.delete().where(_phone.organization_id == s.tenant, _phone.customer_id == customer_id)
    )
    numbers = list(dict.fromkeys(phones))
    await s.execute(
        transactions.update()
        .where(_one.organization_id == s.tenant, _one.customer_id == customer_id, _one.phone.not_in(numbers))
        .values(customer_id=None)
    )
    if not numbers:
        return
    rows = [{"organization_id": s.tenant, "customer_id": customer_id, "phone": number} for number in numbers]
    await s.execute(customer_phones.insert(), rows)
    await adopt(s, customer_id, numbers)


async def adopt(s: Session, customer_id: UUID, phones: Collection[str]) -> None:
    """Purchases with these phones that are nobody's are this customer's."""
    await s.execute(
        transactions.update()
        .where(_one.organization_id == s.tenant, among(s, _one.phone, phones), _one.customer_id.is_(None))
        .values(customer_id=customer_id)
    )


async def let_go(s: Session, customer_id: UUID) -> None:
    """The customer is gone: its purchases are nobody's until another customer has the phone."""
    await s.execute(
        transactions.update()
        .where(_one.organization_id == s.tenant, _one.customer_id == customer_id)
        .values(customer_id=None)
    )


async def owners(s: Session, phones: Collection[str]) -> dict[str, UUID]:
    """Phone -> the customer who has it, the oldest where several do."""
    if not phones:
        return {}
    rows = await s.rows(
        sa.select(_phone.phone, _phone.customer_id)
        .join(customers, customers.c.id == _phone.customer_id)
        .where(
            _phone.organization_id == s.tenant,
            among(s, _phone.phone, phones),
            customers.c.deleted_at.is_(None),
        )
        .order_by(_phone.phone, customers.c.number.desc())
    )
    return {row.phone: row.customer_id for row in rows}


async def of_customer(s: Session, customer_id: UUID) -> list[str]:
    """The customer's phones, by number."""
    rows = await s.rows(
        sa.select(_phone.phone)
        .where(_phone.organization_id == s.tenant, _phone.customer_id == customer_id)
        .order_by(_phone.phone)
    )
    return [row.phone for row in rows]


async def buyers(s: Session, source_id: UUID, refs: Collection[str]) -> dict[str, str]:
    """The source's own id of a buyer -> phone, as far as it is known."""
    if not refs:
        return {}
    rows = await s.rows(
        sa.select(_buyer.customer, _buyer.phone).where(
            _buyer.organization_id == s.tenant,
            _buyer.source_id == source_id,
            among(s, _buyer.customer, refs),
        )
    )
    return {row.customer: row.phone for row in rows}


async def learn(s: Session, source_id: UUID, phones: Mapping[str, str], now: datetime) -> None:
    """Keep whose buyer's id it is. A later phone takes an earlier one's place."""
    make = sqlite.insert if s.dialect == "sqlite" else postgresql.insert
    for customer, phone in sorted(phones.items()):
        added = make(transaction_buyers).values(
            organization_id=s.tenant, source_id=source_id, customer=customer, phone=phone, created_at=now
        )
        await s.execute(
            added.on_conflict_do_update(index_elements=["source_id", "customer"], set_={"phone": phone})
        )


async def waiting(s: Session, source_id: UUID, phones: Mapping[str, str]) -> list[UUID]:
    """Purchases of these buyers that have no phone yet get it; returns which those are."""
    found: list[UUID] = []
    for customer, phone in sorted(phones.items()):
        rows = await s.rows(
            transactions.update()
            .where(
                _one.organization_id == s.tenant,
                _one.source_id == source_id,
                _one.customer == customer,
                _one.customer != "",
                _one.phone == "",
            )
            .values(phone=phone, version=_one.version + sa.case((_one.version > 0, 1), else_=0))
            .returning(_one.id)
        )
        found += [row.id for row in rows]
    return found


async def match_all(s: Session) -> int:
    """Purchases that are nobody's get the oldest customer with their phone; system scope."""
    owner = (
        sa.select(_phone.customer_id)
        .join(customers, customers.c.id == _phone.customer_id)
        .where(
            _phone.organization_id == _one.organization_id,
            _phone.phone == _one.phone,
            customers.c.deleted_at.is_(None),
        )
        .order_by(customers.c.number)
        .limit(1)
        .correlate(transactions)
    )
    result = await s.execute(
        transactions.update()
        .where(
            _one.customer_id.is_(None),
            _one.phone.in_(sa.select(_phone.phone)),
            owner.exists(),
        )
        .values(customer_id=owner.scalar_subquery())
    )
    return result.rowcount
