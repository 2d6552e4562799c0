"""Queries on the keys of the API, and on answers that are kept for requests that are repeated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

from domain.api_keys import ApiKey
from domain.members import Member
from storage.db import Session
from storage.ids import new_id
from storage.people.members import JOINED, MEMBER, member_in
from storage.tables import activities, api_answers, api_keys, contacts, customers, leads, members

_key = api_keys.c
_KEY = (*_key, members.c.name.label("member_name"))
_KEYS = sa.select(*_KEY).select_from(api_keys.join(members, members.c.id == _key.member_id))
_OF_KEY = "key_"
_BY_DIGEST = (
    sa.select(*MEMBER, *(one.label(_OF_KEY + one.name) for one in _KEY))
    .select_from(JOINED.join(api_keys, members.c.id == _key.member_id))
    .where(_key.digest == sa.bindparam("digest"))
)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """`status` is 0 while the request that began it has not ended."""

    fingerprint: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def _of(row: Row[Any], prefix: str = "") -> ApiKey:
    named = row._mapping
    return ApiKey(
        id=named[f"{prefix}id"],
        organization_id=named[f"{prefix}organization_id"],
        member_id=named[f"{prefix}member_id"],
        member_name=named[f"{prefix}member_name"],
        name=named[f"{prefix}name"],
        shown=named[f"{prefix}shown"],
        scopes=tuple(named[f"{prefix}scopes"]),
        created_at=named[f"{prefix}created_at"],
        expires_at=named[f"{prefix}expires_at"],
        used_at=named[f"{prefix}used_at"],
        used_from=named[f"{prefix}used_from"],
        revoked_at=named[f"{prefix}revoked_at"],
    )


async def by_digest(s: Session, digest: str) -> tuple[ApiKey, Member] | None:
    """The key and for whom it acts; system scope."""
    row = (await s.execute(_BY_DIGEST, {"digest": digest})).first()
    return (_of(row, _OF_KEY), member_in(row)) if row is not None else None


async def get(s: Session, key_id: UUID) -> ApiKey | None:
    row = await s.first(_KEYS.where(_key.organization_id == s.tenant, _key.id == key_id))
    return _of(row) if row is not None else None


async def standing(s: Session) -> list[ApiKey]:
    """Keys that nobody has revoked, the newest first."""
    rows = await s.rows(
        _KEYS.where(_key.organization_id == s.tenant, _key.revoked_at.is_(None)).order_by(_key.id.desc())
    )
    return [_of(row) for row in rows]


async def add(s: Session, now: datetime, **values: object) -> UUID:
    key_id = new_id()
    await s.execute(api_keys.insert().values(id=key_id, organization_id=s.tenant, created_at=now, **values))
    return key_id


async def change(s: Session, key_id: UUID, **values: object) -> None:
    await s.execute(
        api_keys.update().where(_key.organization_id == s.tenant, _key.id == key_id).values(**values)
    )


async def begin_answer(s: Session, key_id: UUID, request_key: str, fingerprint: str, now: datetime) -> bool:
    """Claim a request's key; False where it was claimed before. Of two at once the second waits here until
    the first has ended."""
    insert = (postgresql if s.dialect == "postgresql" else sqlite).insert(api_answers)
    row = {
        "organization_id": s.tenant,
        "key_id": key_id,
        "request_key": request_key,
        "fingerprint": fingerprint,
        "created_at": now,
    }
    done = await s.execute(insert.values(row).on_conflict_do_nothing())
    return done.rowcount == 1


async def kept_answer(s: Session, key_id: UUID, request_key: str) -> KeptAnswer | None:
    row = await s.first(
        sa.select(api_answers).where(
            api_answers.c.organization_id == s.tenant,
            api_answers.c.key_id == key_id,
            api_answers.c.request_key == request_key,
        )
    )
    return KeptAnswer(row.fingerprint, row.status, row.headers, row.body or b"") if row is not None else None


async def keep_answer(
    s: Session, key_id: UUID, request_key: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    await s.execute(
        api_answers.update()
        .where(
            api_answers.c.organization_id == s.tenant,
            api_answers.c.key_id == key_id,
            api_answers.c.request_key == request_key,
        )
        .values(status=status, headers=dict(headers), body=body)
    )


async def forget_answers(s: Session, before: datetime) -> int:
    """System scope."""
    done = await s.execute(api_answers.delete().where(api_answers.c.created_at < before))
    return done.rowcount


async def lead_of_contact(s: Session, contact_id: UUID) -> UUID | None:
    found: UUID | None = await s.scalar(
        sa.select(contacts.c.lead_id).where(
            contacts.c.organization_id == s.tenant, contacts.c.id == contact_id
        )
    )
    return found


_HELD = {"lead": leads, "activity": activities, "customer": customers}


async def hold(s: Session, kind: str, record_id: UUID) -> None:
    """Keep others from changing a lead, an activity or a customer until the end of this transaction."""
    table = _HELD[kind]
    await s.execute(
        sa.select(table.c.id)
        .where(table.c.organization_id == s.tenant, table.c.id == record_id)
        .with_for_update()
    )
