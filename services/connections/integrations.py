"""Connections of organizations with CRMs: tested, kept, watched, and turned into adapters."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog

from crm_adapters import PROVIDERS
from crm_adapters.base import Manifest
from crm_adapters.http import CrmHttp
from crm_adapters.pace import Paces
from domain.crm import ConnectionReport, Problem
from domain.errors import BadInput, CrmError, CrmUnsupported, NotFound, VoronkaError
from domain.members import Member, Right
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.connections.adapters import Connected, Connections
from services.connections.renewal import FreshKeys
from services.connections.settings import read_settings, same_account
from services.connections.subscriptions import Subscriptions
from services.connections.view import IntegrationView, view_of
from services.entry.confirming import confirmed
from services.mapping.guard import MappingGuard
from storage.db import Database, Session
from storage.delivery import integrations, operations
from storage.delivery.integration_health import traffic
from storage.delivery.integrations import Integration
from storage.secrets import Vault

log = structlog.get_logger()


def manifests(serves: str = "leads") -> tuple[Manifest, ...]:
    """Every system that can be connected for leads, or for transactions, and what it asks for."""
    return tuple(one.manifest for one in PROVIDERS.values() if serves in one.manifest.serves)


def serves_leads(provider: str) -> bool:
    """Whether leads may go to connections with the provider."""
    return provider not in PROVIDERS or "leads" in PROVIDERS[provider].manifest.serves


class Integrations:
    """Use cases on connections. Calls to a CRM run outside any transaction."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        http: CrmHttp,
        clock: Clock,
        public_url: str,
        paces: Paces | None = None,
    ) -> None:
        self.db, self.vault, self.http, self.clock = db, vault, http, clock
        self.public_url = public_url.rstrip("/")
        self.subscriptions = Subscriptions(db, vault, clock, public_url)
        self.connections = Connections(db, vault, http, clock, paces)
        self.guard = MappingGuard(db, clock)

    @open_to("anyone")
    def providers(self) -> Sequence[Manifest]:
        """Every CRM that can be connected, and what it asks for."""
        return manifests()

    @needs(Right.CRM_MANAGE)
    async def test(self, member: Member, provider: str, settings: Mapping[str, str]) -> ConnectionReport:
        """Try a connection without keeping it. Raises BadInput, or CrmError when nobody answers."""
        return await self.connections.test(provider, read_settings(provider, settings), {})

    @needs(Right.CRM_MANAGE)
    @confirmed
    @recorded("integration.connect", "integration")
    async def connect(
        self, member: Member, provider: str, settings: Mapping[str, str], *, another: bool = False
    ) -> ConnectionReport:
        """Test a connection, make it the organization's active one, and subscribe to its webhooks.

        The same account connected again keeps its links. With `another` it is refused instead: BadInput
        "already_connected" names the connection that stands; and where one is active the new one waits
        until it is made active. An unusable connection is not kept. A subscription that fails stands in the
        report as the problem webhook_failed and undoes nothing. Raises BadInput, or CrmError when nobody
        answers, CrmUnsupported for a provider that no lead can go to.
        """
        if not serves_leads(provider):
            raise CrmUnsupported("leads")
        given = read_settings(provider, settings)
        async with self.db.reading(member.organization_id) as session:
            every = await integrations.every(session)
        earlier = same_account(every, provider, given)
        if another and earlier is not None:
            raise BadInput("url", "already_connected", integration=str(earlier.id))
        activate = not (another and any(row.active for row in every))
        fresh = FreshKeys()
        report = await self.connections.test(provider, given, earlier.mapping if earlier else {}, fresh)
        if not report.usable:
            return report
        given = fresh.kept_with(given)
        async with self.db.transaction(member.organization_id) as session:
            integration_id = await self.connections.keep(
                session, provider, given, earlier, report, activate=activate
            )
        problems = list(await self._used_elsewhere(member, provider, given))
        if activate:
            connected = await self.connected(integration_id)
            problems += await self.guard.report(connected)
            problems += await self.subscriptions.renew(connected.row, connected.adapter, PROVIDERS[provider])
        return replace(report, problems=(*report.problems, *problems))

    async def _used_elsewhere(
        self, member: Member, provider: str, given: Mapping[str, str]
    ) -> Sequence[Problem]:
        """Whoever has the key may know that the account is used already, but not by whom."""
        async with self.db.reading(system=True) as session:
            every = await integrations.of_provider(session, provider)
        others = [row for row in every if row.organization_id != member.organization_id]
        return [Problem("used_elsewhere")] if same_account(others, provider, given) else []

    @needs(Right.CRM_MANAGE)
    async def twin(self, member: Member, provider: str, settings: Mapping[str, str]) -> UUID | None:
        """The connection that stands with the account of these settings, which may be incomplete."""
        async with self.db.reading(member.organization_id) as session:
            found = same_account(await integrations.every(session), provider, settings)
        return found.id if found else None

    @needs(Right.CRM_MANAGE)
    async def retest(self, member: Member, integration_id: UUID | None = None) -> ConnectionReport:
        """Test a connection, the active one unless named; if it is usable, what was blocked goes on and lost
        webhooks return.

        Raises NotFound without a connection, or CrmError when nobody answers.
        """
        row = await self._row(member, integration_id)
        connected = await self.connected(row.id)
        report: ConnectionReport = await connected.adapter.test()
        if report.usable:
            async with self.db.transaction(member.organization_id) as session:
                await self.connections.healthy(session, row.id, report)
        problems: Sequence[Problem] = ()
        if row.active or row.mirrored:
            problems = await self.subscriptions.inspect(row, connected.adapter, PROVIDERS[row.provider])
        misfits = await self.guard.report(connected)
        return replace(report, problems=(*report.problems, *misfits, *problems))

    async def _row(self, member: Member, integration_id: UUID | None) -> Integration:
        async with self.db.reading(member.organization_id) as session:
            if integration_id is None:
                row = await integrations.active(session)
            else:
                row = await integrations.get(session, integration_id)
        if row is None:
            raise NotFound(record="integration")
        return row

    @needs(Right.CRM_MANAGE)
    async def seal_secret(self, member: Member, value: str) -> str:
        """A secret that waits in a dialog until everything is given, readable by the server alone."""
        return base64.b64encode(self.vault.seal({"value": value}, _dialog(member))).decode()

    @needs(Right.CRM_MANAGE)
    async def open_secret(self, member: Member, sealed: str) -> str:
        """What `seal_secret` sealed for the same member. Raises BadInput for anything else."""
        try:
            return self.vault.open(base64.b64decode(sealed, validate=True), _dialog(member))["value"]
        except (ValueError, KeyError) as error:
            raise BadInput("secret", "does_not_open") from error

    @needs(Right.CRM_MANAGE)
    @confirmed
    @recorded("integration.disconnect", "integration")
    async def disconnect(self, member: Member) -> None:
        """Stop sending and receiving. Links and unsent operations stay, for the same CRM connected again."""
        async with self.db.transaction(member.organization_id) as session:
            active = await integrations.active(session)
            await integrations.only_active(session, None)
        if active is not None:
            await self.stop_hearing(active)

    @open_to("services")
    async def stop_hearing(self, row: Integration) -> None:
        """End the webhooks of a connection as far as its CRM answers."""
        try:
            connected = await self.connected(row.id)
            await self.subscriptions.end(row, connected.adapter)
        except VoronkaError as error:
            log.warning("integration.not_unsubscribed", integration=str(row.id), code=error.code)
        self.connections.forget(row.id)

    @needs(Right.CRM_MANAGE)
    async def current(self, member: Member) -> IntegrationView | None:
        """The active integration with its health and queue; None without one."""
        async with self.db.reading(member.organization_id) as session:
            active = await integrations.active(session)
            return await self._view(session, active) if active is not None else None

    @needs(Right.CRM_MANAGE)
    async def view(self, member: Member, integration_id: UUID) -> IntegrationView:
        """Any integration of the organization. Raises NotFound."""
        row = await self._row(member, integration_id)
        async with self.db.reading(member.organization_id) as session:
            return await self._view(session, row)

    @needs(Right.CRM_MANAGE)
    async def every(self, member: Member) -> Sequence[IntegrationView]:
        """All integrations that leads may go to, the active one first, then the newest."""
        async with self.db.reading(member.organization_id) as session:
            known = [row for row in await integrations.every(session) if serves_leads(row.provider)]
            rows = sorted(known, key=lambda row: not row.active)
            return [await self._view(session, row) for row in rows]

    async def _view(self, session: Session, row: Integration) -> IntegrationView:
        queue = await operations.queue(session, row.id)
        return view_of(
            row,
            PROVIDERS[row.provider].manifest,
            queue,
            await traffic(session, row.id),
            sorted(self.connections.settings_of(row).keys()),
            self.clock(),
        )

    @open_to("the first start")
    async def seed_from_settings(
        self, organization_id: UUID, provider: str, settings: Mapping[str, str], mode: str = "live"
    ) -> None:
        """Keep the operator's CRM as the first integration, once: later the database wins.

        `settings` may hold empty values. Nothing is asked of the CRM; `check_at_start` does that.
        Raises BadInput for settings that cannot be right, CrmUnsupported for an unknown provider.
        """
        if provider in ("", "none"):
            return
        given = read_settings(provider, settings)
        async with self.db.transaction(organization_id) as session:
            if await integrations.every(session):
                return
            report = ConnectionReport("", "")
            integration_id = await self.connections.keep(session, provider, given, None, report)
            await integrations.change(session, integration_id, mode=mode)

    @open_to("the start")
    async def check_at_start(self) -> None:
        """Probe every active integration: key, version, fields; subscribe where a webhook is missing.

        Never raises: what is wrong stands in the integration's health.
        """
        async with self.db.reading(system=True) as session:
            active = await integrations.every_active(session)
        await asyncio.gather(*(self._check(row) for row in active))

    @open_to("services")
    async def connected(self, integration_id: UUID) -> Connected:
        """The integration and its adapter, built anew only when its settings changed.

        Raises CrmAccessLost when its settings or mapping cannot work, CrmUnsupported when it is gone.
        """
        return await self.connections.connected(integration_id)

    @open_to("services")
    async def adapter(self, integration_id: UUID) -> Any:
        """The adapter alone; see `connected`."""
        return (await self.connected(integration_id)).adapter

    async def _check(self, row: Integration) -> None:
        try:
            connected = await self.connected(row.id)
            report = await connected.adapter.test()
            async with self.db.transaction(row.organization_id) as session:
                if report.usable:
                    await self.connections.healthy(session, row.id, report)
                else:
                    fatal = next(problem for problem in report.problems if problem.fatal)
                    await integrations.change(session, row.id, last_error=fatal.code)
            problems = await self.subscriptions.complete(row, connected.adapter, PROVIDERS[row.provider])
            for problem in (*report.problems, *await self.guard.report(connected), *problems):
                log.warning("integration.problem", integration=str(row.id), problem=problem.code)
        except CrmError as error:
            async with self.db.transaction(row.organization_id) as session:
                await integrations.change(session, row.id, last_error=error.code)
            log.warning("integration.unreachable", integration=str(row.id), code=error.code)
        except Exception:
            log.exception("integration.check_failed", integration=str(row.id))


def _dialog(member: Member) -> str:
    return f"dialogs:{member.id}"
