"""What a process can tell of its machine and of Redis."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

from bot.settings import Settings
from services.health import Surroundings

PATIENCE = 1.0


def surroundings(settings: Settings) -> Surroundings:
    """Asked each time anew: redis is none, ok or away; disk is free bytes."""

    async def look() -> Mapping[str, str]:
        free = await asyncio.to_thread(_free, settings.files_url)
        return {"redis": await _redis(settings.redis_url), "disk": str(free)}

    return look


def _free(files_url: str) -> int:
    place = Path("." if "://" in files_url else files_url).absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


async def _redis(url: str) -> str:
    if not url:
        return "none"
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(url, socket_connect_timeout=PATIENCE)
    try:
        async with asyncio.timeout(PATIENCE):
            await client.ping()
    except (RedisError, OSError, TimeoutError):
        return "away"
    finally:
        await client.aclose()
    return "ok"
