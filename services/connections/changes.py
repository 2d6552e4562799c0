"""What admins do with connections that stand: choose, name, mend, stop, remove."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from crm_adapters import PROVIDERS
from domain.crm import ConnectionReport, Problem
from domain.errors import BadInput, CrmUnsupported, NotFound, TooLate
from domain.fields import read_text
from domain.members import Member, Right
from services.access import needs
from services.audit.recorded import recorded
from services.connections.integrations import Integrations, serves_leads
from services.connections.renewal import FreshKeys
from services.connections.settings import TOKEN, account_mark, read_settings, same_account
from services.connections.subscriptions import ByHand
from services.entry.confirming import confirmed
from storage.db import Database, Session
from storage.delivery import integrations
from storage.delivery.integrations import Integration
from storage.transactions import transaction_sources

NAME_LENGTH = 64
MODES = ("live", "dry_run")


class ConnectionChanges:
    """Use cases on one integration of the organization. Calls to a CRM run outside any transaction; all of
    them raise NotFound for an integration that is not the organization's."""

    def __init__(self, db: Database, connections: Integrations) -> None:
        self.db, self.clock, self.integrations = db, connections.clock, connections

    @needs(Right.CRM_MANAGE)
    @confirmed
    @recorded("integration.activate", "integration")
    async def activate(self, member: Member, integration_id: UUID) -> ConnectionReport:
        """Let leads go to this one from now on. What the other one is still owed stays and waits for it.

        It is tested first: one that does not work is not made active. Raises CrmError when nobody answers,
        TooLate ("moving") while a move is under way, which has this step of its own, CrmUnsupported where no
        lead can go.
        """
        row = await self._of(member, integration_id)
        if not serves_leads(row.provider):
            raise CrmUnsupported("leads")
        await self._insist_on_no_move(member)
        connected = await self.integrations.connected(row.id)
        report: ConnectionReport = await connected.adapter.test()
        if not report.usable:
            return report
        async with self.db.transaction(member.organization_id) as session:
            former = await integrations.active(session)
            await integrations.only_active(session, row.id)
            await self.integrations.connections.healthy(session, row.id, report)
        if former is not None and former.id != row.id and not former.mirrored:
            await self.integrations.stop_hearing(former)
        subscriptions, provider = self.integrations.subscriptions, PROVIDERS[row.provider]
        problems = await subscriptions.inspect(row, connected.adapter, provider)
        return replace(report, problems=(*report.problems, *problems))

    @needs(Right.CRM_MANAGE)
    @recorded("integration.rename", "integration")
    async def rename(self, member: Member, integration_id: UUID, name: str) -> None:
        """Call it so. Raises BadInput for a name that is empty or too long."""
        wanted = read_text("name", name, NAME_LENGTH)
        async with self.db.transaction(member.organization_id) as session:
            row = await _existing(session, integration_id)
            await integrations.change(session, row.id, name=wanted)

    @needs(Right.CRM_MANAGE)
    @recorded("integration.mode", "integration")
    async def set_mode(self, member: Member, integration_id: UUID, mode: str) -> None:
        """live writes to the CRM; dry_run only records what would have been written. Raises BadInput."""
        if mode not in MODES:
            raise BadInput("mode", "invalid")
        async with self.db.transaction(member.organization_id) as session:
            row = await _existing(session, integration_id)
            await integrations.change(session, row.id, mode=mode)

    @needs(Right.CRM_MANAGE)
    @confirmed
    @recorded("integration.change", "integration")
    async def change(
        self, member: Member, integration_id: UUID, changes: Mapping[str, str]
    ) -> ConnectionReport:
        """Mend settings; an empty value takes one away. They are tested first: as long as the new ones are
        not usable the old ones stay in force. Raises BadInput, or CrmError when nobody answers."""
        row = await self._of(member, integration_id)
        given = await self._merged(member, row, changes)
        fresh, connections = FreshKeys(), self.integrations.connections
        try:
            report = await connections.test(row.provider, given, row.mapping, fresh)
        finally:
            await self._keep_fresh(row, changes, fresh)
        if not report.usable:
            return report
        async with self.db.transaction(member.organization_id) as session:
            current = await _existing(session, row.id)
            kept = {**connections.settings_of(current), **changes} | fresh.fresh
            wanted = read_settings(row.provider, kept)
            await connections.keep(session, row.provider, wanted, current, report, activate=False)
        problems = await self._heard_again(row.id)
        return replace(report, problems=(*report.problems, *problems))

    async def _merged(self, member: Member, row: Integration, changes: Mapping[str, str]) -> dict[str, str]:
        given = read_settings(row.provider, {**self.integrations.connections.settings_of(row), **changes})
        async with self.db.reading(member.organization_id) as session:
            others = [one for one in await integrations.every(session) if one.id != row.id]
        twin = same_account(others, row.provider, given)
        if twin is not None:
            raise BadInput("url", "already_connected", integration=str(twin.id))
        return given

    async def _keep_fresh(self, row: Integration, changes: Mapping[str, str], fresh: FreshKeys) -> None:
        """Keys of the standing connection that the test had to renew are used up there: keep the new ones
        even if the change itself fails."""
        if not fresh.fresh or TOKEN in changes:
            return
        connections = self.integrations.connections
        async with self.db.transaction(row.organization_id) as session:
            current = await _existing(session, row.id)
            await connections.reseal(session, current, fresh.fresh)

    async def _heard_again(self, integration_id: UUID) -> list[Problem]:
        """The secret of deliveries may be another one now."""
        connected = await self.integrations.connected(integration_id)
        row = connected.row
        if not (row.active or row.mirrored):
            return []
        provider = PROVIDERS[row.provider]
        return await self.integrations.subscriptions.inspect(row, connected.adapter, provider)

    @needs(Right.CRM_MANAGE)
    async def by_hand(self, member: Member, integration_id: UUID) -> ByHand | None:
        """What the admin registers in the CRM himself; None where nothing is to be."""
        row = await self._of(member, integration_id)
        connected = await self.integrations.connected(row.id)
        return await self.integrations.subscriptions.by_hand(row, connected.adapter, PROVIDERS[row.provider])

    @needs(Right.CRM_MANAGE)
    @confirmed
    @recorded("integration.remove", "integration")
    async def remove(self, member: Member, integration_id: UUID) -> None:
        """Forget a connection that is not in use, with its links and all that it was owed; purchases that it
        told of stay. Raises TooLate: "in_use" for the active one, "moving" for one that takes part in a
        move."""
        row = await self._of(member, integration_id)
        _insist_on_reserve(row)
        await self.integrations.stop_hearing(row)
        async with self.db.transaction(member.organization_id) as session:
            _insist_on_reserve(await _existing(session, row.id))
            source = await transaction_sources.of_integration(session, row.id)
            if source is not None:
                await transaction_sources.part(session, source.id, account_mark(row.provider, row.settings))
            await integrations.remove(session, row.id)

    async def _insist_on_no_move(self, member: Member) -> None:
        async with self.db.reading(member.organization_id) as session:
            if any(row.mirrored for row in await integrations.every(session)):
                raise TooLate("moving")

    async def _of(self, member: Member, integration_id: UUID) -> Integration:
        async with self.db.reading(member.organization_id) as session:
            return await _existing(session, integration_id)


def _insist_on_reserve(row: Integration) -> None:
    if row.active or row.mirrored:
        raise TooLate("moving" if row.mirrored else "in_use")


async def _existing(session: Session, integration_id: UUID) -> Integration:
    row = await integrations.get(session, integration_id)
    if row is None:
        raise NotFound(record="integration")
    return row
