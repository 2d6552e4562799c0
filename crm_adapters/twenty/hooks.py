"""Webhooks registered over the API. They belong to the metadata: older versions keep them elsewhere."""

import secrets

from crm_adapters.twenty.api import Record, TwentyApi, inner
from crm_adapters.twenty.webhook import EVENTS
from domain.crm import Subscription
from domain.errors import CrmGone, CrmRejected, CrmUnsupported

PLACES = ("webhooks", "metadata/webhooks")


class Hooks:
    """Everything raises CrmError."""

    def __init__(self, api: TwentyApi) -> None:
        self._api, self._place = api, ""

    async def subscribe(self, event: str, url: str) -> Subscription:
        """Twenty registers the same twice if asked twice. The secret is ours: without one nothing is
        signed."""
        if event not in EVENTS:
            raise CrmUnsupported("no such event")
        for hook in await self._all():
            if hook.get("targetUrl") == url and hook.get("operations") == [event]:
                await self.unsubscribe(str(hook.get("id")))
        secret = secrets.token_hex(32)
        body = {"targetUrl": url, "operations": [event], "description": "Voronka", "secret": secret}
        made = await self._api.create(self._place, body)
        return Subscription(event, url, str(made["id"]), secret)

    async def unsubscribe(self, external_id: str) -> None:
        if not self._place:
            await self._all()
        try:
            await self._api.delete(f"{self._place}/{external_id}")
        except CrmGone:
            pass

    async def standing(self) -> frozenset[str]:
        return frozenset(str(hook.get("id")) for hook in await self._all())

    async def _all(self) -> list[Record]:
        for place in (self._place,) if self._place else PLACES:
            try:
                found = inner(await self._api.get(place))
            except CrmRejected as error:
                if error.reason != "no such call" or place == PLACES[-1]:
                    raise
                continue
            self._place = place
            return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        return []
