"""Notes and tasks of an opportunity. Calls, meetings, e-mails and clicks become notes: Twenty has no
calls, and takes e-mails and meetings out of mailboxes and calendars alone."""

from collections.abc import Mapping
from typing import Any

from crm_adapters.twenty.api import DUPLICATE, Record, TwentyApi
from crm_adapters.twenty.mapping import activity_to, own_id
from crm_adapters.twenty.model import Model
from domain.crm import CrmActivity, RemoteRef
from domain.errors import CrmGone, CrmRejected


class ActivityLog:
    """Everything raises CrmError."""

    def __init__(self, api: TwentyApi, model: Model, mapping: Mapping[str, Any]) -> None:
        self._api, self._model, self._mapping = api, model, mapping

    async def find(self, opportunity: str, activity: CrmActivity) -> RemoteRef | None:
        """The link is written last and under an id of ours: where it stands, all of it does."""
        record, body = activity_to(activity, self._mapping)
        try:
            link = await self._api.read(f"{record}Targets", own_id("target", activity.our_id), depth=0)
        except CrmGone:
            return None
        named = str(link.get(f"{record}Id") or body["id"])
        return RemoteRef(named, self._api.page(named, record))

    async def write(self, opportunity: str, activity: CrmActivity) -> RemoteRef:
        """The note or task, then its link. What an earlier attempt has written is not written again."""
        await self._api.read("opportunities", opportunity, depth=0)
        record, body = activity_to(activity, self._mapping)
        await self._once(f"{record}s", body)
        column = await self._model.target(f"{record}Target")
        link = {"id": own_id("target", activity.our_id), f"{record}Id": body["id"], column: opportunity}
        await self._once(f"{record}Targets", link)
        return RemoteRef(body["id"], self._api.page(body["id"], record))

    async def change(self, external_id: str, activity: CrmActivity) -> bool:
        """A task; what became a note stays as it is. Raises CrmGone."""
        record, body = activity_to(activity, self._mapping)
        if record != "task":
            return False
        await self._api.change("tasks", external_id, {k: v for k, v in body.items() if k != "id"})
        return True

    async def _once(self, plural: str, body: Record) -> None:
        try:
            await self._api.create(plural, body)
        except CrmRejected as error:
            if error.reason != DUPLICATE:
                raise
