"""A publication of 1C as such: who asks, formats, encodings and errors. Knows no purchase.

Facts are of the platform's documentation (8.3.27, chapter 17.4): OData version 3, errors with a code inside
`odata.error` or `m:error`; what the web server says by itself is a page or a plain text. A base has few
licences and no limit of requests: it is asked for one thing at a time.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from crm_adapters.http import Answer, Call, CrmHttp
from crm_adapters.oauth_client import ClientToken
from crm_adapters.onec.settings import root_of
from crm_adapters.xml_answers import read_answer
from domain.errors import (
    CrmAccessLost,
    CrmError,
    CrmGone,
    CrmRejected,
    CrmUnavailable,
)

KEY_REFUSED = "key refused"
NO_BASE = "no 1C at this address"
TOO_LARGE = "answer too large"
SECONDS = 60.0
ACCEPT = "application/json, application/xml;q=0.9, */*;q=0.1"

Params = Sequence[tuple[str, str]]


class OneCApi:
    """Requests of one integration. `words` are the texts of errors that pass by themselves."""

    def __init__(
        self,
        settings: Mapping[str, str],
        words: Mapping[str, Sequence[str]],
        http: CrmHttp,
        now: Callable[[], datetime],
    ) -> None:
        self.root = root_of(settings)
        self._words, self._http = words, http
        self._token = None if settings.get("login") else ClientToken(settings, http, now)
        user = f"{settings.get('login', '')}:{settings.get('password', '')}"
        self._basic = "Basic " + base64.b64encode(user.encode("utf-8")).decode()

    async def get(
        self,
        path: str,
        params: Params = (),
        decode: Callable[[Answer], Any] | None = None,
        seconds: float = SECONDS,
        most: int = 0,
    ) -> Any:
        """`path` begins with a slash, below the publication. An answer in XML is its root element."""
        refused = ""
        while True:
            token = await self._token.get(refused) if self._token else ""
            headers = {"Authorization": f"Bearer {token}" if token else self._basic}
            call = Call("GET", self.root + path + _query(params), {**headers, "Accept": ACCEPT},
                        decode=decode or read_answer, seconds=seconds, most=most)  # fmt: skip
            try:
                return await self._http.call(call, self._error)
            except CrmAccessLost as error:
                # a token that was taken back early is asked for once more
                if not token or refused or error.reason != KEY_REFUSED:
                    raise
                refused = token

    def _error(self, answer: Answer) -> CrmError | None:
        if answer.status < 300:
            return None
        code, text = _told(answer)
        if answer.status in (409, 423) or self._says(text, "locks"):
            return CrmUnavailable("locked in 1C", self._http.retry_at(answer))
        if answer.status == 402 or self._says(text, "licence"):
            return CrmUnavailable("no free licence in 1C", self._http.retry_at(answer))
        if answer.status in (401, 403):
            return CrmAccessLost("access denied" if code == "20" or answer.status == 403 else KEY_REFUSED)
        if code:
            return _by_code(code)
        if answer.status == 404 and answer.body.lstrip().startswith(b"{"):
            return CrmGone("record not found")  # a service of the customer's speaks, and not the web server
        return CrmRejected(NO_BASE) if answer.status in (404, 405) else None

    def _says(self, text: str, what: str) -> bool:
        folded = text.casefold()
        return any(word.casefold() in folded for word in self._words.get(what, ()))


def _query(params: Params) -> str:
    """A space is %20: some of the web servers in front take a plus for a plus."""
    pairs = (f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in params)
    return "?" + "&".join(pairs) if params else ""


def _by_code(code: str) -> CrmError:
    """Codes of chapter 17.4: 8 is an object that is not on the list of the interface."""
    match code:
        case "9":
            return CrmGone("record not found")
        case "8":
            return CrmAccessLost("object not published")
        case "10":
            return CrmRejected("property not found")
        case _:
            return CrmRejected(
                f"refused by 1C, code {code}" if code.lstrip("-").isdigit() else "refused by 1C"
            )


def _told(answer: Answer) -> tuple[str, str]:
    """Code and text of an error; the code is empty where the web server speaks. The text may name people and
    goes no further than a comparison."""
    try:
        found = read_answer(answer)
    except ValueError:
        return "", answer.body[:4096].decode("utf-8", "replace")
    if isinstance(found, dict):
        told = found.get("odata.error")
        if isinstance(told, dict):
            message = told.get("message")
            return str(told.get("code") or ""), str(
                message.get("value") if isinstance(message, dict) else message
            )
        return "", ""
    if getattr(found, "tag", "") == "error":
        return (found.findtext("code") or "").strip(), found.findtext("message") or ""
    return "", answer.body[:4096].decode("utf-8", "replace")
