"""YCLIENTS' REST API v1 as such: address, tokens, envelope and errors. Knows no purchase of ours.

Facts are of the vendor's blueprint of 2024 and the newer description (see README.md).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_adapters.egress import check_url
from crm_adapters.http import DEFAULT_WAIT, Answer, Call, CrmHttp
from domain.errors import BadInput, CrmAccessLost, CrmError, CrmGone, CrmRateLimited, CrmRejected

HOST = "https://api.yclients.com"
KEY_REFUSED = "key refused"
NOT_PAID = "account or feature not paid"

Record = dict[str, Any]
Params = Sequence[tuple[str, str]]

_ACCEPT = "application/vnd.yclients.v2+json"
_TOKEN = re.compile(r"[!-+\--~]{8,200}")  # printable, without space and comma
_COMPANY = re.compile(r"[1-9][0-9]{0,11}")
_FIELD = re.compile(r"[A-Za-z][\w.]{0,79}", re.ASCII)
_TOKENS = ("partner_token", "user_token")


def completed(settings: Mapping[str, str]) -> Mapping[str, str]:
    """With the address of the API, which nobody needs to type."""
    return {**settings, "url": settings.get("url", "").strip().rstrip("/") or HOST}


def check_settings(settings: Mapping[str, str]) -> None:
    """Raise BadInput for the first setting that cannot be right: url, a token or the branch's number."""
    try:
        check_url(completed(settings)["url"])
    except ValueError:
        raise BadInput("url", "invalid") from None
    for name in _TOKENS:
        if not settings.get(name):
            raise BadInput(name, "required")
        if not _TOKEN.fullmatch(settings[name]):
            raise BadInput(name, "invalid")
    if not settings.get("company"):
        raise BadInput("company", "required")
    if not _COMPANY.fullmatch(settings["company"]):
        raise BadInput("company", "invalid")


class YclientsApi:
    """Requests of one branch. Paths differ by a slash at the end, so they are used exactly as they are."""

    def __init__(self, settings: Mapping[str, str], http: CrmHttp, now: Callable[[], datetime]) -> None:
        self.company = settings["company"]
        self._root = f"{completed(settings)['url']}/api/v1/"
        self._partner, self._user = settings["partner_token"], settings["user_token"]
        self._http, self._now = http, now

    async def get(self, path: str, params: Params = (), *, user: bool = True) -> tuple[Any, Record]:
        """(data, meta) of the answer; `path` is relative to /api/v1/. Without `user` the partner asks."""
        shown = f"Bearer {self._partner}" + (f", User {self._user}" if user else "")
        headers = {"Accept": _ACCEPT, "Authorization": shown}
        call = Call("GET", self._root + path, headers, params)
        answer = await self._http.call(call, self._error)
        if not isinstance(answer, dict) or "data" not in answer:
            raise call.unanswered("answer is not an object")
        meta = answer.get("meta")
        return answer["data"], meta if isinstance(meta, dict) else {}

    async def record(self, path: str, params: Params = ()) -> Record:
        """One object. Raises CrmGone."""
        data, _meta = await self.get(path, params)
        if not isinstance(data, dict):
            raise CrmGone("record not found")
        return data

    async def listed(self, path: str, params: Params = ()) -> tuple[list[Any], int | None]:
        """A page of a list, and how many there are in all where the answer says it."""
        data, meta = await self.get(path, params)
        total = meta.get("total_count")
        known = str(total).isascii() and str(total).isdigit()
        return data if isinstance(data, list) else [], int(str(total)) if known else None

    def _error(self, answer: Answer) -> CrmError | None:
        """A refusal may hide in a 200: `success` is looked at as well as the status."""
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return CrmRejected("no YCLIENTS at this address") if answer.status in (404, 405) else None
        if answer.status < 300 and body.get("success") is not False and "error_code" not in body:
            return None
        if answer.status == 429:
            return CrmRateLimited(self._http.retry_at(answer) or self._now() + DEFAULT_WAIT, "request limit")
        made = _KINDS.get(answer.status)
        if made is not None:
            return made[0](made[1])
        return None if answer.status >= 429 else _rejected(body)


_KINDS: Mapping[int, tuple[type[CrmError], str]] = {
    401: (CrmAccessLost, KEY_REFUSED),
    402: (CrmAccessLost, NOT_PAID),
    403: (CrmAccessLost, "no right, or not paid"),
    404: (CrmGone, "record not found"),
}


def _rejected(body: Record) -> CrmRejected:
    """Messages are in the vendor's language and may quote what was sent: only a field's name is kept."""
    meta = body.get("meta")
    errors = meta.get("errors") if isinstance(meta, dict) else None
    name = str(next(iter(errors))) if isinstance(errors, dict) and errors else ""
    return CrmRejected("rejected", name if _FIELD.fullmatch(name) else "")
