"""The REST API, wired: keys, limits, and what its answers say in words."""

from contextlib import AsyncExitStack
from ipaddress import ip_network
from typing import TypedDict

from bot.settings import Settings
from handlers.export_words import column_word
from handlers.pipelines.words import pipeline_word, stage_word
from services.api.keys import ApiKeys
from services.api.limits import ApiGate, Rates
from services.api.writes import ApiWrites
from services.clock import Clock
from services.registry import Services
from storage.db import Database
from storage.limits import Limits, LocalLimits, RedisLimits
from web.services import ApiDoor, Wording


class ApiServices(TypedDict):
    """The fields of Services that are built here."""

    api_keys: ApiKeys
    api_writes: ApiWrites


def api_services(db: Database, clock: Clock) -> ApiServices:
    """Wire them."""
    return ApiServices(api_keys=ApiKeys(db, clock), api_writes=ApiWrites(db, clock))


def api_door(settings: Settings, services: Services, stack: AsyncExitStack) -> ApiDoor:
    """Limits are counted by all replicas together where there is Redis."""
    limits: Limits = RedisLimits(settings.redis_url) if settings.redis_url else LocalLimits()
    stack.push_async_callback(limits.close)
    return ApiDoor(
        services=services,
        gate=ApiGate(services.api_keys, limits, Rates(settings.api_rate)),
        words=Wording(stage_word, pipeline_word, column_word),
        proxies=tuple(ip_network(one) for one in settings.trusted_proxies),
    )
