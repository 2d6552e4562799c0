"""MIS Renovatio's API as such: key, envelope, errors. Knows no purchase.

There is no public description: facts are of the vendor's help pages and of clients that run. Every call is a
POST of a form and is answered with a 200; what is wrong stands in `error` and `data.code`. A 401 comes now
and then with a good key, so a read is asked again before the key is believed to be lost.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from crm_adapters.http import Answer, Call, CrmHttp
from domain.errors import CrmAccessLost, CrmError, CrmRejected, CrmUnavailable

HOST = "https://app.rnova.org"
NO_CLINIC = "no Renovatio at this address"
KEY_REFUSED = "key refused"
TRIES = 3
_PUBLIC = "/api/public"


def site_of(url: str) -> str:
    """The clinic's address from whatever page of it people copy; the vendor's own where none is given."""
    parts = urlsplit(url.strip() or HOST)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else url.strip()


class RenovatioApi:
    """Requests of one clinic. Nothing of them may be logged: bodies are about patients."""

    def __init__(self, settings: Mapping[str, str], http: CrmHttp) -> None:
        self.site = site_of(settings.get("url", ""))
        self._key, self._http = settings["api_key"], http

    async def read(self, method: str, **params: str) -> Any:
        """The `data` of a method that changes nothing. Raises CrmError."""
        form = {"api_key": self._key, **{name: value for name, value in params.items() if value}}
        call = Call("POST", f"{self.site}{_PUBLIC}/{method}", form=form, repeatable=True, reads=True)
        for attempt in range(1, TRIES + 1):
            try:
                answer = await self._http.call(call, _error)
            except CrmAccessLost as error:
                if attempt == TRIES or error.reason != KEY_REFUSED:
                    raise
            else:
                return answer["data"]
        raise CrmAccessLost(KEY_REFUSED)

    async def rows(self, method: str, **params: str) -> list[dict[str, Any]]:
        """A list of objects: one hit may come as the object itself, none as an empty anything."""
        found = await self.read(method, **params)
        if isinstance(found, dict):
            found = [found] if found else []
        if found in (None, "", False, True):
            return []
        if not isinstance(found, list):
            raise CrmUnavailable("answer cannot be read")
        return [one for one in found if isinstance(one, dict)]


def _error(answer: Answer) -> CrmError | None:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict) or "error" not in body:
        if answer.status in (404, 405):
            return CrmRejected(NO_CLINIC)
        return CrmUnavailable("answer cannot be read") if answer.status < 300 else None
    if body["error"] in (0, False, "0", "false", None):
        return None if "data" in body else CrmUnavailable("answer cannot be read")
    data = body.get("data")
    code = str(data.get("code") or "") if isinstance(data, dict) else ""
    if code == "401":
        return CrmAccessLost(KEY_REFUSED)
    if code in ("403", "405"):
        return CrmAccessLost("access denied")
    if code == "429":
        return CrmUnavailable("too many requests")
    return CrmRejected(f"refused by Renovatio, code {code}" if code.isdigit() else "refused by Renovatio")
