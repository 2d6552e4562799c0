"""EspoCRM's registrations of webhooks: made, looked at, removed."""

from crm_adapters.espocrm.api import EspoApi
from crm_adapters.espocrm.webhook import EVENTS
from domain.crm import Subscription
from domain.errors import CrmGone, CrmUnsupported


async def subscribe(api: EspoApi, event: str, url: str) -> Subscription:
    """EspoCRM registers the same event and URL twice if asked twice, and then delivers twice."""
    if event not in EVENTS:
        raise CrmUnsupported("no such event")
    for hook in await api.search("Webhook"):
        if hook.get("event") == event and hook.get("url") == url:
            await unsubscribe(api, hook["id"])
    # Servers before 9.2 do not know skipOwn and drop it; our echo is recognised anyway.
    made = await api.create("Webhook", {"event": event, "url": url, "skipOwn": True})
    return Subscription(event, url, str(made["id"]), str(made.get("secretKey") or ""))


async def unsubscribe(api: EspoApi, external_id: str) -> None:
    """One that is gone already is no error."""
    try:
        await api.delete(f"Webhook/{external_id}")
    except CrmGone:
        pass


async def standing(api: EspoApi) -> frozenset[str]:
    """Ids of those that are switched on: EspoCRM removes one whose address answered 410."""
    return frozenset(hook["id"] for hook in await api.search("Webhook") if hook.get("isActive", True))
