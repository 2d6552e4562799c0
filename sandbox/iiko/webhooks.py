"""Webhooks: one setting of a restaurant and a key, sent once, our own token in the Authorization header."""

import uuid
from collections import deque

import aiohttp

from sandbox import courier
from sandbox.iiko.state import Delivery, Outgoing, Record, State

KINDS = {"deliveries": "DeliveryOrder", "tables": "TableOrder"}
FILTERS = {"deliveries": "deliveryOrderFilter", "tables": "tableOrderFilter"}


def tell(state: State, order: Record, info: Record) -> None:
    """Something has happened to an order: an event for each key that listens to its status."""
    for (organization, _key), own in state.hooks.items():
        wanted = (own["webHooksFilter"] or {}).get(FILTERS[order["table"]]) or {}
        failed = order["creation"] == "Error"
        listens = wanted.get("errors") if failed else order["status"] in (wanted.get("orderStatuses") or ())
        if organization != order["organization"] or not own["webHooksUri"] or not listens:
            continue
        event = {
            "eventType": KINDS[order["table"]] + ("Error" if failed else "Update"),
            "eventTime": state.stamp(),
            "organizationId": organization, "correlationId": str(uuid.uuid4()), "eventInfo": info,
        }  # fmt: skip
        state.outgoing.append(Outgoing(own["webHooksUri"], own["authToken"] or "", [event]))
        state.wake.set()


class Courier(courier.Courier[State]):
    """Sends each list of events once."""

    def queue(self) -> deque[Outgoing]:
        return self._state.outgoing

    async def send(self, session: aiohttp.ClientSession, item: Outgoing) -> None:
        headers = {"Authorization": item.token} if item.token else {}
        status = await self.status_of(session, "POST", item.url, json=item.events, headers=headers)
        self._state.deliveries.append(Delivery(item.url, item.events, status, self._state.stamp()))
