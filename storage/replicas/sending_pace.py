"""How fast messages may go to Telegram: counted in this process, or by all processes together in Redis.

Three things are counted. All messages: a leaky bucket at `rate` a second, which a flood answer (429) cuts and
which grows back within seconds. Those of one chat: a leaky bucket. Those of one group: so many in any minute.
And for as long as a flood answer says, nothing goes at all.

Answers to people are counted and never wait but for that pause; pushes wait for room, and what is for many
people leaves half of the room to the others. Redis is never what sending depends on: while it is gone, each
process counts by itself.
"""

import time
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import structlog

log = structlog.get_logger()

PREFIX = "voronka:telegram:"
ANSWERS_IN = 0.5
AGAIN_AFTER = 5.0

BURST_SECONDS = 0.2
"""So much of a second's messages may go at once."""

CHAT_BURST, CHAT_RATE = 10, 1.0
"""Telegram lets about one message a second into a chat; short bursts pass."""

GROUP_MINUTE, MINUTE = 18, 60.0
"""Below Telegram's twenty a minute in a group, as answers to commands count as well."""

CUT, LEAST, GROWS = 0.6, 0.04, 0.04
"""What is left of the rate after a flood answer, at least; and what comes back a second, of the full rate."""

MOST_CHATS = 20_000


class Sort(StrEnum):
    """answer: to what somebody did just now; push: a notice; bulk: one for many people."""

    ANSWER = "answer"
    PUSH = "push"
    BULK = "bulk"


ROOM = {Sort.ANSWER: 1e9, Sort.PUSH: 1.0, Sort.BULK: 0.5}


@dataclass(frozen=True, slots=True)
class Wait:
    """It is worth asking again after `seconds`; `of_chat`: others need not wait. 0: it was counted."""

    seconds: float = 0.0
    of_chat: bool = False


class SendingPace(Protocol):
    async def take(self, sort: Sort, chat_id: int = 0) -> Wait:
        """Count one message, if it may go now. 0 for a chat whose own limits do not matter."""
        ...

    async def flood(self, seconds: float) -> None:
        """Telegram wants nothing for so long."""
        ...

    async def close(self) -> None: ...


class LocalPace:
    """For one process; `rate` is in messages a second."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._paused_until = self._spent = self._cut_at = 0.0
        self._factor = 1.0
        self._chats: dict[int, float] = {}
        self._groups: dict[int, deque[float]] = {}

    async def take(self, sort: Sort, chat_id: int = 0) -> Wait:
        now = time.monotonic()
        if self._paused_until > now:
            return Wait(self._paused_until - now)
        interval = 1 / (self.rate * self._share(now))
        burst = max(self.rate * BURST_SECONDS, 2.0)
        spent = min(max(self._spent, now), now + 2 * burst * interval)
        wait = spent - now - ROOM[sort] * (burst - 1) * interval
        if wait > 0:
            return Wait(wait)
        wait = self._of_chat(chat_id, now)
        if wait > 0:
            return Wait(wait, of_chat=True)
        self._spent = spent + interval
        return Wait()

    def _share(self, now: float) -> float:
        return min(1.0, self._factor + (now - self._cut_at) * GROWS)

    def _of_chat(self, chat_id: int, now: float) -> float:
        """0 counts it."""
        if chat_id < 0:
            return self._of_group(chat_id, now)
        if chat_id > 0:
            spent = max(self._chats.get(chat_id, now), now)
            wait = spent - now - (CHAT_BURST - 1) / CHAT_RATE
            if wait > 0:
                return wait
            self._chats[chat_id] = spent + 1 / CHAT_RATE
            if len(self._chats) > MOST_CHATS:
                self._chats = {chat: until for chat, until in self._chats.items() if until > now}
        return 0.0

    def _of_group(self, chat_id: int, now: float) -> float:
        sent = self._groups.setdefault(chat_id, deque())
        while sent and sent[0] <= now - MINUTE:
            sent.popleft()
        if len(sent) >= GROUP_MINUTE:
            return sent[0] + MINUTE - now
        sent.append(now)
        return 0.0

    async def flood(self, seconds: float) -> None:
        now = time.monotonic()
        if now >= self._paused_until:
            # of those that were under way together only the first says anything new
            self._factor, self._cut_at = max(self._share(now) * CUT, LEAST), now + seconds
        self._paused_until = max(self._paused_until, now + seconds)

    async def close(self) -> None:
        return


# Redis's own clock counts. KEYS: paused until, spent until, "factor cut-at" of all; the chat's own.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local rate, burst, room = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local paused = tonumber(redis.call('GET', KEYS[1]) or '0')
if paused > now then return {'all', string.format('%.6f', paused - now)} end
local factor, cut_at = string.match(redis.call('GET', KEYS[3]) or '1 0', '(%S+) (%S+)')
local share = math.min(1, tonumber(factor) + (now - tonumber(cut_at)) * tonumber(ARGV[4]))
local interval = 1 / (rate * share)
local spent = tonumber(redis.call('GET', KEYS[2]) or '0')
spent = math.min(math.max(spent, now), now + 2 * burst * interval)
local wait = spent - now - room * (burst - 1) * interval
if wait > 0 then return {'all', string.format('%.6f', wait)} end
local kind = ARGV[5]
if kind == 'group' then
    redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - tonumber(ARGV[7]))
    if redis.call('ZCARD', KEYS[4]) >= tonumber(ARGV[6]) then
        local first = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')[2]
        return {'chat', string.format('%.6f', tonumber(first) + tonumber(ARGV[7]) - now)}
    end
    redis.call('ZADD', KEYS[4], now, string.format('%.6f', now))
    redis.call('PEXPIRE', KEYS[4], math.ceil(tonumber(ARGV[7]) * 1000))
elseif kind == 'chat' then
    local own = math.max(tonumber(redis.call('GET', KEYS[4]) or '0'), now)
    wait = own - now - (tonumber(ARGV[6]) - 1) / tonumber(ARGV[7])
    if wait > 0 then return {'chat', string.format('%.6f', wait)} end
    own = own + 1 / tonumber(ARGV[7])
    redis.call('SET', KEYS[4], string.format('%.6f', own), 'PX', math.ceil((own - now) * 1000) + 1000)
end
spent = spent + interval
redis.call('SET', KEYS[2], string.format('%.6f', spent), 'PX', math.ceil((spent - now) * 1000) + 1000)
return {'', '0'}
"""
_FLOOD = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local seconds = tonumber(ARGV[1])
local paused = tonumber(redis.call('GET', KEYS[1]) or '0')
if now >= paused then
    local factor, cut_at = string.match(redis.call('GET', KEYS[2]) or '1 0', '(%S+) (%S+)')
    local share = math.min(1, tonumber(factor) + (now - tonumber(cut_at)) * tonumber(ARGV[4]))
    share = math.max(share * tonumber(ARGV[2]), tonumber(ARGV[3]))
    local lives = math.ceil((seconds + 1 / tonumber(ARGV[4])) * 1000)
    redis.call('SET', KEYS[2], string.format('%.6f %.6f', share, now + seconds), 'PX', lives)
