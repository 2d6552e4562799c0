"""Clicks on messenger links: the visitor is led on at once, the click is worked off afterwards."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from domain.errors import BadInput, WebhookRefused
from domain.hooks_in import CHANNELS, HookKind, messenger_link
from services.access import open_to
from services.clock import Clock
from services.delivery.intake import TOPIC
from services.hooks_in.form_fields import UTM, named, session_in
from services.hooks_in.kept import KeptDeliveries
from services.hooks_in.visitors import Visitors
from storage.db import Database, Session
from storage.hooks_in import clicks, hooks
from storage.hooks_in.clicks import Click
from storage.hooks_in.hooks import Hook
from storage.hooks_in.inbox import InboxRow, InboxState
from storage.replicas.signals import Signals

log = structlog.get_logger()

PROVIDER = HookKind.CLICKS.value
ONCE_IN = timedelta(minutes=1)
"""The same link pressed again within so long is one click."""

CODE_ROOM, PAGE_ROOM, UTM_ROOM = 64, 500, 200


class Clicks:
    """Takes clicks."""

    def __init__(self, db: Database, clock: Clock, signals: Signals, visitors: Visitors) -> None:
        self.db, self.clock, self.signals, self.visitors = db, clock, signals, visitors
        self.kept = KeptDeliveries(db, clock)

    @open_to("anyone with the key")
    async def origins_of(self, key: str) -> tuple[str, ...]:
        """Origins of the pages that may tell of clicks; none: any. Raises WebhookRefused."""
        return tuple((await self.kept.hook(key, PROVIDER)).settings.get("origins", ()))

    @open_to("anyone with the link")
    async def follow(self, code: str, channel: str, query: Mapping[str, str], *, counts: bool = True) -> str:
        """Where a link leads, the click being committed where it `counts`. Raises WebhookRefused for a code
        that belongs to nobody here, and for a messenger that the organization does not have."""
        async with self.db.reading(system=True) as session:
            organization_id = await clicks.organization_of_code(session, code)
        if organization_id is None or channel not in CHANNELS:
            raise WebhookRefused(reason="unknown_key")
        async with self.db.reading(organization_id) as session:
            found = await hooks.of_provider(session, PROVIDER)
        hook = next((one for one in found if one.settings.get(channel)), None)
        if hook is None:
            raise WebhookRefused(reason="unknown_key")
        if counts:
            await self._keep(hook, _read({**query, "channel": channel, "referral_code": code}), "")
        return messenger_link(channel, hook.settings[channel], code)

    @open_to("anyone with the key")
    async def take(self, key: str, fields: Mapping[str, str], event_id: str = "") -> bool:
        """Commit a click that a page tells of; False for one that was told before, by its `event_id`.
        Raises WebhookRefused for an unknown key, BadInput for an unknown channel or a wrong code."""
        hook = await self.kept.hook(key, PROVIDER)
        return await self._keep(hook, _read(fields), event_id)

    @open_to("the inbox")
    async def work_off(self, row: InboxRow) -> None:
        """Make an activity of a kept click, and a lead where only its code is known."""
        hook, told = await self.kept.hook_of(row), json.loads(row.body)
        click = Click(**told, at=row.received_at)

        async def take(session: Session) -> UUID | None:
            if await clicks.was_there(session, click, click.at - ONCE_IN):
                return None
            return await self.visitors.came(session, click)

        lead_id = await self.kept.finish(hook, row.id, take)
        log.info("click.taken", channel=click.channel, lead=str(lead_id or ""))

    async def _keep(self, hook: Hook, told: Mapping[str, Any], event_id: str) -> bool:
        body = json.dumps(told, ensure_ascii=False).encode()
        new = await self.kept.keep(hook, body, event_id, state=InboxState.PENDING)
        self.signals.wake(TOPIC)
        return new is not None


def _read(fields: Mapping[str, str]) -> dict[str, Any]:
    """A click as it is kept. Raises BadInput for a channel we do not know and a code that is too long."""
    given = {name: text.strip() for name, text in named(fields).items()}
    channel, code = given.get("channel", "").lower(), given.get("referral_code", "")
    wrong = {}
    if channel not in CHANNELS:
        wrong["channel"] = "unknown" if channel else "required"
    if len(code) > CODE_ROOM:
        wrong["referral_code"] = "too_long"
    if wrong:
        raise BadInput(next(iter(wrong)), next(iter(wrong.values())), fields=wrong)
    utm = {name: given[f"utm_{name}"][:UTM_ROOM] for name in UTM if given.get(f"utm_{name}")}
    page = given.get("page", "")[:PAGE_ROOM]
    return {"session": session_in(given), "channel": channel, "referral_code": code, "page": page, "utm": utm}
