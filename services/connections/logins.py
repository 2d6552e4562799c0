"""Signing in to a CRM in the browser (OAuth): a link that goes out, and what comes back.

The `state` of a login is the key of a hook that is removed by being used: it is bound to the member who
asked, lives a quarter of an hour, and works once. What the admin has typed waits there, sealed.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import structlog

from crm_adapters.base import Login
from crm_adapters.http import CrmHttp
from domain.crm import ConnectionReport
from domain.errors import BadInput, CrmError, CrmUnsupported, NotFound, VoronkaError
from domain.members import Member, MemberStatus, Right
from domain.one_time_codes import CONFIRMED_BEFORE, asked_by
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.connections.changes import ConnectionChanges
from services.connections.integrations import Integrations
from services.connections.settings import kind_of, read_before_login
from services.connections.subscriptions import KEY_BYTES
from services.entry.confirming import confirmed
from services.journal import Journal
from services.messages.notices import Notices
from storage.db import Database
from storage.hooks_in import hooks
from storage.hooks_in.hooks import Hook, hook_context
from storage.ids import new_id
from storage.people import members as member_rows
from storage.secrets import Vault

log = structlog.get_logger()

LOGIN = "oauth"
"""The provider of hooks that are logins; their event is the CRM."""

LASTS = timedelta(minutes=15)
LONGEST_CODE = 4000


@dataclass(frozen=True, slots=True)
class Pending:
    """A login that has begun. `dialog` is the state of the member's dialog that waits for it, in `chat`."""

    member: UUID
    telegram_id: int
    provider: str
    settings: Mapping[str, str]
    until: datetime
    integration: UUID | None = None
    dialog: str = ""


