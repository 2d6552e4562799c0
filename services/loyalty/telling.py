"""Telling sources which purchases were paid with bonuses, where they can take them off their own cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from crm_adapters import PROVIDERS, purchases
from domain.errors import CrmError, CrmRateLimited, CrmUnavailable, VoronkaError
from domain.leads import Money
from domain.loyalty import Redemption
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock
from services.connections.capabilities import can
from services.connections.integrations import Integrations
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.delivery import integrations
from storage.people import members
from storage.transactions import loyalty, loyalty_spending, transaction_sources
from storage.transactions.loyalty_spending import PUSHED, REFUSED

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
NOT_TOLD = "loyalty.not_told"


@dataclass(frozen=True, slots=True)
class Place:
    """A source that takes bonuses off its own cards, as people call it; plain text."""

    id: UUID
    title: str


class BonusTelling:
    """Tells of confirmed redemptions. The redemption's id is the source's idempotency key."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        connections: Integrations,
        ladder: tuple[timedelta, ...],
        notices: Notices,
    ) -> None:
        self.db, self.clock, self.connections, self.ladder = db, clock, connections, ladder
        self.notices = notices

    @needs(Right.LEAD_WORK)
    async def places(self, member: Member) -> Sequence[Place]:
        """Where bonuses can be taken off too, oldest first."""
        async with self.db.reading(member.organization_id) as s:
            rows = {row.id: row for row in await integrations.every(s)}
            sources = [one for one in await transaction_sources.every(s) if one.active]
        found = [(one, rows[one.integration_id]) for one in sources if one.integration_id in rows]
        return [
            Place(one.id, f"{PROVIDERS[row.provider].manifest.title} · {one.name or row.account}")
            for one, row in found
            if can(PROVIDERS[row.provider].build, purchases.BonusPayments)
        ]

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
            if error is not None and values.get("pushed") == REFUSED:
                await self._complain(s, one, error, values["error"])

    async def _complain(self, s: Session, one: Redemption, error: Exception, code: str) -> None:
        """Whoever let the person pay so takes the bonuses off by hand."""
        member = await members.get_member(s, one.made_by) if one.made_by is not None else None
        if member is not None:
            reason = error.reason if isinstance(error, CrmError) else ""
            params = {"redemption": str(one.id), "error": code, "reason": reason[:200]}
            await self.notices.owe(s, member.telegram_id, NOT_TOLD, params)
