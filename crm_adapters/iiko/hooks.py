"""Webhooks of iiko: one setting of each restaurant and key, which whoever writes it overwrites."""

import hashlib
import secrets
from collections.abc import Sequence

from crm_adapters.iiko.api import IikoApi, Record
from crm_adapters.iiko.reading import Restaurant
from domain.crm import Subscription
from domain.errors import CrmRejected

TAKEN = "webhook taken by another address"
_FILTER: Record = {
    "deliveryOrderFilter": {
        "orderStatuses": ["Delivered", "Closed", "Cancelled"],
        "itemStatuses": [],
        "errors": False,
    },
    "tableOrderFilter": {"orderStatuses": ["Closed", "Deleted"], "itemStatuses": [], "errors": False},
}
_NOTHING: Record = {name: {"orderStatuses": [], "itemStatuses": [], "errors": False} for name in _FILTER}


class Hooks:
    """Sets, reads and empties the setting of every restaurant."""

    def __init__(self, api: IikoApi) -> None:
        self._api = api

    async def subscribe(self, event: str, url: str, ours: Sequence[Restaurant]) -> Subscription:
        """One address and one token for all. Raises CrmRejected where another integrator's address stands:
        ours would put it out of work."""
        for one in ours:
            there = await self._uri(one.id)
            if there and there != url:
                raise CrmRejected(TAKEN)
        token = secrets.token_urlsafe(32)
        for one in ours:
            await self._set(one.id, url, token, _FILTER)
        return Subscription(event, url, _known_by(url), token)

    async def unsubscribe(self, external_id: str, ours: Sequence[Restaurant]) -> None:
        """No call removes it: it is told to listen to nothing, unless it is another's by now."""
        for one in ours:
            url = await self._uri(one.id)
            if url and _known_by(url) == external_id:
                await self._set(one.id, url, "", _NOTHING)

    async def standing(self, ours: Sequence[Restaurant]) -> frozenset[str]:
        """The registration that stands in every restaurant, if it is one and listens."""
        found = [await self._api.post("webhooks/settings", {"organizationId": one.id}) for one in ours]
        urls = {str(one.get("webHooksUri") or "") for one in found if _listens(one)}
        if len(urls) != 1 or not all(_listens(one) for one in found):
            return frozenset()
        return frozenset({_known_by(urls.pop())})

    async def _uri(self, organization: str) -> str:
        """Where deliveries of the restaurant go now; empty where they go nowhere."""
        answer = await self._api.post("webhooks/settings", {"organizationId": organization})
        return str(answer.get("webHooksUri") or "") if _listens(answer) else ""

    async def _set(self, organization: str, url: str, token: str, wanted: Record) -> None:
        body = {
            "organizationId": organization,
            "webHooksUri": url,
            "authToken": token,
            "webHooksFilter": wanted,
        }
        await self._api.post("webhooks/update_settings", body, writes=True)


def _known_by(url: str) -> str:
    """The setting has no id of its own, and our address is a secret."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]


def _listens(answer: Record) -> bool:
    """Whether any filter lets something through."""
    told = answer.get("webHooksFilter")
    if not answer.get("webHooksUri") or not isinstance(told, dict):
        return False
    return any(any(one.values()) for one in told.values() if isinstance(one, dict))
