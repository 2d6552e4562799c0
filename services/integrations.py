"""Connections of organizations with CRMs: tested, kept, watched, and turned into adapters."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog

from crm_adapters import PROVIDERS, base, build_adapter
from crm_adapters.base import Manifest
from crm_adapters.http import CrmHttp
from domain.crm import ConnectionReport
from domain.delivery import OperationState
from domain.errors import BadInput, CrmAccessLost, CrmError, CrmUnsupported, NotFound, VoronkaError
from domain.members import Member, Right
from services.access import needs, open_to
from services.clock import Clock
from services.integration_view import IntegrationView, view_of
from services.subscriptions import Subscriptions
from storage import hooks, integrations, operations
from storage.db import Database, Session
from storage.ids import new_id
from storage.integrations import Integration
from storage.secrets import Vault

log = structlog.get_logger()

_REVIVED = (OperationState.BLOCKED,)  # the others keep their places on the ladder


def manifests() -> tuple[Manifest, ...]:
    """Every CRM that can be connected, and what it asks for."""
    return tuple(provider.manifest for provider in PROVIDERS.values())


@dataclass(frozen=True, slots=True)
class Connected:
    """An integration's row and the adapter that speaks for it."""

    row: Integration
    adapter: Any


class Integrations:
    """Use cases on connections. Calls to a CRM run outside any transaction."""

    def __init__(self, db: Database, vault: Vault, http: CrmHttp, clock: Clock, public_url: str) -> None:
        self.db, self.vault, self.http, self.clock = db, vault, http, clock
        self.subscriptions = Subscriptions(db, vault, clock, public_url)
        self._adapters: dict[UUID, tuple[str, Any]] = {}

    @open_to("anyone")
    def providers(self) -> Sequence[Manifest]:
        """Every CRM that can be connected, and what it asks for."""
        return manifests()

    @needs(Right.CRM_MANAGE)
    async def test(self, member: Member, provider: str, settings: Mapping[str, str]) -> ConnectionReport:
        """Try a connection without keeping it. Raises BadInput, or CrmError when nobody answers."""
        return await self._test(provider, _given(provider, settings), {})

    @needs(Right.CRM_MANAGE)
    async def connect(self, member: Member, provider: str, settings: Mapping[str, str]) -> ConnectionReport:
        """Test a connection, make it the organization's active one, and subscribe to its webhooks.

        An unusable connection is not kept. A subscription that fails stands in the report as the problem
        webhook_failed and undoes nothing. Raises BadInput, or CrmError when nobody answers.
        """
        given = _given(provider, settings)
        async with self.db.reading(member.organization_id) as session:
            earlier = _same_account(await integrations.every(session), provider, given)
        report = await self._test(provider, given, earlier.mapping if earlier else {})
        if not report.usable:
            return report
        async with self.db.transaction(member.organization_id) as session:
            integration_id = await self._keep(session, provider, given, earlier, report)
        connected = await self.connected(integration_id)
        problems = await self.subscriptions.renew(connected.row, connected.adapter, PROVIDERS[provider])
        return replace(report, problems=(*report.problems, *problems))

    @needs(Right.CRM_MANAGE)
    async def retest(self, member: Member) -> ConnectionReport:
        """Test the active connection; if it is usable, what was blocked goes on and lost webhooks return.

        Raises NotFound without a connection, or CrmError when nobody answers.
        """
        async with self.db.reading(member.organization_id) as session:
            active = await integrations.active(session)
        if active is None:
            raise NotFound(record="integration")
        connected = await self.connected(active.id)
        report: ConnectionReport = await connected.adapter.test()
        if report.usable:
            async with self.db.transaction(member.organization_id) as session:
                await self._healthy(session, active.id, report)
        problems = await self.subscriptions.complete(active, connected.adapter, PROVIDERS[active.provider])
        return replace(report, problems=(*report.problems, *problems))

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
    async def disconnect(self, member: Member) -> None:
        """Stop sending and receiving. Links and unsent operations stay, for the same CRM connected again."""
        async with self.db.transaction(member.organization_id) as session:
            active = await integrations.active(session)
            await integrations.only_active(session, None)
        if active is None:
            return
        try:
            connected = await self.connected(active.id)
            await self.subscriptions.end(active, connected.adapter)
        except VoronkaError as error:
            log.warning("integration.not_unsubscribed", integration=str(active.id), code=error.code)
        self._adapters.pop(active.id, None)

    @needs(Right.CRM_MANAGE)
    async def current(self, member: Member) -> IntegrationView | None:
        """The active integration with its health and queue; None without one."""
        async with self.db.reading(member.organization_id) as session:
            active = await integrations.active(session)
            if active is None:
                return None
            queue = await operations.queue(session, active.id)
            subscribed = [h for h in await hooks.of_integration(session, active.id) if h.external_id]
        title = PROVIDERS[active.provider].manifest.title
        return view_of(active, title, queue, len(subscribed), self.clock())

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
        given = _given(provider, settings)
        async with self.db.transaction(organization_id) as session:
            if await integrations.every(session):
                return
            report = ConnectionReport("", "")
            integration_id = await self._keep(session, provider, given, None, report)
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
        async with self.db.reading(system=True) as session:
            row = await integrations.find(session, integration_id)
        if row is None:
            raise CrmUnsupported("no such integration")
        mark = _mark(row)
        known = self._adapters.get(integration_id)
        if known is None or known[0] != mark:
            known = self._adapters[integration_id] = (mark, self._build(row))
        return Connected(row, known[1])

    @open_to("services")
    async def adapter(self, integration_id: UUID) -> Any:
        """The adapter alone; see `connected`."""
        return (await self.connected(integration_id)).adapter

    def _build(self, row: Integration) -> Any:
        try:
            credentials = self.vault.open(row.credentials, _context(row.id))
            given = {**row.settings, **credentials}
            return build_adapter(row.provider, given, row.mapping, self.http, self.clock)
        except BadInput as error:
            raise CrmAccessLost(f"{error.field}: {error.reason}") from error

    async def _test(
        self, provider: str, settings: Mapping[str, str], mapping: Mapping[str, Any]
    ) -> ConnectionReport:
        adapter = build_adapter(provider, settings, mapping, self.http, self.clock)
        if not isinstance(adapter, base.Tests):
            raise CrmUnsupported("test")
        return await adapter.test()

    async def _keep(
        self,
        session: Session,
        provider: str,
        given: Mapping[str, str],
        earlier: Integration | None,
        report: ConnectionReport,
    ) -> UUID:
        """Store the settings, sealed where secret; links of an earlier connection stay with it."""
        secret = {one.name for one in PROVIDERS[provider].manifest.settings if one.secret}
        shown = {name: value for name, value in given.items() if name not in secret}
        hidden = {name: value for name, value in given.items() if name in secret}
        integration_id = earlier.id if earlier else new_id()
        if earlier is None:
            await integrations.add(session, integration_id, provider, shown, self.clock())
        else:
            await integrations.keep_open_settings(session, earlier, shown)
        await integrations.change(
            session, integration_id, credentials=self.vault.seal(hidden, _context(integration_id))
        )
        await integrations.only_active(session, integration_id)
        await self._healthy(session, integration_id, report)
        return integration_id

    async def _healthy(self, session: Session, integration_id: UUID, report: ConnectionReport) -> None:
        """The CRM let us in: what was blocked or parked goes on."""
        await integrations.change(
            session,
            integration_id,
            account=report.account[:200],
            version=report.version[:32],
            last_error="",
            failures=0,
            parked_until=None,
        )
        await operations.revive(session, integration_id, _REVIVED, self.clock())

    async def _check(self, row: Integration) -> None:
        try:
            connected = await self.connected(row.id)
            report = await connected.adapter.test()
            async with self.db.transaction(row.organization_id) as session:
                if report.usable:
                    await self._healthy(session, row.id, report)
                else:
                    fatal = next(problem for problem in report.problems if problem.fatal)
                    await integrations.change(session, row.id, last_error=fatal.code)
            problems = await self.subscriptions.complete(row, connected.adapter, PROVIDERS[row.provider])
            for problem in (*report.problems, *problems):
                log.warning("integration.problem", integration=str(row.id), problem=problem.code)
        except CrmError as error:
            async with self.db.transaction(row.organization_id) as session:
                await integrations.change(session, row.id, last_error=error.code)
            log.warning("integration.unreachable", integration=str(row.id), code=error.code)
        except Exception:
            log.exception("integration.check_failed", integration=str(row.id))


def _given(provider: str, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that the provider knows, without empty ones. Raises BadInput, CrmUnsupported."""
    if provider not in PROVIDERS:
        raise CrmUnsupported("unknown provider")
    kind = PROVIDERS[provider]
    known = [one.name for one in kind.manifest.settings]
    given = {name: settings[name].strip() for name in known if settings.get(name, "").strip()}
    kind.check_settings(given)
    return given


def _same_account(
    every: Sequence[Integration], provider: str, given: Mapping[str, str]
) -> Integration | None:
    """An earlier connection with the same CRM: its open settings are equal, so its links still hold."""
    secret = {one.name for one in PROVIDERS[provider].manifest.settings if one.secret}
    shown = {name: value for name, value in given.items() if name not in secret}
    return next((row for row in every if row.provider == provider and row.settings == shown), None)


def _dialog(member: Member) -> str:
    return f"dialogs:{member.id}"


def _context(integration_id: UUID) -> str:
    return f"integrations:{integration_id}"


def _mark(row: Integration) -> str:
    """Differs as soon as anything that an adapter is built from differs."""
    text = json.dumps([row.provider, dict(row.settings), dict(row.mapping)], sort_keys=True)
    return hashlib.sha256(text.encode() + (row.credentials or b"")).hexdigest()
