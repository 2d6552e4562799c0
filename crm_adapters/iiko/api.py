"""iiko's Cloud API as such: address, token, and errors. Knows no purchase of ours.

Facts are of the official description of 2026 (see README.md). Nearly every method is POST, those that only
read as well. A token lives for an hour and cannot be renewed: another one is asked for in time, by one task
at a time.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from crm_adapters.egress import check_url
from crm_adapters.http import DEFAULT_WAIT, Answer, Call, CrmHttp
from domain.errors import BadInput, CrmAccessLost, CrmError, CrmRateLimited, CrmRejected, CrmUnavailable

HOST = "https://api-ru.iiko.services"
KEY_REFUSED = "key refused"
NOT_GRANTED = "method not granted"
NOT_LICENSED = "account or feature not paid"

# An hour by the vendor's word; asked for anew no oftener than once a minute.
LIVES = timedelta(minutes=50)
PAUSE = timedelta(minutes=1)
SECONDS = 60.0
MOST = 64 * 1024 * 1024

Record = dict[str, Any]

_KEY = re.compile(r"[!-~]{4,200}")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_OLD, _NEW = ("api_login",), ("api_key", "app_id", "client_secret")


def address(settings: Mapping[str, str]) -> str:
    """Where the API is, which nobody needs to type."""
    return settings.get("url", "").strip().rstrip("/") or HOST


def completed(settings: Mapping[str, str]) -> Mapping[str, str]:
    """With the address, which all customers of iiko share, and with what tells their accounts apart: a slow
    digest of the key, since it is shown and logins are short."""
    key = settings.get("api_login") or settings.get("api_key") or ""
    made = hashlib.scrypt(key.encode(), salt=b"iiko account", n=2**14, r=8, p=1, dklen=5).hex()
    return {**settings, "url": address(settings), **({"account": made} if key else {})}


def check_settings(settings: Mapping[str, str]) -> None:
    """Raise BadInput for the first setting that cannot be right. Either the old login is there, or all three
    of the new way."""
    try:
        check_url(address(settings))
    except ValueError:
        raise BadInput("url", "invalid") from None
    names = _NEW if settings.get("api_key") and not settings.get("api_login") else _OLD
    for name in names:
        if not settings.get(name):
            raise BadInput(name, "required")
        if not _KEY.fullmatch(settings[name]):
            raise BadInput(name, "invalid")
    if not all(_ID.fullmatch(one) for one in chosen(settings)):
        raise BadInput("organizations", "invalid")


def chosen(settings: Mapping[str, str]) -> list[str]:
    """Ids of the restaurants that were chosen; none means all that the key sees."""
    return [one.strip() for one in settings.get("organizations", "").split(",") if one.strip()]


class IikoApi:
    """Requests of one connection. Share it between tasks: it keeps the token."""

    def __init__(self, settings: Mapping[str, str], http: CrmHttp, now: Callable[[], datetime]) -> None:
        self._root = f"{address(settings)}/api/"
        self._settings, self._http, self._now = settings, http, now
        self._token, self._since = "", datetime.min
        self._lock = asyncio.Lock()

    async def post(self, path: str, body: Record, *, writes: bool = False, repeatable: bool = True) -> Record:
        """`path` is relative to /api/1/. A token that is refused is replaced once; nothing was done then."""
        token = await self._fresh()
        try:
            return await self._send(path, body, token, writes, repeatable)
        except _TokenRefused:
            pass
        async with self._lock:
            if self._token == token and self._now() - self._since < PAUSE:
                raise CrmAccessLost(NOT_GRANTED)  # it was good a moment ago, so it is the method
            if self._token == token:
                await self._ask()
            token = self._token
        try:
            return await self._send(path, body, token, writes, repeatable)
        except _TokenRefused:
            raise CrmAccessLost(NOT_GRANTED) from None

    async def _send(self, path: str, body: Record, token: str, writes: bool, repeatable: bool) -> Record:
        headers = {"Authorization": f"Bearer {token}", "Timeout": str(int(SECONDS) - 5)}
        call = Call(
            "POST", f"{self._root}1/{path}", headers, body=body, repeatable=repeatable, reads=not writes,
            seconds=SECONDS, most=MOST,
        )  # fmt: skip
        return _object(call, await self._http.call(call, self._error))

    async def _fresh(self) -> str:
        async with self._lock:
            if not self._token or self._now() - self._since >= LIVES:
                await self._ask()
            return self._token

    async def _ask(self) -> None:
        """Whoever comes here holds the lock: one asks for all."""
        given = self._settings
        if given.get("api_login"):
            path, body = "1/access_token", {"apiLogin": given["api_login"]}
        else:
            body = {
                "apiKey": given["api_key"],
                "appId": given["app_id"],
                "clientSecret": given["client_secret"],
            }
            path = "v2/access_token"
        call = Call("POST", self._root + path, body=body, repeatable=True, reads=True)
        answer = _object(call, await self._http.call(call, self._error_of_login))
        token = answer.get("token")
        if not isinstance(token, str) or not token or not token.isascii():
            raise CrmUnavailable("no token came back")
        self._token, self._since = token, self._now()

    def _error_of_login(self, answer: Answer) -> CrmError | None:
        if answer.status in (400, 401):
            return CrmAccessLost(KEY_REFUSED)
        return self._error(answer)

    def _error(self, answer: Answer) -> CrmError | None:
        if answer.status == 401:
            return _TokenRefused(KEY_REFUSED)
        if answer.status == 403:
            return CrmAccessLost(NOT_LICENSED)
        if answer.status == 429:
            return CrmRateLimited(self._http.retry_at(answer) or self._now() + DEFAULT_WAIT, "request limit")
        body = _body(answer)
        if answer.status in (404, 405) and body is None:
            return CrmRejected("no iiko at this address")
        if answer.status == 400:
            return _rejected(body or {})
        return None


class _TokenRefused(CrmAccessLost):
    """The token has ended, or the method is not granted: both look the same."""


def _rejected(body: Record) -> CrmError:
    """`error` is a word; texts may quote what was sent. The restaurant's own terminal may be too slow."""
    word = body.get("error")
    reason = word if isinstance(word, str) and re.fullmatch(r"\w{1,60}", word, re.ASCII) else "rejected"
    return CrmUnavailable(reason) if "TIMEOUT" in reason.upper() else CrmRejected(reason)


def _body(answer: Answer) -> Record | None:
    try:
        found = answer.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _object(call: Call, answer: Any) -> Record:
    if not isinstance(answer, dict):
        raise call.unanswered("answer is not an object")
    return answer