class CrmLogins:
    """Begins logins and finishes them."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        http: CrmHttp,
        clock: Clock,
        integrations: Integrations,
        changes: ConnectionChanges,
        notices: Notices,
        journal: Journal,
    ) -> None:
        self.db, self.vault, self.http, self.clock = db, vault, http, clock
        self.integrations, self.changes = integrations, changes
        self.notices, self.journal = notices, journal

    @open_to("anyone")
    def redirect(self, provider: str) -> str:
        """The address that the CRM sends the browser back to; empty while nobody can reach us."""
        public_url = self.integrations.public_url
        return f"{public_url}/oauth/{provider}" if public_url else ""

    @needs(Right.CRM_MANAGE)
    @confirmed
    @recorded("integration.login", "integration")
    async def begin(
        self,
        member: Member,
        provider: str,
        settings: Mapping[str, str],
        *,
        integration_id: UUID | None = None,
        dialog: str = "",
    ) -> str:
        """The address of the CRM's page where the member agrees. For a connection that stands its own
        settings fill in what `settings` lack. Raises BadInput for settings that cannot be right."""
        if integration_id is not None:
            settings = {**await self._standing(member, integration_id), **settings}
        given = read_before_login(provider, settings)
        key = secrets.token_urlsafe(KEY_BYTES)
        now = self.clock()
        pending = Pending(member.id, member.telegram_id, provider, given, now + LASTS, integration_id, dialog)
        hook = Hook(new_id(), member.organization_id, key, LOGIN, integration_id, provider, "", None)
        sealed = self.vault.seal({"login": _packed(pending)}, hook_context(hook))
        async with self.db.transaction(member.organization_id) as session:
            await hooks.forget_older(session, LOGIN, now - LASTS)
            await hooks.add(session, hook, now)
            await hooks.change(session, hook.id, secret=sealed)
        return _login(provider).page(given, key)

    async def _standing(self, member: Member, integration_id: UUID) -> Mapping[str, str]:
        view = await self.integrations.view(member, integration_id)
        connected = await self.integrations.connected(view.id)
        return self.integrations.connections.settings_of(connected.row)

    @needs(Right.CRM_MANAGE)
    async def settle_by_hand(
        self, member: Member, provider: str, settings: Mapping[str, str], typed: str
    ) -> dict[str, str]:
        """The settings with what the login brought, for a code, or the whole address that the browser ended
        at, which the member has copied. Raises BadInput("auth_code", ...) or CrmError."""
        return await self._settled(provider, settings, read_code(typed))

    async def _settled(
        self, provider: str, settings: Mapping[str, str], answer: Mapping[str, str]
    ) -> dict[str, str]:
        given = read_before_login(provider, settings)
        brought = await _login(provider).settle(given, answer, self.http, self.clock())
        return {name: value for name, value in {**given, **brought}.items() if value}

    @open_to("whoever holds the state")
    async def finish(self, provider: str, query: Mapping[str, str]) -> bool:
        """Take what the browser brings back; the member is told the outcome in the chat. True when the CRM is
        connected. Raises NotFound for a state that is unknown, used up, too old, or of another CRM."""
        pending, organization_id = await self._taken(query.get("state", ""), provider)
        member = await self._member(pending, organization_id)
        outcome: dict[str, Any] = {"provider": provider, "dialog": pending.dialog}
        connected = False
        try:
            with asked_by(CONFIRMED_BEFORE):
                report = await self._connect(member, pending, query)
            connected = report.usable
            outcome |= {"report": asdict(report)}
        except (BadInput, CrmError) as error:
            log.warning("crm.login_failed", provider=provider, code=error.code)
            outcome |= {"error": _told(error)}
        async with self.db.transaction(organization_id) as session:
            await self.notices.owe(session, pending.telegram_id, "crm.login", outcome)
        return connected

    async def _taken(self, key: str, provider: str) -> tuple[Pending, UUID]:
        async with self.db.transaction(system=True) as session:
            hook = await hooks.take(session, key, LOGIN) if key else None
        if hook is None:
            raise NotFound(record="login")
        pending = _unpacked(self.vault.open(hook.secret, hook_context(hook))["login"])
        if pending.provider != provider or pending.until <= self.clock():
            raise NotFound(record="login")
        return pending, hook.organization_id

    async def _member(self, pending: Pending, organization_id: UUID) -> Member:
        """The one who began, if he still may."""
        async with self.db.reading(organization_id) as session:
            member = await member_rows.get_member(session, pending.member)
        if member is None or member.status is not MemberStatus.ACTIVE or not member.may(Right.CRM_MANAGE):
            raise NotFound(record="login")
        return member

    async def _connect(self, member: Member, pending: Pending, query: Mapping[str, str]) -> ConnectionReport:
        if not query.get("code"):
            raise BadInput("auth_code", "declined")
        settings = await self._settled(pending.provider, pending.settings, query)
        if pending.integration is not None:
            return await self.changes.change(member, pending.integration, settings)
        report = await self.integrations.connect(member, pending.provider, settings, another=True)
        dialog = (member.telegram_id, member.telegram_id, pending.dialog)
        if pending.dialog and report.usable:
            await self.journal.forget_dialog(*dialog)
        return report


def read_code(typed: str) -> dict[str, str]:
    """The parameters of the address that a login ended at, or of the mere code. Raises BadInput."""
    text = typed.strip()
    found = dict(parse_qsl(urlsplit(text).query)) if "://" in text else {"code": text}
    code = found.get("code", "")
    if not code or len(code) > LONGEST_CODE or not code.isascii() or not code.isprintable() or " " in code:
        raise BadInput("auth_code", "invalid" if text else "required")
    return found


def _login(provider: str) -> Login:
    login = kind_of(provider).login
    if login is None:
        raise CrmUnsupported("login")
    return login


def _told(error: VoronkaError) -> dict[str, str]:
    """An error as a notice keeps it."""
    if isinstance(error, BadInput):
        more = {name: str(value) for name, value in error.params.items() if name not in ("field", "reason")}
        return {"code": error.code, "field": error.field, "reason": error.reason, **more}
    return {"code": error.code, "reason": getattr(error, "reason", "")}


def _packed(pending: Pending) -> str:
    plain = asdict(pending) | {
        "member": str(pending.member),
        "until": pending.until.isoformat(),
        "settings": dict(pending.settings),
        "integration": str(pending.integration) if pending.integration else "",
    }
    return json.dumps(plain)


def _unpacked(text: str) -> Pending:
    plain = json.loads(text)
    return Pending(
        UUID(plain["member"]),
        plain["telegram_id"],
        plain["provider"],
        plain["settings"],
        datetime.fromisoformat(plain["until"]),
        UUID(plain["integration"]) if plain["integration"] else None,
        plain["dialog"],
    )
