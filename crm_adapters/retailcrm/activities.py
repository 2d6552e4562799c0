"""Activities: tasks of the order, and notes on its customer, which is where RetailCRM keeps what was done.

Neither has a field for our id, so an earlier attempt is recognised by its words, its order and its moment.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_adapters.retailcrm.account import Account, read_moment
from crm_adapters.retailcrm.api import Record, RetailApi
from crm_adapters.retailcrm.mapping import activity_to, lasting, same_words, text_of
from crm_adapters.retailcrm.people import People
from crm_adapters.retailcrm.search import Search
from domain.crm import CrmActivity, RemoteRef
from domain.errors import CrmRejected

TASK, NOTE = "task", "note"
_LOOKED_THROUGH = 200
# A meeting is a task while it is to come and a note once it is past: look for both.
_PLACES: Mapping[str, Sequence[str]] = {"task": (TASK,), "meeting": (TASK, NOTE)}


class ActivityLog:
    """Writes and finds activities of an order. The caller has read the order. Everything raises CrmError."""

    def __init__(
        self, api: RetailApi, account: Account, search: Search, people: People, mapping: Mapping[str, Any]
    ) -> None:
        self._api, self._account, self._people = api, account, people
        self._search, self._mapping = search, mapping

    async def find(self, order_id: str, activity: CrmActivity) -> RemoteRef | None:
        order = await self._search.order(order_id)
        look = {TASK: self._find_task, NOTE: self._find_note}
        for record in _PLACES.get(activity.type, (NOTE,)):
            found = await look[record](order, activity)
            if found is not None:
                return self._ref(record, found["id"], order)
        return None

    async def write(self, order_id: str, activity: CrmActivity, now: datetime) -> RemoteRef:
        order = await self._search.order(order_id)
        coming = activity.type == "task" or (activity.type == "meeting" and activity.at > now)
        if coming:
            made = await self._api.create("tasks/create", {TASK: await self._task(order, activity)})
        else:
            made = await self._api.create("customers/notes/create", {NOTE: await self._note(order, activity)})
        return self._ref(TASK if coming else NOTE, made["id"], order)

    async def change(self, order_id: str, external_id: str, activity: CrmActivity) -> bool:
        """A task; what became a note stays as it is."""
        record, _colon, number = external_id.partition(":")
        if record != TASK:
            return False
        order = await self._search.order(order_id)
        body = await self._task(order, activity) | {"complete": activity.outcome != "open"}
        await self._api.post(f"tasks/{number}/edit", {TASK: body}, repeatable=True)
        return True

    async def _task(self, order: Record, activity: CrmActivity) -> Record:
        body = await self._body(order, activity, TASK)
        body |= {"order": {"id": order["id"]}, "performerId": await self._people.performer(order, activity)}
        return body | ({"phone": order["phone"]} if order.get("phone") else {})

    async def _note(self, order: Record, activity: CrmActivity) -> Record:
        body = await self._body(order, activity, NOTE)
        body["customer"] = {"id": _customer_of(order)}
        manager = activity.assignee_external_id or order.get("managerId")
        return body | ({"managerId": int(manager)} if manager else {})

    async def _body(self, order: Record, activity: CrmActivity, record: str) -> Record:
        number = text_of(order.get("number"))
        return activity_to(activity, record, number, self._mapping, await self._account.zone())

    async def _find_task(self, order: Record, activity: CrmActivity) -> Record | None:
        wanted = await self._body(order, activity, TASK)
        only = (("filter[orderNumber]", text_of(order.get("number"))),)
        for task in await self._api.search("tasks", "tasks", only, _LOOKED_THROUGH):
            same = text_of(task.get("datetime"))[:16] == text_of(wanted.get("datetime"))
            if same and all(same_words(task.get(part), wanted.get(part)) for part in ("text", "commentary")):
                return task
        return None

    async def _find_note(self, order: Record, activity: CrmActivity) -> Record | None:
        wanted, zone = await self._body(order, activity, NOTE), await self._account.zone()
        since = lasting(activity.at)
        only = (
            ("filter[customerIds][]", str(_customer_of(order))),
            ("filter[createdAtFrom]", since.astimezone(zone).strftime("%Y-%m-%d")),
        )
        for note in await self._api.search("customers/notes", "notes", only, _LOOKED_THROUGH):
            written = read_moment(note.get("createdAt"), zone)
            if written and written >= since and same_words(note.get("text"), wanted.get("text")):
                return note
        return None

    def _ref(self, record: str, number: object, order: Record) -> RemoteRef:
        """Tasks and notes are numbered apart, so the kind stands in our id of them."""
        return RemoteRef(f"{record}:{number}", self._api.page(str(order["id"])))


def _customer_of(order: Record) -> int:
    customer = order.get("customer")
    if not isinstance(customer, dict) or not customer.get("id"):
        raise CrmRejected("order without a customer", "customer")
    return int(customer["id"])
