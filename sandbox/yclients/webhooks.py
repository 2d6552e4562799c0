"""Webhooks: set in the branch's settings, sent once, unsigned, in no promised order."""

from collections import deque
from collections.abc import Mapping
from typing import Any

import aiohttp

from sandbox import courier
from sandbox.yclients.state import Delivery, Outgoing, Record, State

RESOURCES = (
    "salon", "service_category", "service", "master", "client", "record", "good", "goods_operations_sale",
    "goods_operations_receipt", "goods_operations_consumable", "goods_operations_stolen",
    "goods_operations_move", "finances_operation",
)  # fmt: skip


def settings(state: State, company: int) -> Record:
    """What the branch has set; nothing is on at the start."""
    return state.hooks.setdefault(company, {"urls": [], "active": 0, **dict.fromkeys(RESOURCES, 0)})


def change(state: State, company: int, given: Mapping[str, Any]) -> Record:
    """Put what is named in place of what was."""
    own = settings(state, company)
    own |= {name: value for name, value in given.items() if name in own}
    return own


def tell(state: State, company: int, resource: str, number: int, status: str, data: Record) -> None:
    """Something has happened: one body for each address, if the branch wants to know."""
    own = settings(state, company)
    if not own["active"] or not own.get(resource):
        return
    body = {
        "company_id": company,
        "resource": resource,
        "resource_id": number,
        "status": status,
        "data": data,
    }
    state.outgoing.extend(Outgoing(url, body) for url in own["urls"])
    state.wake.set()


class Courier(courier.Courier[State]):
    """Sends each body once."""

    def queue(self) -> deque[Outgoing]:
        return self._state.outgoing

    async def send(self, session: aiohttp.ClientSession, item: Outgoing) -> None:
        status = await self.status_of(session, "POST", item.url, json=item.body)
        self._state.deliveries.append(Delivery(item.url, item.body, status, self._state.stamp()))
