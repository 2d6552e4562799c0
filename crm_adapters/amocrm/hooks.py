"""Webhooks of an account, registered by API: amoCRM keeps one an address."""

from crm_adapters.amocrm.api import AmoApi, embedded
from crm_adapters.amocrm.catalogue import Catalogue
from crm_adapters.amocrm.webhook import EVENTS, secret_of
from domain.crm import Subscription
from domain.errors import CrmGone, CrmUncertain, CrmUnsupported


class Hooks:
    """The registrations of one integration."""

    def __init__(self, api: AmoApi, catalogue: Catalogue) -> None:
        self._api, self._catalogue = api, catalogue

    async def subscribe(self, event: str, url: str) -> Subscription:
        """The same address again replaces its actions."""
        if event not in EVENTS:
            raise CrmUnsupported("no such event")
        account = await self._catalogue.account()
        body = {"destination": url, "settings": list(EVENTS[event]), "sort": 10}
        made = await self._api.post("webhooks", body, repeatable=True)
        if not isinstance(made, dict) or not made.get("id"):
            raise CrmUncertain("answer without an id")
        return Subscription(event, url, str(made["id"]), secret_of(account))

    async def unsubscribe(self, external_id: str) -> None:
        """amoCRM removes by address, so the one with this id is looked up."""
        for hook in embedded(await self._api.get("webhooks"), "webhooks"):
            if str(hook["id"]) == external_id:
                try:
                    await self._api.delete("webhooks", {"destination": hook.get("destination")})
                except CrmGone:
                    return

    async def standing(self) -> frozenset[str]:
        """amoCRM switches a hook off after a hundred bad answers in two hours."""
        hooks = embedded(await self._api.get("webhooks"), "webhooks")
        return frozenset(str(hook["id"]) for hook in hooks if not hook.get("disabled"))
