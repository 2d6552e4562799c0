"""Twenty's REST API as such: addresses, key, envelopes, pages and errors. Knows no lead of ours.

Facts are of twentyhq/twenty (packages/twenty-server, REST parsers, filters and their tests, 2026) and of its
developer documentation.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from crm_adapters.egress import check_url
from crm_adapters.http import DEFAULT_WAIT, Answer, Call, CrmHttp
from domain.errors import (
    BadInput,
    CrmAccessLost,
    CrmError,
    CrmGone,
    CrmRateLimited,
    CrmRejected,
    CrmUncertain,
)

PAGE = 60  # the documented most of a page and of a batch; versions that allow more change too often
CLOUD, CLOUD_API, CLOUD_PAGES = ".twenty.com", "https://api.twenty.com", "https://app.twenty.com"
KEY_REFUSED, DENIED, DUPLICATE = "key refused", "access denied", "duplicate"

Record = dict[str, Any]

_FIELD = re.compile(r"[A-Za-z]\w{0,79}")
_NAMED = (
    re.compile(r"doesn't have any \"(\w+)\" (?:sub)?field"),
    re.compile(r"[Ff]ield \"?'?(\w+)"),
    re.compile(r"invalid input value for enum \"[a-z]+_(\w+?)_enum\"", re.I),
)
_WORDS = (("phone number", "phones"), ("email", "emails"), ("amountmicros", "amount"))


def site_of(url: str) -> str:
    """The workspace's address alone, whatever page people copy out of the browser."""
    parts = urlsplit(url.strip())
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else url.strip()


def check_settings(settings: Mapping[str, str]) -> None:
    """Raise BadInput for the first setting that cannot be right: url or api_key."""
    try:
        check_url(site_of(settings.get("url", "")))
    except (BadInput, ValueError):
        raise BadInput("url", "invalid") from None
    key = settings.get("api_key", "")
    if not key:
        raise BadInput("api_key", "required")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise BadInput("api_key", "invalid")


class TwentyApi:
    """Requests of one integration. In the cloud pages and API have hosts of their own."""

    def __init__(self, settings: Mapping[str, str], http: CrmHttp, now: Callable[[], datetime]) -> None:
        site = site_of(settings["url"])
        in_cloud = (urlsplit(site).hostname or "").endswith(CLOUD)
        self.root = CLOUD_API if in_cloud else site
        self.site = CLOUD_PAGES if site == CLOUD_API else site
        self._key, self._http, self._now = settings["api_key"], http, now

    def page(self, record_id: str, singular: str = "opportunity") -> str:
        """Where a person opens the record."""
        return f"{self.site}/object/{singular}/{record_id}"

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """`path` is relative to /rest/. The whole answer, envelope included."""
        return await self._call("GET", path, params=params)

    async def read(self, plural: str, record_id: str, depth: int = 1) -> Record:
        """One record. Raises CrmGone."""
        answer = await self.get(f"{plural}/{record_id}", {"depth": str(depth)})
        found = inner(answer)
        if not isinstance(found, dict) or not found.get("id") or found.get("deletedAt"):
            raise CrmGone("record deleted")
        return found

    async def create(self, path: str, body: Any) -> Record:
        """POST one record; the answer holds its id. Raises CrmUncertain when it shows none."""
        made = inner(await self._call("POST", path, body))
        if not isinstance(made, dict) or not made.get("id"):
            raise CrmUncertain("answer without an id")
        return made

    async def create_many(self, plural: str, bodies: Sequence[Record]) -> list[Record]:
        """POST up to PAGE records, all or none, in their order."""
        made = inner(await self._call("POST", f"batch/{plural}", list(bodies)))
        if not isinstance(made, list) or len(made) != len(bodies):
            raise CrmUncertain("answer without the records")
        return [one for one in made if isinstance(one, dict)]

    async def change(self, plural: str, record_id: str, body: Record) -> Record:
        """PATCH. Raises CrmGone."""
        made = inner(await self._call("PATCH", f"{plural}/{record_id}", body))
        return made if isinstance(made, dict) else {}

    async def delete(self, path: str) -> None:
        await self._call("DELETE", path)

    async def search(
        self, plural: str, where: str = "", *, order: str = "", depth: int = 0, limit: int = PAGE
    ) -> list[Record]:
        """Records that pass the filter, page after page, at most `limit`."""
        found: list[Record] = []
        asked = {"limit": str(min(limit, PAGE)), "depth": str(depth)}
        asked |= {"filter": where} if where else {}
        asked |= {"order_by": order} if order else {}
        after: str | None = ""
        while len(found) < limit and after is not None:
            answer = await self.get(plural, {**asked, **({"starting_after": after} if after else {})})
            page = inner(answer)
            found += [one for one in page if isinstance(one, dict)] if isinstance(page, list) else []
            info = answer.get("pageInfo") or {}
            after = str(info.get("endCursor") or "") if info.get("hasNextPage") and page else None
            after = after or None
        return found[:limit]

    async def _call(
        self, method: str, path: str, body: Any = None, params: Mapping[str, str] | None = None
    ) -> Any:
        headers = {"Authorization": f"Bearer {self._key}"}
        call = Call(method, f"{self.root}/rest/{path}", headers, params, body)
        answer = await self._http.call(call, self._error)
        if not isinstance(answer, dict | list):
            raise call.unanswered("answer is not an object")
        return {"data": answer} if isinstance(answer, list) else answer

    def _error(self, answer: Answer) -> CrmError | None:
        """By the status and, where versions differ, by the message."""
        if answer.status < 400:
            return None
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return CrmRejected("no Twenty at this address") if answer.status in (404, 405) else None
        told = body.get("messages") or [body.get("message")]
        message = str(told[0] if isinstance(told, list) and told else told)
        if answer.status == 429 or message.startswith("Limit reached"):
            return CrmRateLimited(self._http.retry_at(answer) or self._now() + DEFAULT_WAIT, "request limit")
        return None if answer.status >= 500 else _refused(answer.status, message)


