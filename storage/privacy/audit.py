"""Queries on the record of actions and its chains."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

from domain.audit import KINDS, ChainState, Entry, Sought, canonical, signature
from domain.origin import address_now
from storage.db import Database, Session
from storage.ids import new_id
from storage.tables import audit, audit_chains, leads, members

_OPTION = "audit_key"
_columns = audit.c
_ADD = audit.insert()
_chain = audit_chains.c
CONTENT = (
    _columns.id, _columns.organization_id, _columns.actor_id, _columns.action, _columns.entity,
    _columns.entity_id, _columns.data, _columns.at, _columns.address,
)  # fmt: skip


PURPOSE = "audit"
"""What the key of signatures is derived for."""


def sign_with(db: Database, key: bytes) -> None:
    """From now on entries written through this database are signed."""
    db.engine.sync_engine.update_execution_options(**{_OPTION: key})


def _key_of(s: Session) -> bytes | None:
    connection = s.connection.sync_connection
    found: bytes | None = connection.get_execution_options().get(_OPTION) if connection is not None else None
    return found


async def add_audit(
    s: Session, actor_id: UUID | None, action: str, entity: str, entity_id: UUID | None, now: datetime,
    data: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    """Write down who did what to which record; `data` says more where the action alone does not. It holds no
    personal data of leads: the record is chained and cannot be changed later."""
    row = {
        "id": new_id(),
        "organization_id": s.tenant,
        "actor_id": actor_id,
        "action": action,
        "entity": entity,
        "entity_id": entity_id,
        "data": json.loads(json.dumps(dict(data))) if data else {},
        "at": now,
        "address": address_now(),
    }
    key = _key_of(s)
    row["sign"] = signature(key, canonical(row)) if key is not None else ""
    await s.execute(_ADD, row)


def _of(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        organization_id=row.organization_id,
        actor_id=row.actor_id,
        action=row.action,
        entity=row.entity,
        entity_id=row.entity_id,
        data=row.data,
        at=row.at,
        address=row.address,
        actor_name=row.actor_name or "",
        subject=row.subject or (str(row.number) if row.number is not None else ""),
        seq=row.seq,
    )


def _fits(s: Session, sought: Sought) -> list[sa.ColumnElement[bool]]:
    found = [_columns.organization_id == s.tenant]
    if sought.member_id is not None:
        found.append(_columns.actor_id == sought.member_id)
    if sought.entity_id is not None:
        found.append(_columns.entity_id == sought.entity_id)
    if sought.lead:
        numbered = sa.select(leads.c.id).where(
            leads.c.organization_id == s.tenant, leads.c.number == sought.lead
        )
        found.append(_columns.entity_id.in_(numbered))
    if sought.kind in KINDS:
        found.append(sa.or_(*(_columns.action.startswith(f"{one}.") for one in KINDS[sought.kind])))
    if sought.since is not None:
        found.append(_columns.at >= sought.since)
    if sought.until is not None:
        found.append(_columns.at < sought.until)
    return found


async def page(s: Session, sought: Sought, limit: int, offset: int) -> list[Entry]:
    """What fits, the newest first."""
    actor, about = members.alias("actor"), members.alias("about")
    rows = await s.rows(
        sa.select(
            *CONTENT, _columns.seq, actor.c.name.label("actor_name"), about.c.name.label("subject"),
            leads.c.number,
        )
        .select_from(
            audit.outerjoin(actor, actor.c.id == _columns.actor_id)
            .outerjoin(about, sa.and_(about.c.id == _columns.entity_id, _columns.entity == "member"))
            .outerjoin(leads, sa.and_(leads.c.id == _columns.entity_id, _columns.entity == "lead"))
        )
        .where(*_fits(s, sought))
        .order_by(_columns.at.desc(), _columns.id.desc())
        .limit(limit)
        .offset(offset)
    )  # fmt: skip
    return [_of(row) for row in rows]


async def count(s: Session, sought: Sought) -> int:
    return int(await s.scalar(sa.select(sa.func.count()).select_from(audit).where(*_fits(s, sought))))


async def waiting_organizations(s: Session) -> list[UUID]:
    """Organizations with entries that are not chained yet; system scope."""
    rows = await s.rows(sa.select(_columns.organization_id).where(_columns.seq.is_(None)).distinct())
    return [row.organization_id for row in rows]


async def chains_unverified(s: Session, since: datetime) -> list[UUID]:
    """Organizations whose chain was not verified since a moment; system scope."""
    due = sa.or_(_chain.verified_at.is_(None), _chain.verified_at < since)
    return [row.organization_id for row in await s.rows(sa.select(_chain.organization_id).where(due))]


async def add_chain(s: Session, key: bytes) -> None:
    """Begin the organization's chain, where there is none."""
    kind = sqlite if s.dialect == "sqlite" else postgresql
    await s.execute(
        kind.insert(audit_chains).values(organization_id=s.tenant, key=key).on_conflict_do_nothing()
    )


