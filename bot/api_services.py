"""The REST API, wired: keys, limits, and what its answers say in words."""

from contextlib import AsyncExitStack
from ipaddress import ip_network

from bot.settings import Settings
from handlers.exporting import TITLES
from handlers.pipelines.words import pipeline_word, stage_word
from locales import _
from services.api.limits import ApiGate, Rates
from services.registry import Services
from storage.limits import Limits, LocalLimits, RedisLimits
from web.services import ApiDoor, Wording


def api_door(settings: Settings, services: Services, stack: AsyncExitStack) -> ApiDoor:
    """Limits are counted by all replicas together where there is Redis."""
    limits: Limits = RedisLimits(settings.redis_url) if settings.redis_url else LocalLimits()
    stack.push_async_callback(limits.close)
    return ApiDoor(
        services=services,
        gate=ApiGate(services.api_keys, limits, Rates(settings.api_rate)),
        words=Wording(stage_word, pipeline_word, _column),
        proxies=tuple(ip_network(one) for one in settings.trusted_proxies),
    )


def _column(name: str) -> str:
    return _(TITLES[name]) if name in TITLES else name.replace(".", "_")
