"""From a stored integration to an adapter that speaks for it, and what is kept of a connection."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm_adapters import PROVIDERS, base, build_adapter
from crm_adapters.http import CrmHttp
from crm_adapters.pace import PacedHttp, Paces, account_of
from crm_adapters.watched import WatchedHttp
from domain.crm import ConnectionReport
from domain.delivery import OperationState
from domain.errors import BadInput, CrmAccessLost, CrmMisconfigured, CrmUnsupported
from services.clock import Clock
from services.connections.renewal import FreshKeys, Renewal, sealed_for
from services.connections.settings import split
from storage.db import Database, Session
from storage.delivery import integrations, operations
from storage.delivery.integrations import Integration
from storage.ids import new_id
from storage.secrets import Vault

_REVIVED = (OperationState.BLOCKED,)  # the others keep their places on the ladder


@dataclass(frozen=True, slots=True)
class Connected:
    """An integration's row and the adapter that speaks for it."""

    row: Integration
    adapter: Any


class Connections:
    """Builds adapters and keeps connections. Rights are asked for in integrations.py."""

    def __init__(
        self, db: Database, vault: Vault, http: CrmHttp, clock: Clock, paces: Paces | None = None
    ) -> None:
        self.db, self.vault, self.http, self.clock, self.paces = db, vault, http, clock, paces
        self.renewal = Renewal(db, vault, clock)
        self._adapters: dict[UUID, tuple[str, Any]] = {}

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

    def forget(self, integration_id: UUID) -> None:
        """Let go of an adapter that is not needed any more."""
        self._adapters.pop(integration_id, None)

    def settings_of(self, row: Integration) -> dict[str, str]:
        """All settings of an integration in clear, secret ones too."""
        return {**row.settings, **self.vault.open(row.credentials, sealed_for(row.id))}

    def way_to(self, provider: str, settings: Mapping[str, str]) -> CrmHttp:
        """The client that an adapter of these settings speaks through, at its account's pace."""
        account = account_of(provider, settings)
        http = WatchedHttp(self.http, self.http.watch, provider)
        if self.paces is None or not account:
            return http
        return PacedHttp(http, self.paces.lane(account, PROVIDERS[provider].manifest.pace))

    def _build(self, row: Integration) -> Any:
        return self.build(row, self.way_to(row.provider, self.settings_of(row)))

    def build(self, row: Integration, http: CrmHttp) -> Any:
        """An adapter of a stored integration that speaks through `http`. Raises CrmAccessLost or
        CrmMisconfigured when its settings or its mapping cannot work."""
        try:
            given, renew = self.settings_of(row), self.renewal.of(row)
            return build_adapter(row.provider, given, row.mapping, http, self.clock, renew)
        except BadInput as error:
            if error.field == "mapping":
                raise CrmMisconfigured(f"{error.params.get('at', '')} {error.reason}") from error
            raise CrmAccessLost(f"{error.field}: {error.reason}") from error

    async def test(
        self,
        provider: str,
        settings: Mapping[str, str],
        mapping: Mapping[str, Any],
        fresh: FreshKeys | None = None,
    ) -> ConnectionReport:
        """Try settings that are not kept; keys that had to be renewed for it are put into `fresh`. Raises
        BadInput, CrmError."""
        renew = fresh.renew if fresh is not None else None
        http = WatchedHttp(self.http, self.http.watch, provider)
        adapter = build_adapter(provider, settings, mapping, http, self.clock, renew, self.paces)
        if not isinstance(adapter, base.Tests):
            raise CrmUnsupported("test")
        return await adapter.test()

    async def keep(
        self,
        session: Session,
        provider: str,
        given: Mapping[str, str],
        earlier: Integration | None,
        report: ConnectionReport,
        *,
        activate: bool = True,
    ) -> UUID:
        """Store the settings, sealed where secret; links of an earlier connection stay with it."""
        shown, hidden = split(provider, given)
        integration_id = earlier.id if earlier else new_id()
        if earlier is None:
            await integrations.add(session, integration_id, provider, shown, self.clock())
        else:
            await integrations.keep_open_settings(session, earlier, shown)
        await integrations.change(
            session, integration_id, credentials=self.vault.seal(hidden, sealed_for(integration_id))
        )
        if activate:
            await integrations.only_active(session, integration_id)
        await self.healthy(session, integration_id, report)
        return integration_id

    async def reseal(self, session: Session, row: Integration, fresh: Mapping[str, str]) -> None:
        """Put fresh keys in place of the used-up ones; the rest of the settings stays."""
        merged = {**self.settings_of(row), **fresh}
        shown, hidden = split(row.provider, {name: value for name, value in merged.items() if value})
        await integrations.keep_open_settings(session, row, shown)
        await integrations.change(session, row.id, credentials=self.vault.seal(hidden, sealed_for(row.id)))

    async def healthy(self, session: Session, integration_id: UUID, report: ConnectionReport) -> None:
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


def _mark(row: Integration) -> str:
    """Differs as soon as anything that an adapter is built from differs."""
    text = json.dumps([row.provider, dict(row.settings), dict(row.mapping)], sort_keys=True)
    return hashlib.sha256(text.encode() + (row.credentials or b"")).hexdigest()