async def chain(s: Session, *, hold: bool = False) -> Row[Any] | None:
    """The organization's chain; its row is locked where `hold`."""
    query = sa.select(audit_chains).where(_chain.organization_id == s.tenant)
    return await s.first(query.with_for_update() if hold else query)


async def chain_state(s: Session) -> ChainState:
    row = await chain(s)
    if row is None:
        return ChainState()
    return ChainState(row.seq, row.mac, row.sealed_at, row.verified_at, row.verified_seq, row.broken)


async def keep_chain(s: Session, **values: object) -> None:
    await s.execute(audit_chains.update().where(_chain.organization_id == s.tenant).values(**values))


async def unsealed(s: Session, limit: int) -> list[Row[Any]]:
    """Committed entries that are not chained yet, by id."""
    return await s.rows(
        sa.select(*CONTENT, _columns.sign)
        .where(_columns.organization_id == s.tenant, _columns.seq.is_(None))
        .order_by(_columns.id)
        .limit(limit)
    )


async def unsealed_count(s: Session) -> int:
    return int(await s.scalar(sa.select(sa.func.count()).select_from(audit).where(
        _columns.organization_id == s.tenant, _columns.seq.is_(None)
    )))  # fmt: skip


async def seal(s: Session, links: Sequence[Mapping[str, Any]]) -> None:
    """Keep the places of entries: each has id, seq, proof, digest and mac."""
    given = [{f"to_{name}": value for name, value in one.items()} for one in links]
    await s.execute(
        audit.update()
        .where(_columns.organization_id == s.tenant, _columns.id == sa.bindparam("to_id", type_=sa.Uuid))
        .values({name: sa.bindparam(f"to_{name}") for name in ("seq", "proof", "digest", "mac")}),
        given,
    )


async def sealed_after(s: Session, seq: int, limit: int) -> list[Row[Any]]:
    """Chained entries behind a place, in order."""
    return await s.rows(
        sa.select(*CONTENT, _columns.seq, _columns.proof, _columns.digest, _columns.mac)
        .where(_columns.organization_id == s.tenant, _columns.seq > seq)
        .order_by(_columns.seq)
        .limit(limit)
    )


async def outside(s: Session) -> Row[Any] | None:
    """The first entry that says it is chained where the chain does not reach: before its beginning or
    behind its end."""
    return await s.first(
        sa.select(_columns.id, _columns.seq)
        .select_from(audit.outerjoin(audit_chains, _chain.organization_id == _columns.organization_id))
        .where(
            _columns.organization_id == s.tenant,
            _columns.seq.is_not(None),
            sa.or_(_chain.seq.is_(None), _columns.seq > _chain.seq, _columns.seq <= _chain.base_seq),
        )
        .order_by(_columns.seq)
        .limit(1)
    )


async def mac_at(s: Session, seq: int) -> str | None:
    """What chains the entry at a place; None where no entry stands."""
    found: str | None = await s.scalar(
        sa.select(_columns.mac).where(_columns.organization_id == s.tenant, _columns.seq == seq)
    )
    return found


async def older(s: Session, before: datetime, above: int, limit: int) -> list[Row[Any]]:
    """The oldest chained entries, as long as they are from before a moment."""
    rows = await s.rows(
        sa.select(_columns.id, _columns.seq, _columns.mac, _columns.at)
        .where(_columns.organization_id == s.tenant, _columns.seq > above)
        .order_by(_columns.seq)
        .limit(limit)
    )
    return list(takewhile(lambda row: row.at < before, rows))


async def remove(s: Session, ids: Collection[UUID]) -> None:
    """Take entries out for good. The chain's beginning has to be kept first."""
    await s.execute(audit.delete().where(_columns.organization_id == s.tenant, _columns.id.in_(ids)))
