"""OAuth2 without a person: a token for a client's id and secret (RFC 6749, 4.4), asked for when it is needed.

The token lives in the adapter's memory: losing it costs one more request, and nothing is used up by asking.
"""

import asyncio
import base64
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from crm_adapters.http import Answer, Call, CrmHttp
from domain.errors import CrmAccessLost, CrmError, CrmUnavailable

EARLY = timedelta(seconds=60)
"""How long before its end a token is replaced."""
_WITHOUT_WORD = timedelta(minutes=5)


class ClientToken:
    """The token of one client, shared by the adapter's tasks; asked for by one of them."""

    def __init__(self, settings: Mapping[str, str], http: CrmHttp, now: Callable[[], datetime]) -> None:
        self._settings, self._http, self._now = settings, http, now
        self._lock = asyncio.Lock()
        self._token, self._until = "", now()

    async def get(self, refused: str = "") -> str:
        """A token that is good and is not the refused one. Raises CrmError."""
        async with self._lock:
            if not self._token or self._token == refused or self._until <= self._now():
                self._token, self._until = await self._ask()
            return self._token

    async def _ask(self) -> tuple[str, datetime]:
        client = f"{self._settings['client_id']}:{self._settings['client_secret']}"
        form = {"grant_type": "client_credentials"}
        if self._settings.get("scope"):
            form["scope"] = self._settings["scope"]
        headers = {"Authorization": "Basic " + base64.b64encode(client.encode()).decode()}
        call = Call("POST", self._settings["token_url"], headers, form=form, repeatable=True, reads=True)
        answer = await self._http.call(call, _error)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token:
            raise CrmUnavailable("no token came back")
        seconds = answer.get("expires_in")
        life = timedelta(seconds=min(int(seconds), 86_400)) if str(seconds).isdigit() else _WITHOUT_WORD
        return token, self._now() + max(life - EARLY, life / 2)


def _error(answer: Answer) -> CrmError | None:
    return CrmAccessLost("invalid_client") if answer.status in (400, 401, 403) else None
