"""Telling sources which purchases were paid with bonuses."""

from datetime import timedelta
from typing import Any

import structlog

from crm_adapters import purchases
from domain.errors import CrmRateLimited, CrmUnavailable, VoronkaError
from domain.leads import Money
from domain.loyalty import Redemption
from services.access import open_to
from services.clock import Clock
from services.connections.integrations import Integrations
from storage.db import Database
from storage.transactions import loyalty, loyalty_spending, transaction_sources
from storage.transactions.loyalty_spending import PUSHED, REFUSED

log = structlog.get_logger()

LEASE = timedelta(minutes=2)


class BonusTelling:
    """Tells of confirmed redemptions. The redemption's id is the source's idempotency key."""

    def __init__(
        self, db: Database, clock: Clock, connections: Integrations, ladder: tuple[timedelta, ...]
    ) -> None:
        self.db, self.clock, self.connections, self.ladder = db, clock, connections, ladder

    @open_to("the scheduler")
    async def run(self) -> int:
        """Tell of all that are owed; returns how many. Never raises for one of them."""
        now = self.clock()
        async with self.db.transaction(system=True) as s:
            owed = await loyalty_spending.take_owed(s, now, now + LEASE)
        for one in owed:
            await self._settle(one, await self._tell(one))
        return len(owed)

    async def _tell(self, one: Redemption) -> Exception | None:
        try:
            async with self.db.reading(one.organization_id) as s:
                source = await transaction_sources.get(s, one.source_id) if one.source_id else None
                phone = await loyalty.phone_of(s, one.account_id)
            if source is None or source.integration_id is None:
                return None
            adapter = await self.connections.adapter(source.integration_id)
            if isinstance(adapter, purchases.BonusPayments):
                amount = Money(one.amount, one.currency)
                await adapter.pay_with_bonus(one.customer or phone, amount, str(one.id))
        except Exception as error:
            return error
        return None

    async def _settle(self, one: Redemption, error: Exception | None) -> None:
        values: dict[str, Any] = {"pushed": PUSHED, "due_at": None, "error": ""}
        if error is not None:
            code = error.code if isinstance(error, VoronkaError) else type(error).__name__
            log.warning("redemption.not_told", redemption=str(one.id), code=code)
            values = {"error": code, "attempts": one.attempts + 1}
            again = isinstance(error, CrmUnavailable | CrmRateLimited) and one.attempts < len(self.ladder)
            if again:
                values["due_at"] = self.clock() + self.ladder[one.attempts]
            else:
                values |= {"pushed": REFUSED, "due_at": None}
        async with self.db.transaction(one.organization_id) as s:
            await loyalty_spending.change_redemption(s, one.id, **values)