def inner(answer: Any) -> Any:
    """What the envelope holds: `{"data": {"createPerson": {...}}}`, `{"data": [...]}` and a bare record."""
    data = answer.get("data", answer) if isinstance(answer, dict) else answer
    if isinstance(data, dict) and len(data) == 1 and "id" not in data:
        return next(iter(data.values()))
    return data


def _refused(status: int, message: str) -> CrmError:
    lower = message.casefold()
    if status == 401:
        return CrmAccessLost("key expired" if "expired" in lower else KEY_REFUSED)
    if status == 403:
        return CrmAccessLost(KEY_REFUSED if "token" in lower else DENIED)
    if status == 404:
        return CrmRejected("no such call") if lower.startswith("cannot ") else CrmGone("record not found")
    if "duplicate" in lower or "already exists" in lower:
        return CrmRejected(DUPLICATE)
    return CrmRejected("rejected", _field_of(message))


def _field_of(message: str) -> str:
    """The field that a message is about; its values stay behind."""
    for pattern in _NAMED:
        found = pattern.search(message)
        if found and _FIELD.fullmatch(found[1]):
            return found[1]
    return next((field for word, field in _WORDS if word in message.casefold()), "")


# Filters


def equals(field: str, value: str) -> str:
    return f"{field}[eq]:{json.dumps(value, ensure_ascii=False)}"


def one_of(field: str, values: Sequence[str]) -> str:
    return f"{field}[in]:[{','.join(json.dumps(one, ensure_ascii=False) for one in values)}]"


def alike(field: str, text: str, *, within: bool = False) -> str:
    """Without case, or (`within`) somewhere in a JSON field. What the filter's own grammar could stumble
    over stands as "any letter": compare what is found."""
    pattern = re.sub(r'["\\,()\[\]%:\s]', "_", text)
    return f'{field}[like]:"%{pattern}%"' if within else f'{field}[ilike]:"{pattern}"'


def either(*conditions: str) -> str:
    return conditions[0] if len(conditions) == 1 else f"or({','.join(conditions)})"


def moment_text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
