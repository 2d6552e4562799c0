"""EspoCRM's API as such: site address, key, query language and errors. Knows no lead of ours.

Facts are of EspoCRM 9.2.7 and 10.0.0, recorded from live servers, and of the sources of 10.0.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

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
    CrmUnsupported,
)

# Eleven denied requests within a minute lock the whole IP address out, valid keys included.
LOCKED_OUT = timedelta(seconds=60)
KEY_REFUSED = "key refused"
PAGE = 200  # recordListMaxSizeLimit: one more is a 403
MOMENT = "%Y-%m-%d %H:%M:%S"

Where = Mapping[str, Any]
Record = dict[str, Any]

_VALIDATION = re.compile(r"field: (?P<field>\w+), type: (?P<type>\w+)")
_PLAIN = re.compile(r"[A-Za-z ,.;:'()-]{1,120}")


def equals(attribute: str, value: str) -> Where:
    return {"type": "equals", "attribute": attribute, "value": value}


def moment_text(moment: datetime) -> str:
    """EspoCRM's date-time: UTC without a zone, to the second."""
    return moment.astimezone(UTC).strftime(MOMENT)


def read_moment(text: object) -> datetime | None:
    """EspoCRM's date-time -> aware UTC; None for anything else."""
    try:
        return datetime.strptime(str(text), MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None


def site_of(url: str) -> str:
    """The site's address without a trailing slash, from whatever people copy out of the browser."""
    return url.strip().partition("#")[0].rstrip("/").removesuffix("/api/v1").rstrip("/")


def check_settings(settings: Mapping[str, str]) -> None:
    """Raise BadInput for the first setting that cannot be right: url, api_key or secret."""
    check_url(site_of(settings.get("url", "")))
    for name, required in (("api_key", True), ("secret", False)):
        value = settings.get(name, "")
        if required and not value:
            raise BadInput(name, "required")
        if not value.isascii() or not value.isprintable() or " " in value:
            raise BadInput(name, "invalid")


class EspoApi:
    """Requests of one integration. With a secret every request is signed, without it the key is shown."""

    def __init__(self, settings: Mapping[str, str], http: CrmHttp, now: Callable[[], datetime]) -> None:
        self.site = site_of(settings["url"])
        self.signed = bool(settings.get("secret"))
        self._key, self._secret = settings["api_key"], settings.get("secret", "")
        self._http, self._now = http, now

    def page(self, entity: str, record_id: str) -> str:
        """Where a person opens the record."""
        return f"{self.site}/#{entity}/view/{record_id}"

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        return await self._call("GET", path, params=params)

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:
        return await self._call("PUT", path, body=body)

    async def delete(self, path: str) -> None:
        await self._call("DELETE", path)

    async def create(
        self, entity: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Record:
        """POST a record; the answer holds its id. Raises CrmUncertain when the answer shows none."""
        made = await self._call("POST", entity, body=body, headers=headers)
        if not isinstance(made, dict) or not made.get("id"):
            raise CrmUncertain("answer without an id")
        return made

    async def search(
        self,
        path: str,
        where: Sequence[Where] = (),
        select: Sequence[str] = (),
        order_by: str = "createdAt",
        limit: int = PAGE,
    ) -> list[Record]:
        """Records in ascending order, page after page, at most `limit`."""
        found: list[Record] = []
        while len(found) < limit:
            size = min(PAGE, limit - len(found))
            params = dict(_flat("where", list(where)))
            params |= {"maxSize": str(size), "offset": str(len(found)), "orderBy": order_by, "order": "asc"}
            if select:
                params["attributeSelect"] = ",".join(select)
            page = records(await self.get(path, params))
            found += page
            if len(page) < size:
                break
        return found

    async def metadata(self, key: str) -> Any:
        """A branch of the metadata; None when it does not exist or the role may not see it."""
        return await self.get("Metadata", {"key": key})

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        call = Call(
            method,
            f"{self.site}/api/v1/{path}",
            headers={**self._authorization(method, path), **(headers or {})},
            params=params,
            body=body,
        )
        return await self._http.call(call, lambda answer: self._error(answer, of_record="/" in path))

    def _authorization(self, method: str, path: str) -> dict[str, str]:
        """The signature covers method and path only: not the query, the body or the time."""
        if not self.signed:
            return {"X-Api-Key": self._key}
        mac = hmac.new(self._secret.encode(), f"{method} /{path}".encode(), hashlib.sha256).hexdigest()
        return {"X-Hmac-Authorization": base64.b64encode(f"{self._key}:{mac}".encode()).decode()}

    def _error(self, answer: Answer, *, of_record: bool) -> CrmError | None:
        """The reason stands in a header; bodies are often empty, and HTML where a proxy answers."""
        reason = answer.headers.get("x-status-reason")
        match answer.status:
            case 400:
                return _invalid(reason or "")
            case 401:
                return CrmAccessLost(KEY_REFUSED)
            case 403 if reason is None and not answer.body.strip():
                return CrmRateLimited(self._now() + LOCKED_OUT, "locked out after denied requests")
            case 403:
                return _forbidden(reason or "", answer, of_record)
            case 404:
                return _missing(reason or "")
            case 409:
                return CrmRejected(_plain(reason or "") or "conflict")
        return None


def records(answer: Any) -> list[Record]:
    """The records of a list answer; anything without an id is left out."""
    found = answer.get("list") if isinstance(answer, dict) else None
    return [item for item in found or () if isinstance(item, dict) and item.get("id")]


def _invalid(reason: str) -> CrmRejected:
    found = _VALIDATION.search(reason)
    if found:
        return CrmRejected(f"validation: {found['type']}", found["field"])
    return CrmRejected(_plain(reason) or "bad request")


def _forbidden(reason: str, answer: Answer, of_record: bool) -> CrmError:
    """A refusal of one record or link concerns that operation alone; otherwise a right is missing."""
    text = _plain(reason) or "access denied"
    if b"cannotRelate" in answer.body or reason.startswith("Assignment failure"):
        return CrmRejected(text, "assignedUser")
    return CrmRejected(text) if of_record else CrmAccessLost(text)


def _missing(reason: str) -> CrmError:
    if reason.startswith("Record"):
        return CrmGone("record not found")
    if reason.startswith("Controller"):
        return CrmUnsupported("no such entity")
    return CrmRejected("no EspoCRM at this address")


def _plain(reason: str) -> str:
    """The reason, if it is mere words: ids and quoted values stay out of our logs."""
    return reason.strip() if _PLAIN.fullmatch(reason.strip()) else ""


def _flat(prefix: str, value: Any) -> list[tuple[str, str]]:
    """PHP's query notation: where[0][type]=equals ..."""
    if isinstance(value, Mapping):
        items = [(str(key), part) for key, part in value.items()]
    elif isinstance(value, list | tuple):
        items = [(str(index), part) for index, part in enumerate(value)]
    else:
        return [(prefix, str(value))]
    return [pair for key, part in items for pair in _flat(f"{prefix}[{key}]", part)]
