"""RetailCRM's API v5 as such: address, key, packing, pages and errors. Knows no lead of ours.

Facts are of the vendor's own clients (api-client-php and api-client-go of 2026) and its published rules.
What a POST carries is a form whose fields hold JSON texts; a JSON body is not read.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from crm_adapters.egress import check_url
from crm_adapters.http import Answer, Call, CrmHttp
from domain.errors import (
    BadInput,
    CrmAccessLost,
    CrmError,
    CrmGone,
    CrmRateLimited,
    CrmRejected,
    CrmUncertain,
)

PAGE = 100  # other sizes than 20, 50 and 100 are a 400
# The limit counts single seconds and no Retry-After is sent: a few of them let a crowd thin out.
LIMITED = timedelta(seconds=5)
KEY_REFUSED = "key refused"

Record = dict[str, Any]
Params = Sequence[tuple[str, str]]

_FIELD = re.compile(r"[A-Za-z][\w.\[\]-]{0,79}")
_PLAIN = re.compile(r"[A-Za-z ,.;:'()-]{1,120}")
_SITE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def site_of(url: str) -> str:
    """The account's address alone: it lives at the root, whatever page people copy out of the browser."""
    parts = urlsplit(url.strip())
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else url.strip()


def check_settings(settings: Mapping[str, str]) -> None:
    """Raise BadInput for the first setting that cannot be right: url, api_key, site or webhook_secret."""
    try:
        check_url(site_of(settings.get("url", "")))
    except ValueError:
        raise BadInput("url", "invalid") from None
    if not settings.get("api_key"):
        raise BadInput("api_key", "required")
    for name in ("api_key", "webhook_secret"):
        value = settings.get(name, "")
        if not value.isascii() or not value.isprintable() or " " in value:
            raise BadInput(name, "invalid")
    site = settings.get("site", "")
    if site and not _SITE.fullmatch(site):
        raise BadInput("site", "invalid")


class RetailApi:
    """Requests of one integration. The key travels in a header: parameters end up in logs of proxies."""

    def __init__(self, settings: Mapping[str, str], http: CrmHttp, now: Callable[[], datetime]) -> None:
        self.account, self.site = site_of(settings["url"]), settings.get("site", "")
        self._key, self._http, self._now = settings["api_key"], http, now

    def page(self, order_id: str) -> str:
        """Where a person opens the order."""
        return f"{self.account}/orders/{order_id}/edit"

    def of_site(self) -> Params:
        """The shop, where the admin has named one; a key that sees several must say which."""
        return (("site", self.site),) if self.site else ()

    async def get(self, path: str, params: Params = ()) -> Record:
        """`path` is relative to /api/v5/, or to the account where it begins with a slash."""
        return await self._call(Call("GET", self._url(path), self._headers(), params))

    async def post(self, path: str, fields: Mapping[str, Any], *, repeatable: bool = False) -> Record:
        """Texts are sent as they are, anything else as JSON text. `repeatable`: see http.Call."""
        form = {name: value if isinstance(value, str) else _text(value) for name, value in fields.items()}
        form |= dict(self.of_site())
        return await self._call(
            Call("POST", self._url(path), self._headers(), repeatable=repeatable, form=form)
        )

    async def create(self, path: str, fields: Mapping[str, Any], *, repeatable: bool = False) -> Record:
        """POST a record; the answer holds its id. Raises CrmUncertain when it shows none."""
        made = await self.post(path, fields, repeatable=repeatable)
        if not made.get("id"):
            raise CrmUncertain("answer without an id")
        return made

    async def search(
        self, path: str, name: str, params: Params = (), limit: int = PAGE, size: int = PAGE
    ) -> list[Record]:
        """Records of the answer's list `name`, page after page, at most `limit`."""
        found: list[Record] = []
        number = 1
        while len(found) < limit:
            told = (("limit", str(size)), ("page", str(number)))
            answer = await self.get(path, (*params, *told))
            page = answer.get(name)
            found += [item for item in page if isinstance(item, dict)] if isinstance(page, list) else []
            pagination = answer.get("pagination")
            pages = pagination.get("totalPageCount") if isinstance(pagination, dict) else None
            if not page or not isinstance(pages, int) or number >= pages:
                break
            number += 1
        return found[:limit]

    def _url(self, path: str) -> str:
        return f"{self.account}{path}" if path.startswith("/") else f"{self.account}/api/v5/{path}"

    def _headers(self) -> Mapping[str, str]:
        return {"X-API-KEY": self._key}

    async def _call(self, call: Call) -> Record:
        answer = await self._http.call(call, self._error)
        if not isinstance(answer, dict):
            raise call.unanswered("answer is not an object")
        return answer

    def _error(self, answer: Answer) -> CrmError | None:
        """`success` and the status are both looked at: some refusals come with a 200."""
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            # A page of the web server: no such account, or no RetailCRM at all.
            return CrmRejected("no RetailCRM at this address") if answer.status in (404, 405) else None
        if body.get("success") is not False and answer.status < 400:
            return None
        if answer.status in (429, 503):
            # The application itself speaks, so it is up: this is the limit. A bare 503 page is an outage.
            return CrmRateLimited(self._http.retry_at(answer) or self._now() + LIMITED, "request limit")
        if answer.status >= 500:
            return None
        return _refused(answer.status, body)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _refused(status: int, body: Record) -> CrmError:
    """By the message, whose case and final dot vary; then by the status."""
    message = str(body.get("errorMsg") or "").strip().rstrip(".").casefold()
    if message.startswith("not found") or (status == 404 and not message.startswith("account")):
        merged = body.get("combinedTo")
        return CrmGone("record merged", combined_to=str(merged)) if merged else CrmGone("record not found")
    for start, reason in _ACCESS:
        if message.startswith(start):
            return CrmAccessLost(reason)
    if status in (401, 403):
        return CrmAccessLost("access denied")
    return _rejected(body)


_ACCESS = (
    ('wrong "apikey"', KEY_REFUSED),
    ('"apikey" is missing', KEY_REFUSED),
    ("access denied", "access denied"),
    ("account does not exist", "no such account"),
)


def _rejected(body: Record) -> CrmRejected:
    """`errors` is a map field -> text, or a list of "field: text", or absent. Texts may quote what was
    sent, so only the field's name is kept."""
    errors = body.get("errors")
    if isinstance(errors, dict) and errors:
        name = str(next(iter(errors)))
    elif isinstance(errors, list) and errors:
        name = str(errors[0]).partition(":")[0]
    else:
        name = ""
    message = str(body.get("errorMsg") or "").strip()
    reason = message if _PLAIN.fullmatch(message) else "rejected"
    return CrmRejected(reason, name.strip() if _FIELD.fullmatch(name.strip()) else "")
