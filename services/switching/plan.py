"""What a move to another CRM would mean, found out before anything is written there."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_adapters import PROVIDERS, base
from crm_adapters import mapping as rules
from domain.crm import Problem
from domain.errors import CrmUnsupported, NotFound
from domain.leads import Stage
from domain.switching import Plan, StageGap
from domain.trials import Outcome
from services.delivery.rehearsal import Rehearsals
from services.delivery.rehearsal import Stage as Trying
from storage.db import Database
from storage.delivery import integrations, links, switches
from storage.pipelines import stages

LOOKED_AT = 25
"""Leads that are looked for at the target: enough for a picture, few enough for a person who waits."""

AT_ONCE = 4


class Planning:
    """Asks the target, outside any transaction. Raises CrmError when it does not answer."""

    def __init__(self, db: Database, rehearsals: Rehearsals) -> None:
        self.db, self.rehearsals = db, rehearsals

    async def plan(self, organization_id: UUID, target_id: UUID) -> Plan:
        """Raises NotFound for an integration of somebody else."""
        async with self.db.reading(organization_id) as session:
            target = await integrations.get(session, target_id)
            if target is None:
                raise NotFound(record="integration")
            unlinked = await switches.without_link(session, target_id, LOOKED_AT)
            total = await switches.count_leads(session)
            linked = await links.count(session, target_id, "lead")
            ours = await stages.list_stages(session)
        trying = await self.rehearsals.stage(target_id)
        problems = await self._problems(trying)
        found = await self._look(trying, unlinked) if not any(one.fatal for one in problems) else Counter()
        return Plan(
            target_id=target_id,
            title=target.name or PROVIDERS[target.provider].manifest.title,
            leads=total,
            linked=linked,
            looked_at=found.total(),
            new=found[Outcome.CREATE],
            known=found[Outcome.ADOPT] + found[Outcome.UPDATE],
            ambiguous=found[Outcome.ASK],
            gaps=await stage_gaps(trying.adapter, trying.row.provider, trying.row.mapping, ours),
            problems=problems,
        )

    async def _problems(self, trying: Trying) -> Sequence[Problem]:
        if not isinstance(trying.adapter, base.Tests):
            raise CrmUnsupported("test")
        return (await trying.adapter.test()).problems

    async def _look(self, trying: Trying, lead_ids: Sequence[UUID]) -> Counter[Outcome]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def look(lead_id: UUID) -> Outcome:
            async with gate:
                return (await self.rehearsals.lead(trying, lead_id)).outcome

        return Counter(await asyncio.gather(*(look(lead_id) for lead_id in lead_ids)))


async def stage_gaps(
    adapter: Any, provider: str, overrides: Mapping[str, Any], ours: Sequence[Stage]
) -> tuple[StageGap, ...]:
    """Stages that the mapping does not name, or names by a status that the CRM does not have."""
    merged = rules.overlay(PROVIDERS[provider].default_mapping, overrides)
    named = merged.get("enums", {}).get("stage", {})
    known = {one.id for one in await adapter.stages()} if isinstance(adapter, base.Stages) else set()
    gaps = []
    for stage in ours:
        key = stage.key or str(stage.id)
        status = adapter.stage_status(key, stage.kind.value)
        unknown = bool(known) and status not in known
        if unknown or key not in named:
            gaps.append(StageGap(stage.key or "", stage.name, status, unknown))
    return tuple(gaps)
