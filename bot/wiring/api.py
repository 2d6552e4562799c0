"""The REST API, wired: who enters, limits, and what its answers say in words."""

from contextlib import AsyncExitStack
from ipaddress import ip_network
from typing import TypedDict

from bot.settings import Settings
from handlers.export_words import column_word
from handlers.pipelines.words import pipeline_word, stage_word
from services.api.keys import ApiKeys
from services.api.limits import ApiGate, Entrances, Rates
from services.api.writes import ApiWrites
from services.clock import Clock
from services.entry.bursts import Bursts
from services.entry.hook_pace import HookOwners
from services.entry.oauth import OAuth
from services.entry.second_factor import SecondFactor
from services.entry.sessions import Sessions
from services.entry.telegram import PRODUCTION_KEY, TEST_KEY, TelegramKeys
from services.entry.tokens import TokenSigner
from services.notices import Notices
from services.registry import Services
from storage.db import Database
from storage.replicas.limits import Limits, LocalLimits, RedisLimits
from storage.secrets import Vault
from web.services import ApiDoor, Wording


class ApiServices(TypedDict):
    """The fields of Services that are built here."""

    api_keys: ApiKeys
    api_sessions: Sessions
    api_writes: ApiWrites
    bursts: Bursts
    hook_owners: HookOwners
    oauth: OAuth
    second_factor: SecondFactor


def api_services(
    settings: Settings, db: Database, vault: Vault, clock: Clock, notices: Notices
) -> ApiServices:
    """Wire them."""
    keys, bursts = ApiKeys(db, clock), Bursts(db, clock, notices)
    signer = TokenSigner(settings.secret_key, tuple(settings.secret_key_old))
    telegram = TelegramKeys(settings.bot_token, TEST_KEY if settings.telegram_test else PRODUCTION_KEY)
    return ApiServices(
        api_keys=keys,
        api_sessions=Sessions(db, clock, signer, telegram),
        api_writes=ApiWrites(db, clock),
        bursts=bursts,
        hook_owners=HookOwners(db, clock),
        oauth=OAuth(keys, signer, clock),
        second_factor=SecondFactor(db, vault, clock, notices, bursts),
    )


def api_door(settings: Settings, services: Services, stack: AsyncExitStack) -> ApiDoor:
    """Limits are counted by all replicas together where there is Redis."""
    limits: Limits = RedisLimits(settings.redis_url) if settings.redis_url else LocalLimits()
    stack.push_async_callback(limits.close)
    oauth = services.oauth
    entrances = Entrances(services.api_keys, oauth, services.api_sessions, oauth.signer, oauth.clock)
    return ApiDoor(
        services=services,
        gate=ApiGate(entrances, limits, Rates(settings.api_rate), services.bursts),
        words=Wording(stage_word, pipeline_word, column_word),
        proxies=tuple(ip_network(one) for one in settings.trusted_proxies),
        origins=tuple(one.lower() for one in settings.cors_origins),
    )
