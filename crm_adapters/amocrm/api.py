"""amoCRM's API v4 as such: account address, token, pages and errors. Knows no lead of ours.

Facts are of the official developers' pages (amocrm.ru/developers, in the state of January 2026). "Nothing
found" is a 204 without a body; lists are JSON arrays in requests and HAL in answers.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crm_adapters.amocrm import oauth
from crm_adapters.amocrm.settings import account_of
from crm_adapters.credentials import Credentials, Renew
from crm_adapters.http import Answer, Call, CrmHttp
from domain.errors import (
    CrmAccessLost,
    CrmError,
    CrmGone,
    CrmRateLimited,
    CrmRejected,
    CrmUncertain,
    CrmUnsupported,
)

KEY_REFUSED = "key refused"
PAGE = 250
MOST_PAGES = 200
# The limit is counted by the second; whoever goes on asking is shut out with a 403.
NEXT_SECOND = timedelta(seconds=2)

Record = dict[str, Any]
Params = Sequence[tuple[str, str]]

_PLAIN = re.compile(r"[A-Za-z ,.;:'()-]{1,120}")
_PATH = re.compile(r"[\w.]{1,120}")


class AmoApi:
    """Requests of one integration. Only a refused access token of OAuth is asked for again, once, after a
    refresh: the request it came with was surely not carried out."""

    def __init__(
        self,
        settings: Mapping[str, str],
        http: CrmHttp,
        now: Callable[[], datetime],
        renew: Renew | None = None,
    ) -> None:
        self.site = account_of(settings["url"])
        self._http, self._now, self._renew = http, now, renew
        self._keys = Credentials(settings, renew)
        self._rotates = not settings.get("api_key")

    def page(self, entity: str, record_id: str) -> str:
        """Where a person opens the record."""
        return f"{self.site}/{entity}/detail/{record_id}"

    async def get(self, path: str, params: Params = ()) -> Any:
        """The answer; None when there is nothing."""
        return await self._ask("GET", path, params=params)

    async def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        return await self._ask("PATCH", path, body=body)

    async def delete(self, path: str, body: Mapping[str, Any]) -> None:
        await self._ask("DELETE", path, body=body)

    async def post(self, path: str, body: Any, *, repeatable: bool = False) -> Any:
        return await self._ask("POST", path, body=body, repeatable=repeatable)

    async def create(self, path: str, name: str, item: Mapping[str, Any]) -> Record:
        """POST one item of `name`; the answer holds its id. Raises CrmUncertain when it shows none."""
        made = embedded(await self.post(path, [item]), name)
        if not made:
            raise CrmUncertain("answer without an id")
        return made[0]

    async def pages(self, path: str, name: str, params: Params = (), size: int = PAGE) -> list[Record]:
        """Every item of a list, page after page: an absent link, or nothing at all, is the end of it."""
        found: list[Record] = []
        for number in range(1, MOST_PAGES + 1):
            answer = await self.get(path, [*params, ("page", str(number)), ("limit", str(size))])
            found += embedded(answer, name)
            if not has_next(answer):
                break
        return found

    async def _ask(
        self, method: str, path: str, *, params: Params = (), body: Any = None, repeatable: bool | None = None
    ) -> Any:
        keys = self._keys.current
        if self._rotates and oauth.is_stale(keys, self._now()):
            keys = await self._renewed(keys)
        try:
            return await self._send(keys, method, path, params, body, repeatable)
        except CrmAccessLost as error:
            if error.reason != KEY_REFUSED or not self._rotates:
                raise
        return await self._send(await self._renewed(keys), method, path, params, body, repeatable)

    async def _renewed(self, keys: Mapping[str, str]) -> Mapping[str, str]:
        """A new pair. Where ours turns out to be used up, another process may have been faster without a
        lock between us: what is kept is asked for once more before access is given up."""

        async def refresh(held: Mapping[str, str]) -> Mapping[str, str]:
            return await oauth.refresh(self.site, held, self._http, self._now())

        async def give_up(held: Mapping[str, str]) -> Mapping[str, str]:
            raise CrmAccessLost(oauth.USED_UP)

        try:
            return await self._keys.renew(keys, refresh)
        except CrmAccessLost as error:
            if error.reason != oauth.USED_UP or self._renew is None:
                raise
            return await self._keys.renew(keys, give_up)

    async def _send(
        self,
        keys: Mapping[str, str],
        method: str,
        path: str,
        params: Params,
        body: Any,
        repeatable: bool | None,
    ) -> Any:
        token = keys.get("access_token") if self._rotates else keys["api_key"]
        call = Call(
            method,
            f"{self.site}/api/v4/{path}",
            headers={"Authorization": f"Bearer {token}"},
            params=params or None,
            body=body,
            repeatable=repeatable,
        )
        return await self._http.call(call, self._error)

    def _error(self, answer: Answer) -> CrmError | None:
        body = _problem(answer)
        match answer.status:
            case 400 | 422:
                return _invalid(body)
            case 401:
                return CrmAccessLost(KEY_REFUSED)
            case 402:
                return CrmAccessLost("account or feature not paid")
            case 403:
                # A missing right, an address that is not on the account's list, or a shut-out after too
                # many requests: all of them need an admin, and none may be tried on and on.
                return CrmAccessLost("no right, or shut out")
            case 404:
                return CrmGone("record not found") if body else CrmRejected("no amoCRM at this address")
            case 405 | 425 | 426:
                return CrmUnsupported("feature is off")
            case 429:
                wait = self._http.retry_at(answer)
                return CrmRateLimited(wait or self._now() + NEXT_SECOND, "too many requests")
        return None


def embedded(answer: Any, name: str) -> list[Record]:
    """The items of a HAL answer; anything without an id is left out."""
    inside = answer.get("_embedded") if isinstance(answer, dict) else None
    found = inside.get(name) if isinstance(inside, dict) else None
    return [item for item in found or () if isinstance(item, dict) and item.get("id")]


def has_next(answer: Any) -> bool:
    links = answer.get("_links") if isinstance(answer, dict) else None
    return isinstance(links, dict) and bool(links.get("next"))


def _problem(answer: Answer) -> Record:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _invalid(body: Record) -> CrmRejected:
    """The first thing that is wrong: its code and path. Values never stand there; details may hold them."""
    for item in body.get("validation-errors") or ():
        for error in item.get("errors") or ():
            code, path = str(error.get("code") or ""), str(error.get("path") or "")
            return CrmRejected(
                f"validation: {code}" if _PLAIN.fullmatch(code) else "validation",
                path if _PATH.fullmatch(path) else "",
            )
    detail = str(body.get("detail") or "").strip()
    return CrmRejected(detail if _PLAIN.fullmatch(detail) else "bad request")
