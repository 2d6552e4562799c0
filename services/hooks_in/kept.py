"""Deliveries of our own hooks: committed raw first, then taken in one transaction."""

import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import BadInput, DuplicateLead, WebhookRefused
from services.clock import Clock
from storage.db import Database, Session
from storage.hooks_in import hooks, inbox
from storage.hooks_in.hooks import Hook
from storage.hooks_in.inbox import Arrived, InboxRow, InboxState
from storage.ids import new_id
from storage.leads import uploads
from storage.together import Way

LEASE = timedelta(seconds=60)
GIVEN_BACK = timedelta(seconds=1)
"""Until then nobody takes what could not be finished: whoever was at it may still write it down."""
EVENT_ROOM = 200
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A delivery and the files that came with it."""

    arrived: Arrived
    files: Sequence[UUID]


class KeptDeliveries:
    """Keeps and settles them."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock
        self._way = Way(self._keep)

    async def hook(self, key: str, provider: str) -> Hook:
        """The hook at an address. Raises WebhookRefused for a key that is none of this kind."""
        async with self.db.reading(system=True) as session:
            found = await hooks.by_key(session, key)
        if found is None or found.provider != provider:
            raise WebhookRefused(reason="unknown_key")
        return found

    async def hook_of(self, row: InboxRow) -> Hook:
        async with self.db.reading(row.organization_id) as session:
            found = await hooks.get(session, row.hook_id)
        assert found is not None
        return found

    async def keep(
        self, hook: Hook, body: bytes, event_id: str = "", files: Sequence[UUID] = (),
        state: InboxState = InboxState.RUNNING, why: str = "",
    ) -> UUID | None:  # fmt: skip
        """Commit a delivery; None for one whose event id is here already. A running one is the caller's for
        a lease, and the inbox's after that. `why` says what an ignored one is ignored for."""
        lease_until = self.clock() + LEASE if state is InboxState.RUNNING else None
        arrived = Arrived(
            new_id(), hook.organization_id, hook.id, event_id[:EVENT_ROOM], {}, body, state, lease_until, why
        )
        return await self.db.together.take(self._way, _Parcel(arrived, files))

    async def _keep(self, session: Session, parcels: Sequence[_Parcel]) -> Sequence[UUID | None]:
        now = self.clock()
        new = await inbox.add(session, [one.arrived for one in parcels], now)
        for one in parcels:
            if one.arrived.id in new and one.files:
                scoped = session.scoped(one.arrived.organization_id, system=False)
                await uploads.came_with(scoped, one.files, one.arrived.id)
        return [one.arrived.id if one.arrived.id in new else None for one in parcels]

    async def finish(self, hook: Hook, row_id: UUID, take: Callable[[Session], Awaitable[T]]) -> T:
        """Do `take` and settle the delivery, all or nothing. What it raises of BadInput and DuplicateLead is
        kept as the reason of a refusal; a BadInput has `fields` then, {field: reason}. What an outage stops
        is the inbox's in a moment where that can be written down, and after the lease else."""
        try:
            async with self.db.transaction(hook.organization_id) as session:
                made = await take(session)
                await inbox.settle(session, row_id, InboxState.DONE, self.clock())
        except DuplicateLead as error:
            await self._reject(hook, row_id, error.code)
            raise
        except BadInput as error:
            wrong = error.params.get("fields") or {error.field: error.reason}
            await self._reject(hook, row_id, json.dumps(wrong))
            if "fields" in error.params:
                raise
            raise BadInput(error.field, error.reason, fields=wrong) from error
        except (SQLAlchemyError, OSError):
            await self._give_back(hook, row_id)
            raise
        return made

    async def _give_back(self, hook: Hook, row_id: UUID) -> None:
        with suppress(SQLAlchemyError, OSError):
            async with self.db.transaction(hook.organization_id) as session:
                await inbox.give_back(session, row_id, self.clock() + GIVEN_BACK)

    async def _reject(self, hook: Hook, row_id: UUID, why: str) -> None:
        async with self.db.transaction(hook.organization_id) as session:
            await inbox.reject(session, row_id, self.clock(), why)
