"""A write of the API is one transaction: the claim of its Idempotency-Key, the use case, and the answer."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from domain.api_keys import Caller
from domain.errors import BadInput
from services.access import open_to
from services.clock import Clock
from storage.db import Database
from storage.entry import api_keys as rows
from storage.entry.api_keys import KeptAnswer
from storage.leads import lead_history
from storage.leads import leads as lead_rows

KEPT_FOR = timedelta(days=1)
"""How long a request can be repeated."""


class ApiWrites:
    """What surrounds the use cases that the API calls."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @open_to("the API")
    @asynccontextmanager
    async def together(self, caller: Caller) -> AsyncIterator[None]:
        """Everything that use cases write inside is committed together, or not at all; the history of leads
        says by which key it came."""
        with lead_history.by_api(caller.key.name):
            async with self.db.ambient(caller.member.organization_id):
                yield

    @open_to("the API")
    @asynccontextmanager
    async def apart(self, caller: Caller) -> AsyncIterator[None]:
        """Inside `together`: an error takes back what was written in here alone."""
        async with self.db.transaction(caller.member.organization_id):
            yield

    @open_to("the API")
    async def begin(self, caller: Caller, request_key: str, fingerprint: str) -> KeptAnswer | None:
        """Claim a request inside `together`: None where it is new, what was answered where it was done.

        Raises BadInput("idempotency_key", "other_request") where the key was used for something else.
        """
        digest = _digest(request_key)
        async with self.db.transaction(caller.member.organization_id) as s:
            if await rows.begin_answer(s, caller.key.id, digest, fingerprint, self.clock()):
                return None
            kept = await rows.kept_answer(s, caller.key.id, digest)
        if kept is None or kept.fingerprint != fingerprint:
            raise BadInput("idempotency_key", "other_request")
        return kept

    @open_to("the API")
    async def keep(
        self, caller: Caller, request_key: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Remember the answer to a request that `begin` claimed."""
        async with self.db.transaction(caller.member.organization_id) as s:
            await rows.keep_answer(s, caller.key.id, _digest(request_key), status, headers, body)

    @open_to("the API")
    async def hold(self, caller: Caller, kind: str, record_id: UUID) -> None:
        """Inside `together`, keep others from changing a record that is about to be compared: kind is lead,
        contact, activity, customer or stage."""
        async with self.db.transaction(caller.member.organization_id) as s:
            if kind == "stage":
                await lead_rows.hold_numbers(s)
                return
            if kind == "contact":
                # whoever changes a contact holds its lead, and everybody has to take the same lock first
                lead_id = await rows.lead_of_contact(s, record_id)
                kind, record_id = "lead", lead_id or record_id
            await rows.hold(s, kind, record_id)

    @open_to("the scheduler")
    async def forget_old(self) -> int:
        """Forget answers that nobody can ask for any more."""
        async with self.db.transaction(system=True) as s:
            return await rows.forget_answers(s, self.clock() - KEPT_FOR)


def _digest(request_key: str) -> str:
    return hashlib.sha256(request_key.encode(errors="replace")).hexdigest()
