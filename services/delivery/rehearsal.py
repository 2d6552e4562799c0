"""Trial runs: what a write would do at a CRM, found out without writing anything, here or there.

Everything that only reads is really asked, so a wrong key, a missing right or a mapping that cannot be
followed shows itself as it would in earnest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm_adapters import PROVIDERS, base
from crm_adapters.http import Call
from crm_adapters.recording import RecordingHttp, pieces_of, shown
from domain.crm import CrmLead
from domain.delivery import Link, Operation, OperationKind
from domain.errors import CrmUncertain, CrmUnsupported
from domain.trials import NEW, Outcome, Trial
from services.connections.adapters import Connections
from services.delivery.linking import ACTIVITY, LEAD, refused_by, which_record
from services.delivery.single import ADOPTED_FIELDS, ALL_FIELDS, CRM_FIELD, RecordGone
from storage.db import Database
from storage.delivery import crm_leads, integrations, links
from storage.delivery.integrations import Integration


@dataclass(frozen=True, slots=True)
class Stage:
    """An integration with an adapter that records, and what must never be shown."""

    row: Integration
    adapter: Any
    http: RecordingHttp
    secrets: frozenset[str]

    def shown(self, calls: list[Call]) -> tuple[Mapping[str, Any], ...]:
        return tuple(shown(call, self.secrets) for call in calls)


class Rehearsals:
    """Tries writes out. Everything may raise CrmError, as the write itself would."""

    def __init__(self, db: Database, connections: Connections) -> None:
        self.db, self.connections = db, connections

    async def stage(self, integration_id: UUID) -> Stage:
        """An adapter of its own for a trial. Raises CrmUnsupported, CrmAccessLost."""
        async with self.db.reading(system=True) as session:
            row = await integrations.find(session, integration_id)
        if row is None:
            raise CrmUnsupported("no such integration")
        provider, settings = PROVIDERS[row.provider], self.connections.settings_of(row)
        http = RecordingHttp(self.connections.way_to(row.provider, settings), provider.pretend)
        adapter = self.connections.build(row, http)
        if not isinstance(adapter, base.Leads):
            raise CrmUnsupported("leads")
        hidden = {one.name for one in provider.manifest.settings if one.secret}
        plain = [value for name, value in settings.items() if name not in hidden]
        pieces = [pieces_of(value, plain) for name, value in settings.items() if name in hidden]
        return Stage(row, adapter, http, frozenset().union(*pieces))

    async def sample(self, stage: Stage, lead: CrmLead) -> Trial:
        """What a lead that is not in the CRM yet would make there: nothing is looked up."""
        with stage.http.recording() as calls:
            await _ended(stage.adapter.create_lead(lead), calls)
        return Trial(Outcome.CREATE, stage.shown(calls))

    async def lead(
        self,
        stage: Stage,
        lead_id: UUID,
        fields: frozenset[str] = ALL_FIELDS,
        operation: Operation | None = None,
    ) -> Trial:
        """What sending a lead would do now. Raises RecordGone."""
        integration_id = stage.row.id
        async with self.db.reading(stage.row.organization_id) as session:
            lead = await crm_leads.crm_lead(session, integration_id, lead_id)
            link = await links.of_entity(session, integration_id, LEAD, lead_id)
        if lead is None:
            raise RecordGone
        outcome, record = await self._outcome(stage, lead, link, operation)
        wanted = ADOPTED_FIELDS if outcome is Outcome.ADOPT else fields
        with stage.http.recording() as calls:
            if outcome is Outcome.CREATE:
                await _ended(stage.adapter.create_lead(lead), calls)
            elif record:
                await _ended(stage.adapter.update_lead(record, lead, wanted), calls)
        return Trial(outcome, stage.shown(calls), record)

    async def operation(self, stage: Stage, operation: Operation) -> Trial:
        """What carrying an operation out would do now. Raises RecordGone."""
        if operation.kind is OperationKind.ACTIVITY_CREATE:
            return await self._activity(stage, operation)
        named = frozenset(CRM_FIELD.get(name, name) for name in operation.fields)
        return await self.lead(stage, operation.record_id, named or ALL_FIELDS, operation)

    async def _activity(self, stage: Stage, operation: Operation) -> Trial:
        """The activity alone, under the lead's record or under the one that would be made before."""
        if not isinstance(stage.adapter, base.Activities):
            raise CrmUnsupported("activities")
        integration_id = stage.row.id
        async with self.db.reading(operation.organization_id) as session:
            _key, activity = await crm_leads.owed_activity(session, operation)
            lead = await crm_leads.crm_lead(session, integration_id, operation.record_id)
            link = await links.of_entity(session, integration_id, LEAD, operation.record_id)
        changed = await self._change(stage, operation, link) if operation.payload.get("change") else None
        if changed is not None:
            return changed
        if activity is None or lead is None:
            raise RecordGone
        outcome, record = await self._outcome(stage, lead, link, operation)
        if outcome is Outcome.ASK:
            return Trial(outcome)
        with stage.http.recording() as calls:
            await _ended(stage.adapter.log_activity(record or str(NEW), activity), calls)
        return Trial(Outcome.CREATE, stage.shown(calls), record)

    async def _change(self, stage: Stage, operation: Operation, link: Link | None) -> Trial | None:
        """What would become of the task that a plan is there; None where a note would tell it instead."""
        async with self.db.reading(operation.organization_id) as session:
            plan = await crm_leads.crm_plan(session, operation)
            task = await links.of_entity(session, stage.row.id, ACTIVITY, operation.entity_id)
        able = isinstance(stage.adapter, base.ActivityChanges)
        if not able or plan is None or task is None or link is None:
            return None
        with stage.http.recording() as calls:
            writing = stage.adapter.change_activity(link.external_id, task.external_id, plan)
            await _ended(writing, calls)
        return Trial(Outcome.UPDATE, stage.shown(calls), task.external_id) if calls else None

    async def _outcome(
        self, stage: Stage, lead: CrmLead, link: Link | None, operation: Operation | None = None
    ) -> tuple[Outcome, str]:
        """What would become of the lead, and of which record: as CrmDelivery decides it."""
        if link is not None:
            return Outcome.UPDATE, link.external_id
        matches = await stage.adapter.find_lead(lead)
        async with self.db.reading(stage.row.organization_id) as session:
            ids = [match.lead.ref.id for match in matches]
            taken = await links.linked(session, stage.row.id, LEAD, ids)
        refused = refused_by(operation) if operation is not None else ()
        found = which_record(matches, lead.our_id, taken, refused)
        return found.outcome, found.match.lead.ref.id if found.match is not None else ""


async def _ended(writing: Any, calls: list[Call]) -> None:
    """Let a write go as far as pretended answers carry it: after one that says nothing, what was kept so far
    is all there is to show."""
    try:
        await writing
    except CrmUncertain:
        if not calls:
            raise
