"""Webhooks that we send, wired: who is subscribed, the sender, and its log."""

from random import Random
from typing import TypedDict

from crm_adapters.hook_http import HookHttp
from handlers.export_words import column_word
from handlers.pipelines.words import pipeline_word, stage_word
from services.clock import Clock
from services.hooks_out.log import HookLog
from services.hooks_out.sender import HookSender
from services.hooks_out.subscriptions import HooksOut
from services.notices import Notices
from storage.db import Database
from storage.replicas.signals import Signals
from storage.secrets import Vault
from web.api.hook_bodies import HookBodies
from web.services import Wording


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
) -> HookServices:
    """Wire them."""
    bodies = HookBodies(Wording(stage_word, pipeline_word, column_word))
    sender = HookSender(db, vault, clock, signals, notices, http, bodies, chance)
    return HookServices(
        hook_log=HookLog(db, clock, signals, sender),
        hook_sender=sender,
        hooks_out=HooksOut(db, vault, clock, http),
    )
