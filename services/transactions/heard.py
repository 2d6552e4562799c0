"""What webhooks of sources tell: nothing of it is believed, each record is read back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from crm_adapters import purchases
from domain.errors import CrmError, CrmGone, CrmRateLimited, CrmUnavailable, CrmUnsupported
from domain.transactions import SourceTransaction, Unreadable
from services.access import open_to
from services.clock import Clock
from services.connections.integrations import Integrations
from services.transactions.ending import Ending
from services.transactions.storing import TransactionStore
from storage.db import Database
from storage.transactions import transaction_sources
from storage.transactions.transaction_sources import Source

log = structlog.get_logger()

_ENOUGH = (CrmUnavailable, CrmRateLimited)
Told = SourceTransaction | Unreadable


class TransactionsHeard:
    """Follows what webhooks name."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        connections: Integrations,
        store: TransactionStore,
        ending: Ending,
    ) -> None:
        self.db, self.clock, self.connections = db, clock, connections
        self.store, self.ending = store, ending

    @open_to("the worker")
    async def hear(
        self, organization_id: UUID, integration_id: UUID, external_ids: Sequence[str]
    ) -> dict[str, Exception | None]:
        """Read records back and keep them; for each None, or what went wrong. An empty id lets the source be
        read at once. A connection that is no source of purchases follows nothing: the answer is empty."""
        async with self.db.reading(organization_id) as session:
            source = await transaction_sources.of_integration(session, integration_id)
        if source is None or not source.active:
            return {}
        started = self.clock()
        outcomes: dict[str, Exception | None] = {}
        found: dict[str, Told | None] = {}
        stopped: CrmError | None = None
        adapter = await self._adapter(source)
        for external_id in external_ids:
            told = stopped or await self._read_back(adapter, external_id)
            if isinstance(told, Exception):
                outcomes[external_id] = told
                stopped = told if isinstance(told, _ENOUGH) else None
            else:
                outcomes[external_id] = None
                found[external_id] = told
        failed = next((one for one in outcomes.values() if one is not None), None)
        await self._keep(source, found, started, failed)
        return outcomes

    async def _adapter(self, source: Source) -> Any:
        """The adapter, or the error that nobody can read anything with."""
        assert source.integration_id is not None
        try:
            return await self.connections.adapter(source.integration_id)
        except CrmError as error:
            return error

    async def _read_back(self, adapter: Any, external_id: str) -> Told | Exception | None:
        """The record as it is now; None for one that is gone, what went wrong where nobody can say."""
        if not external_id:
            return None
        if not isinstance(adapter, purchases.Transactions):
            return adapter if isinstance(adapter, CrmError) else CrmUnsupported("transactions")
        try:
            return await adapter.read_transaction(external_id)
        except CrmGone:
            return None
        except CrmError as error:
            return error
        except Exception as error:
            log.exception("transactions.not_read_back")
            return error

    async def _keep(
        self, source: Source, found: Mapping[str, Told | None], asked_at: datetime, failed: Exception | None
    ) -> None:
        """All of them in one transaction. Those read later than the first are as old as it, which is safe."""
        async with self.db.transaction(source.organization_id) as session:
            if await transaction_sources.hold(session, source.id) is None:
                return
            told = [one for one in found.values() if one is not None]
            counts = await self.store.keep(session, source.id, told, asked_at)
            for external_id in sorted(one for one in found if one and found[one] is None):
                counts["changed"] += await self.store.gone(session, source.id, external_id, asked_at)
            if "" in found:
                await transaction_sources.want(session, source.id, self.clock())
            await self.ending.heard(session, source.id, asked_at, counts, failed)
