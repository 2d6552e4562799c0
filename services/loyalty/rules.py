"""What purchases earn: an organization's rules, of which the one that began last holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import BadInput, NotFound, TooLate
from domain.fields import read_text
from domain.loyalty import Rule, read_terms
from domain.members import Member, Right
from services.access import needs
from services.audit.recorded import recorded
from services.clock import Clock
from storage.db import Database
from storage.ids import new_id
from storage.transactions import loyalty

NAME_LENGTH = 64


class LoyaltyRules:
    """Use cases on rules. One is never changed: a new one takes its place from its start on."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @needs(Right.ORGANIZATION_EDIT)
    async def every(self, member: Member) -> Sequence[Rule]:
        """All that there are and were, oldest first."""
        async with self.db.reading(member.organization_id) as s:
            return await loyalty.rules(s)

    @needs(Right.ORGANIZATION_EDIT)
    async def get(self, member: Member, rule_id: UUID) -> Rule:
        """One rule. Raises NotFound."""
        found = next((one for one in await self.every(member) if one.id == rule_id), None)
        if found is None:
            raise NotFound(record="rule")
        return found

    @needs(Right.ORGANIZATION_EDIT)
    @recorded("loyalty.rule_add", "loyalty_rule")
    async def add(
        self,
        member: Member,
        name: str,
        terms: Mapping[str, Any],
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> Rule:
        """A rule for purchases from `starts_at` (now) up to `ends_at`. `terms` as domain.loyalty.read_terms
        takes them. It does not reach back: raises BadInput for a start in the past, as for terms that are
        wrong."""
        now = self.clock()
        begins = starts_at or now
        if begins < now:
            raise BadInput("starts_at", "in_past")
        if ends_at is not None and ends_at <= begins:
            raise BadInput("ends_at", "before_start")
        rule = Rule(new_id(), read_text("name", name, NAME_LENGTH), read_terms(terms), begins, ends_at)
        async with self.db.transaction(member.organization_id) as s:
            await loyalty.add_rule(s, rule, member.id, now)
        return rule

    @needs(Right.ORGANIZATION_EDIT)
    @recorded("loyalty.rule_end", "loyalty_rule")
    async def end(self, member: Member, rule_id: UUID, at: datetime | None = None) -> None:
        """Let a rule end now or later. Raises NotFound, BadInput for the past, TooLate("ended") for one that
        has."""
        now = self.clock()
        ends = at or now
        if ends < now:
            raise BadInput("ends_at", "in_past")
        async with self.db.transaction(member.organization_id) as s:
            if rule_id not in {rule.id for rule in await loyalty.rules(s)}:
                raise NotFound(record="rule")
            if not await loyalty.end_rule(s, rule_id, ends):
                raise TooLate("ended")
