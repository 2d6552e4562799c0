"""Triggers: what an admin has set to be told, sent once, unsigned and never again."""

import re
from collections import deque
from collections.abc import Mapping

import aiohttp

from sandbox import courier
from sandbox.retailcrm.state import Actor, Delivery, Outgoing, Record, State, Trigger

EVENTS = ("order.created", "order.changed", "order.deleted", "customer.created", "customer.changed")
ENCODINGS = ("query", "form", "json")
SUGGESTED = {
    "event": "order_status",
    "id": "{{ order.id }}",
    "externalId": "{{ order.externalId }}",
    "site": "{{ order.site }}",
    "status": "{{ order.status.code }}",
}
_TWIG = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


def fire(state: State, event: str, actor: Actor, **subject: Record) -> None:
    """Something has happened: put the requests of the triggers that listen to it into the queue."""
    for trigger in state.triggers.values():
        if trigger.event != event or (trigger.skip_api and actor.source == "api"):
            continue
        params = {name: _filled(text, subject) for name, text in trigger.params.items()}
        state.outgoing.append(Outgoing(trigger, params))
    state.wake.set()


def _filled(text: str, subject: Mapping[str, Record]) -> str:
    """Twig values such as `{{ order.id }}`; a reference shows its code as `{{ order.status.code }}`."""

    def value(found: re.Match[str]) -> str:
        name, _, rest = found[1].partition(".")
        part = subject.get(name, {}).get(rest.removesuffix(".code"))
        return "" if part is None else str(part)

    return _TWIG.sub(value, text)


class Courier(courier.Courier[State]):
    """Sends the requests of triggers."""

    def queue(self) -> deque[Outgoing]:
        return self._state.outgoing

    async def send(self, session: aiohttp.ClientSession, item: Outgoing) -> None:
        trigger, params = item.trigger, item.params
        how = {{"query": "params", "form": "data"}.get(trigger.encoding, "json"): params}
        status = await self.status_of(session, trigger.method, trigger.url, **how)
        at = self._state.stamp()
        delivery = Delivery(trigger.id, trigger.event, trigger.url, params, status, at)
        self._state.deliveries.append(delivery)


def add(state: State, event: str, url: str, **settings: object) -> Trigger:
    """Set a trigger up. ValueError for an event or an encoding that does not exist."""
    if event not in EVENTS:
        raise ValueError(f"no event {event!r}; there are {', '.join(EVENTS)}")
    encoding = str(settings.get("encoding", "form"))
    if encoding not in ENCODINGS:
        raise ValueError(f"no encoding {encoding!r}; there are {', '.join(ENCODINGS)}")
    given = settings.get("params")
    trigger = Trigger(
        state.new_id("triggers"),
        event,
        url,
        dict(given) if isinstance(given, dict) else dict(SUGGESTED),
        str(settings.get("method", "POST")),
        encoding,
        bool(settings.get("skip_api", False)),
    )
    state.triggers[trigger.id] = trigger
    return trigger