end
if now + seconds > paused then
    redis.call('SET', KEYS[1], string.format('%.6f', now + seconds), 'PX', math.ceil(seconds * 1000) + 1000)
end
return 0
"""


class RedisPace:
    """For all processes that talk as the bot `bot_id`; this one counts alone while Redis is gone."""

    def __init__(self, url: str, bot_id: str, rate: float) -> None:
        # six megabytes that an installation without Redis does not need
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        self._gone = (RedisError, OSError)
        self._redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=ANSWERS_IN,
            socket_connect_timeout=ANSWERS_IN,
            retry=Retry(NoBackoff(), 0),
        )
        self._alone = LocalPace(rate)
        self._rate, self._bot = rate, bot_id
        self._take, self._flood = self._redis.register_script(_TAKE), self._redis.register_script(_FLOOD)
        self._ask_at = 0.0

    def _key(self, part: str) -> str:
        """The braces keep a bot's keys on one node of a cluster."""
        return f"{PREFIX}{{{self._bot}}}:{part}"

    async def take(self, sort: Sort, chat_id: int = 0) -> Wait:
        if time.monotonic() < self._ask_at:
            return await self._alone.take(sort, chat_id)
        keys = [self._key(part) for part in ("paused", "spent", "share", f"chat:{chat_id}")]
        given: list[str | float] = [self._rate, max(self._rate * BURST_SECONDS, 2.0), ROOM[sort], GROWS]
        given += _own_limit(chat_id)
        try:
            whose, seconds = await self._take(keys=keys, args=given)
        except self._gone as error:
            self._lost(error)
            return await self._alone.take(sort, chat_id)
        return Wait(float(seconds), of_chat=whose == "chat")

    async def flood(self, seconds: float) -> None:
        await self._alone.flood(seconds)
        if time.monotonic() >= self._ask_at:
            keys = [self._key("paused"), self._key("share")]
            try:
                await self._flood(keys=keys, args=[seconds, CUT, LEAST, GROWS])
            except self._gone as error:
                self._lost(error)

    def _lost(self, error: BaseException) -> None:
        self._ask_at = time.monotonic() + AGAIN_AFTER
        log.warning("pace.redis_lost", error=type(error).__name__)

    async def close(self) -> None:
        await self._redis.aclose()


def _own_limit(chat_id: int) -> list[str | float]:
    if chat_id < 0:
        return ["group", GROUP_MINUTE, MINUTE]
    return ["chat", CHAT_BURST, CHAT_RATE] if chat_id else ["", 0, 0]
