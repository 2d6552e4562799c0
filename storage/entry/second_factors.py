"""Queries on second factors, and on what a code has opened for some minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from storage.db import Session
from storage.tables import second_factor_passes, second_factors

_factor, _pass = second_factors.c, second_factor_passes.c


@dataclass(frozen=True, slots=True)
class Factor:
    """`secret` is sealed; `recovery` are digests. A factor counts once it is confirmed."""

    member_id: UUID
    secret: bytes
    created_at: datetime
    confirmed_at: datetime | None
    last_step: int
    wrong: int
    locked_until: datetime | None
    recovery: tuple[str, ...]


async def get(s: Session, member_id: UUID, *, hold: bool = False) -> Factor | None:
    """With `hold` nobody else checks a code of theirs until the transaction ends."""
    asked = sa.select(
        _factor.member_id, _factor.secret, _factor.created_at, _factor.confirmed_at, _factor.last_step,
        _factor.wrong, _factor.locked_until, _factor.recovery,
    ).where(_factor.organization_id == s.tenant, _factor.member_id == member_id)  # fmt: skip
    row = await s.first(asked.with_for_update() if hold else asked)
    if row is None:
        return None
    kept = dict(row._mapping)
    return Factor(**{**kept, "recovery": tuple(kept["recovery"].get("codes", ()))})


async def has(s: Session, member_id: UUID) -> bool:
    """Whether the member has turned it on."""
    asked = sa.select(_factor.member_id).where(
        _factor.organization_id == s.tenant, _factor.member_id == member_id, _factor.confirmed_at.is_not(None)
    )
    return await s.first(asked) is not None


async def holders(s: Session) -> list[UUID]:
    """Ids of the members who have turned it on."""
    rows = await s.rows(
        sa.select(_factor.member_id)
        .where(_factor.organization_id == s.tenant, _factor.confirmed_at.is_not(None))
        .order_by(_factor.confirmed_at, _factor.member_id)
    )
    return [row.member_id for row in rows]


async def begun_before(s: Session, moment: datetime) -> list[tuple[UUID, UUID]]:
    """(organization, member) of those who have begun before the moment and not finished; system scope."""
    rows = await s.rows(
        sa.select(_factor.organization_id, _factor.member_id).where(
            _factor.confirmed_at.is_(None), _factor.created_at < moment
        )
    )
    return [(row.organization_id, row.member_id) for row in rows]


async def put(s: Session, member_id: UUID, secret: bytes, now: datetime) -> None:
    """A new secret that is not confirmed yet, in place of an earlier one."""
    await remove(s, member_id)
    await s.execute(
        second_factors.insert().values(
            organization_id=s.tenant, member_id=member_id, secret=secret, created_at=now
        )
    )


async def change(s: Session, member_id: UUID, **values: object) -> None:
    await s.execute(
        second_factors.update()
        .where(_factor.organization_id == s.tenant, _factor.member_id == member_id)
        .values(**values)
    )


async def keep_recovery(s: Session, member_id: UUID, digests: Sequence[str]) -> None:
    await change(s, member_id, recovery={"codes": list(digests)})


async def remove(s: Session, member_id: UUID) -> None:
    """With everything that its codes have opened."""
    for table in (second_factors, second_factor_passes):
        await s.execute(
            table.delete().where(table.c.organization_id == s.tenant, table.c.member_id == member_id)
        )


async def is_open(s: Session, member_id: UUID, via: str, now: datetime) -> bool:
    """Whether a code has opened this way a short while ago."""
    asked = sa.select(_pass.via).where(
        _pass.organization_id == s.tenant, _pass.member_id == member_id, _pass.via == via, _pass.until > now
    )
    return await s.first(asked) is not None


async def open_until(s: Session, member_id: UUID, via: str, until: datetime) -> None:
    insert = (postgresql if s.dialect == "postgresql" else sqlite).insert(second_factor_passes)
    row = {"organization_id": s.tenant, "member_id": member_id, "via": via, "until": until}
    await s.execute(
        insert.values(row).on_conflict_do_update(index_elements=["member_id", "via"], set_={"until": until})
    )


async def forget_passes(s: Session, before: datetime) -> int:
    """System scope."""
    done = await s.execute(second_factor_passes.delete().where(_pass.until < before))
    return done.rowcount
