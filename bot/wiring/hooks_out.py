"""Webhooks that we send, wired: who is subscribed, the sender, and its log."""

from collections.abc import Callable
from random import Random
from typing import Any, TypedDict

from crm_adapters.hook_http import HookHttp
from domain.hooks_out import Sending
from services.api.wording import Wording
from services.clock import Clock
from services.hooks_out.bodies import Found, Worded
from services.hooks_out.log import HookLog
from services.hooks_out.sender import HookSender
from services.hooks_out.subscriptions import HooksOut
from services.messages.notices import Notices
from storage.db import Database
from storage.replicas.signals import Signals
from storage.secrets import Vault


class HookServices(TypedDict):
    """The fields of Services that are built here."""

    hook_log: HookLog
    hook_sender: HookSender
    hooks_out: HooksOut


def hook_services(
    db: Database,
    vault: Vault,
    http: HookHttp,
    clock: Clock,
    signals: Signals,
    notices: Notices,
    chance: Random,
    words: Callable[[], Wording],
) -> HookServices:
    """Wire them."""
    sender = HookSender(db, vault, clock, signals, notices, http, _bodies(words), chance)
    return HookServices(
        hook_log=HookLog(db, clock, signals, sender),
        hook_sender=sender,
        hooks_out=HooksOut(db, vault, clock, http),
    )


def _bodies(words: Callable[[], Wording]) -> Worded:
    """The models of the API are loaded with the first webhook: many never send one."""

    def body(sending: Sending, found: Found, language: str) -> dict[str, Any]:
        from web.api.hook_bodies import HookBodies

        return HookBodies(words())(sending, found, language)

    return body
