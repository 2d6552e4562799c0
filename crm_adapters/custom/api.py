"""Asking a system nobody knows: the ways to sign in, and a next page that stays at the same address."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from crm_adapters.egress import check_url
from crm_adapters.http import Answer, Call, CrmHttp
from crm_adapters.oauth_client import ClientToken
from crm_adapters.xml_answers import read_answer
from domain.errors import BadInput, CrmAccessLost, CrmError, CrmGone, CrmRejected

KEY_REFUSED = "key refused"
ELSEWHERE = "the next page is at another address"
AUTHS = ("none", "basic", "bearer", "header", "oauth")
NEEDED: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "basic": ("login", "password"),
    "bearer": ("api_key",),
    "header": ("header", "api_key"),
    "oauth": ("token_url", "client_id", "client_secret"),
}
RESERVED = frozenset({"host", "content-length", "transfer-encoding", "connection", "cookie", "te", "upgrade"})

Params = Sequence[tuple[str, str]]


def auth_of(settings: Mapping[str, str]) -> str:
    """The way to sign in: as it is named, else the first one whose settings are all there."""
    if settings.get("auth"):
        return settings["auth"]
    ways = ("oauth", "header", "bearer", "basic")
    return next((way for way in ways if all(settings.get(name) for name in NEEDED[way])), "none")


def check_settings(settings: Mapping[str, str]) -> None:
    """Raise BadInput for the first setting that cannot be right."""
    check_url(settings.get("url", "").strip())
    auth = auth_of(settings)
    if auth not in AUTHS:
        raise BadInput("auth", "invalid")
    for name in NEEDED[auth]:
        value = settings.get(name, "")
        if not value:
            raise BadInput(name, "required")
        if not value.isprintable() or (name not in ("login", "password") and not value.isascii()):
            raise BadInput(name, "invalid")
    if auth == "oauth":
        try:
            check_url(settings["token_url"])
        except BadInput:
            raise BadInput("token_url", "invalid") from None
    if auth == "header" and not _is_header(settings["header"]):
        raise BadInput("header", "invalid")


def _is_header(name: str) -> bool:
    fine = name.replace("-", "").replace("_", "").isalnum()
    return fine and len(name) <= 64 and name.lower() not in RESERVED


class CustomApi:
    """Requests of one connector."""

    def __init__(self, settings: Mapping[str, str], http: CrmHttp, now: Callable[[], datetime]) -> None:
        self.url = settings["url"].strip()
        self._settings, self._http, self._auth = settings, http, auth_of(settings)
        self._token = ClientToken(settings, http, now) if self._auth == "oauth" else None

    async def get(self, url: str, params: Params = ()) -> Any:
        """A list: JSON decoded, or the root element of XML. Raises CrmError."""
        try:
            return await self.one(url, params)
        except CrmGone:
            raise CrmRejected("nothing at this address") from None

    async def one(self, url: str, params: Params = ()) -> Any:
        """A single purchase. Raises CrmGone, CrmError."""
        refused = ""
        while True:
            token = await self._token.get(refused) if self._token else ""
            call = Call("GET", url, self._headers(token), params or None, decode=read_answer)
            try:
                return await self._http.call(call, _error)
            except CrmAccessLost as error:
                if not token or refused or error.reason != KEY_REFUSED:
                    raise
                refused = token

    def following(self, link: str) -> str:
        """The address of a next page; a key never goes to another one. Raises CrmRejected."""
        url = urljoin(self.url, link)
        if _origin(url) != _origin(self.url):
            raise CrmRejected(ELSEWHERE)
        return url

    def _headers(self, token: str) -> dict[str, str]:
        given, headers = self._settings, {"Accept": "application/json, application/xml;q=0.9"}
        if self._auth == "basic":
            user = f"{given['login']}:{given['password']}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(user).decode()
        elif self._auth in ("bearer", "oauth"):
            headers["Authorization"] = f"Bearer {token or given['api_key']}"
        elif self._auth == "header":
            headers[given["header"]] = given["api_key"]
        return headers


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.casefold()


def _error(answer: Answer) -> CrmError | None:
    if answer.status == 401:
        return CrmAccessLost(KEY_REFUSED)
    if answer.status == 403:
        return CrmAccessLost("access denied")
    return CrmGone("record not found") if answer.status in (404, 410) else None
