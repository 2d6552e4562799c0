"""Bitrix24's REST as such: address, key, tokens, batches, limits. Knows no lead of ours.

Every request is a POST of JSON, to /rest/{user}/{code}/{method} with an inbound webhook, to /rest/{method}
with the parameter `auth` with an application's token.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from crm_adapters.bitrix24.faults import OUT_OF_TIME, TokenExpired, error_of
from crm_adapters.bitrix24.running_time import RunningTime
from crm_adapters.bitrix24.settings import hook_of, oauth_of, portal_of
from crm_adapters.credentials import Credentials, Renew
from crm_adapters.http import DEFAULT_WAIT, Answer, Call, CrmHttp
from domain.errors import CrmAccessLost, CrmError, CrmUncertain

PAGE = 50
MOST_COMMANDS = 50
LONGEST_PAUSE = 32
BATCH = "batch"
READING = frozenset({"current", "fields", "findbycomm", "get", "info", "list", "profile", "scope"})
"""Last words of the methods that only read."""

Record = dict[str, Any]
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A `result`, and where the next page starts."""

    result: Any
    next: int | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a batch."""

    method: str
    params: Params


class BitrixApi:
    """Requests of one integration. Only a refused access token is asked for again, once, after a refresh:
    the request it came with was surely not carried out."""

    def __init__(
        self,
        settings: Mapping[str, str],
        http: CrmHttp,
        now: Callable[[], datetime],
        renew: Renew | None = None,
    ) -> None:
        self.site = portal_of(settings["url"])
        self._hook = hook_of(settings["api_key"]) if settings.get("api_key") else None
        self._keys = Credentials(settings, renew)
        self._http, self._now = http, now
        self._pauses = 0
        self._time = RunningTime()

    def page(self, entity: str, record_id: str) -> str:
        """Where a person opens the record."""
        return f"{self.site}/crm/{entity}/details/{record_id}/"

    async def read(self, method: str, params: Params) -> Any:
        """The `result` of a method that changes nothing, or that may be sent twice."""
        return (await self.page_of(method, params)).result

    async def page_of(self, method: str, params: Params) -> Page:
        """The `result` of a list and where its next page starts."""
        answer = await self._ask(method, params, repeatable=True)
        following = answer.get("next")
        return Page(answer.get("result"), following if isinstance(following, int) else None)

    async def write(self, method: str, params: Params) -> Any:
        """The `result` of a method that makes a record. Raises CrmUncertain when the answer was lost."""
        return (await self._ask(method, params, repeatable=False)).get("result")

    async def batch(
        self, commands: Mapping[str, Command], *, repeatable: bool = True
    ) -> dict[str, Any | CrmError]:
        """Results, or errors, of up to fifty commands in one request. A text of theirs that holds `$result[`
        would be filled in by Bitrix24. `repeatable`: none of them makes a record."""
        texts = {key: f"{one.method}?{urlencode(_flat(one.params))}" for key, one in commands.items()}
        answer = await self._ask(BATCH, {"halt": 0, "cmd": texts}, repeatable=repeatable)
        parts = answer.get("result")
        results, failed, times = (branch(parts, name) for name in ("result", "result_error", "result_time"))
        outcome: dict[str, Any | CrmError] = {}
        for key, one in commands.items():
            self._time.learn(one.method, times.get(key) if isinstance(times, dict) else None)
            error = failed.get(key) if isinstance(failed, dict) else None
            if error is not None:
                outcome[key] = self._error(one.method, 0, error) or CrmUncertain("unknown error")
            else:
                outcome[key] = results.get(key) if isinstance(results, dict) else None
        return outcome

    async def _ask(self, method: str, params: Params, *, repeatable: bool) -> Record:
        settings = self._keys.current
        try:
            return await self._send(settings, method, params, repeatable)
        except TokenExpired:
            if self._hook is not None:
                raise
        settings = await self._keys.renew(settings, self._refresh)
        return await self._send(settings, method, params, repeatable)

    async def _send(
        self, settings: Mapping[str, str], method: str, params: Params, repeatable: bool
    ) -> Record:
        if self._hook is not None:
            path, body = "/".join((*self._hook, method)), dict(params)
        else:
            path, body = method, {**params, "auth": settings.get("access_token", "")}
            if not body["auth"]:
                raise TokenExpired("no token yet")
        url, reads = f"{self.site}/rest/{path}", only_reads(method, params)
        call = Call("POST", url, body=body, repeatable=repeatable, reads=reads)
        with self._time.running(methods_in(method, params), self._now()):
            answer = await self._http.call(call, lambda got: self._read_error(method, got))
        if not isinstance(answer, dict) or "result" not in answer:
            raise call.unanswered("answer without a result")
        self._pauses = 0
        if method != BATCH:
            self._time.learn(method, answer.get("time"))
        return answer

    async def _refresh(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """New tokens for the refresh token, which is used up by it. Raises CrmAccessLost."""
        params = {"grant_type": "refresh_token"}
        params |= {name: settings[name] for name in ("client_id", "client_secret", "refresh_token")}
        # Whatever becomes of it, what was asked for has not been carried out: no uncertainty for the outbox.
        call = Call("GET", f"{oauth_of(settings)}/oauth/token/", params=params, repeatable=True)
        answer = await self._http.call(call, lambda got: self._read_error("oauth", got))
        fresh = {name: answer.get(name) for name in ("access_token", "refresh_token")}
        if not all(isinstance(value, str) and value for value in fresh.values()):
            raise CrmAccessLost("no token came back")
        return {name: str(value) for name, value in fresh.items()}

    def _read_error(self, method: str, answer: Answer) -> CrmError | None:
        if 300 <= answer.status < 400:
            return CrmAccessLost("portal renamed")
        try:
            body = answer.json()
        except ValueError:
            return None
        if not isinstance(body, dict) or "error" not in body:
            return None
        return self._error(method, answer.status, body, self._http.retry_at(answer))

    def _error(
        self, method: str, status: int, body: Any, retry_at: datetime | None = None
    ) -> CrmError | None:
        code, text = (branch(body, "error"), branch(body, "error_description"))
        now = self._now()
        if str(code).casefold() == "query_limit_exceeded":
            self._pauses += 1
        pause = timedelta(seconds=min(2 ** max(self._pauses - 1, 0), LONGEST_PAUSE))
        blocked_until = retry_at or now + DEFAULT_WAIT
        if str(code).casefold() == OUT_OF_TIME:
            blocked_until = retry_at or self._time.refused(method, now) or blocked_until
        return error_of(method, status, code, text, retry_at or now + pause, blocked_until)


def methods_in(method: str, params: Params) -> Counter[str]:
    """How often a request calls each method: its own, or those of a batch."""
    if method != BATCH:
        return Counter([method])
    return Counter(text.partition("?")[0] for text in params["cmd"].values())


def only_reads(method: str, params: Params) -> bool:
    """Whether a method, or every command of a batch, leaves the portal as it is. What is not known to do so
    counts as a write."""
    if method == BATCH:
        return all(_reads(text.partition("?")[0]) for text in params["cmd"].values())
    return _reads(method)


def _reads(method: str) -> bool:
    return method.rpartition(".")[2] in READING


def branch(tree: Any, *keys: str) -> Any:
    """A deeper value; PHP shows an empty map as a list, so anything else on the way is None."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def listed(result: Any, key: str = "") -> list[Record]:
    """The records of a list, of its member `key` if named; what is no record is left out."""
    found = branch(result, key) if key else result
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def moment_text(moment: datetime) -> str:
    """ISO with an offset, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def read_moment(text: object) -> datetime | None:
    """A date-time with the portal's offset -> aware UTC; None for anything else."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _flat(params: Params) -> list[tuple[str, str]]:
    """PHP's query notation: filter[>=id]=5, values[0]=..."""
    pairs: list[tuple[str, str]] = []
    for key, value in params.items():
        _add(pairs, key, value)
    return pairs


def _add(pairs: list[tuple[str, str]], prefix: str, value: Any) -> None:
    if isinstance(value, Mapping):
        items = [(str(key), part) for key, part in value.items()]
    elif isinstance(value, list | tuple):
        items = [(str(index), part) for index, part in enumerate(value)]
    else:
        text = str(int(value)) if isinstance(value, bool) else "" if value is None else str(value)
        pairs.append((prefix, text))
        return
    for key, part in items:
        _add(pairs, f"{prefix}[{key}]", part)
