"""Calls, meetings, to-dos and comments under a lead or deal."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters.bitrix24.api import PAGE, BitrixApi, Record, branch, listed, read_moment
from crm_adapters.bitrix24.mapping import ORIGINATOR, activity_to, note_of
from crm_adapters.bitrix24.records import LeadRecords
from domain.crm import CrmActivity, RemoteRef
from domain.errors import CrmGone, CrmUncertain

TYPE_OF = {"meeting": 1, "call": 2}
_CLOCKS_DIFFER = timedelta(minutes=1)
_PLAIN_TEXT, _USUAL = 1, 2


class ActivityLog:
    """Writes activities under one kind of record, and finds those that an earlier attempt has written."""

    def __init__(
        self, api: BitrixApi, mapping: Mapping[str, Any], book: LeadRecords, now: Callable[[], datetime]
    ) -> None:
        self._api, self._mapping, self._book, self._now = api, mapping, book, now

    async def find(self, lead_id: str, activity: CrmActivity) -> RemoteRef | None:
        """Calls and meetings by our id, to-dos by title and moment, comments by text since that moment."""
        record, body = activity_to(activity, self._mapping, self._now())
        if record == "note":
            return await self._find_comment(lead_id, body, activity)
        if record == "task":
            return await self._find_todo(lead_id, body)
        found = await self._find_activity(lead_id, record, activity)
        if found is None:
            # Without a phone on the record it was written as a comment.
            note = note_of(activity, self._mapping, self._now())
            found = await self._find_comment(lead_id, note, activity)
        return found

    async def write(self, lead_id: str, activity: CrmActivity) -> RemoteRef:
        """Raises CrmGone when the lead was deleted, CrmUncertain when the answer was lost."""
        record, body = activity_to(activity, self._mapping, self._now())
        if record == "task":
            return await self._write_todo(lead_id, body, activity)
        if record in TYPE_OF:
            raw = await self._book.get(lead_id)
            reach = await self._book.reach(raw)
            if reach:
                return await self._write_activity(lead_id, record, body, activity, raw, reach[0])
            body = note_of(activity, self._mapping, self._now())
        return await self._write_comment(lead_id, body)

    async def change(self, lead_id: str, number: str, activity: CrmActivity) -> bool:
        """To-dos and meetings. A meeting bears our id: without a phone it became a comment, and comments are
        numbered apart. Raises CrmGone."""
        record, body = activity_to(activity, self._mapping, self._now())
        if record not in ("task", "meeting"):
            return False
        marks = ["ID", "PROVIDER_ID", "COMPLETED", "ORIGIN_ID"]
        rows = await self._activities({**self._owned(lead_id), "ID": number}, marks)
        if record == "meeting":
            ours = any(row.get("ORIGIN_ID") == activity.our_id for row in rows)
            return ours and await self._change(number, {**body, **self._whose(activity, "RESPONSIBLE_ID")})
        if not rows:
            raise CrmGone("to-do deleted")
        await self._change_todo(lead_id, number, body, activity, done=rows[0].get("COMPLETED") == "Y")
        return True

    async def _change(self, number: str, fields: Record) -> bool:
        await self._api.read("crm.activity.update", {"id": int(number), "fields": fields})
        return True

    async def _change_todo(
        self, lead_id: str, number: str, body: Record, activity: CrmActivity, *, done: bool
    ) -> None:
        """A to-do that is completed takes no other change: it is opened first, and completed last."""
        if done:
            await self._change(number, {"COMPLETED": "N"})
        owner = {"ownerTypeId": self._book.type_id, "ownerId": lead_id, "id": int(number)}
        change = {**body, **owner, **self._whose(activity, "responsibleId")}
        await self._api.read("crm.activity.todo.update", change)
        if activity.outcome != "open":
            await self._change(number, {"COMPLETED": "Y"})

    def _whose(self, activity: CrmActivity, name: str) -> Record:
        return {name: activity.assignee_external_id} if activity.assignee_external_id else {}

    async def _write_activity(
        self,
        lead_id: str,
        record: str,
        body: Record,
        activity: CrmActivity,
        raw: Record,
        communication: Record,
    ) -> RemoteRef:
        fields = {
            **body,
            "OWNER_TYPE_ID": self._book.type_id,
            "OWNER_ID": lead_id,
            "TYPE_ID": TYPE_OF[record],
            "RESPONSIBLE_ID": activity.assignee_external_id or raw.get("assignedById"),
            "COMMUNICATIONS": [communication],
            "DESCRIPTION_TYPE": _PLAIN_TEXT,
            "PRIORITY": _USUAL,
        }
        return self._ref(lead_id, await self._api.write("crm.activity.add", {"fields": fields}))

    async def _write_todo(self, lead_id: str, body: Record, activity: CrmActivity) -> RemoteRef:
        owner = {"ownerTypeId": self._book.type_id, "ownerId": lead_id}
        whose = self._whose(activity, "responsibleId")
        made = await self._api.write("crm.activity.todo.add", {**body, **owner, **whose})
        return self._ref(lead_id, branch(made, "id"))

    async def _write_comment(self, lead_id: str, body: Record) -> RemoteRef:
        fields = {**body, "ENTITY_TYPE": self._book.entity, "ENTITY_ID": lead_id}
        return self._ref(lead_id, await self._api.write("crm.timeline.comment.add", {"fields": fields}))

    async def _find_activity(self, lead_id: str, record: str, activity: CrmActivity) -> RemoteRef | None:
        key = rules.attribute_of(self._mapping, record, "our_id")
        if key is None:
            return None
        where = {**self._owned(lead_id), "TYPE_ID": TYPE_OF[record], f"={key}": activity.our_id}
        for row in await self._activities(where, ["ID", "ORIGINATOR_ID", key]):
            if row.get(key) == activity.our_id and row.get("ORIGINATOR_ID") in (ORIGINATOR, None, ""):
                return self._ref(lead_id, row.get("ID"))
        return None

    async def _find_todo(self, lead_id: str, body: Record) -> RemoteRef | None:
        where = {**self._owned(lead_id), "PROVIDER_ID": "CRM_TODO", "=SUBJECT": body.get("title")}
        deadline = read_moment(body.get("deadline"))
        for row in await self._activities(where, ["ID", "SUBJECT", "DESCRIPTION", "DEADLINE"]):
            same = row.get("SUBJECT") == body.get("title") and read_moment(row.get("DEADLINE")) == deadline
            if same and _same_text(row.get("DESCRIPTION"), body.get("description")):
                return self._ref(lead_id, row.get("ID"))
        return None

    async def _find_comment(self, lead_id: str, body: Record, activity: CrmActivity) -> RemoteRef | None:
        """Among the last fifty."""
        where = {"ENTITY_ID": lead_id, "ENTITY_TYPE": self._book.entity}
        params = {"filter": where, "order": {"ID": "DESC"}, "select": ["ID", "CREATED", "COMMENT"]}
        for row in listed(await self._api.read("crm.timeline.comment.list", params)):
            written = read_moment(row.get("CREATED"))
            since = written is not None and written >= activity.at - _CLOCKS_DIFFER
            if since and _same_text(row.get("COMMENT"), body.get("COMMENT")):
                return self._ref(lead_id, row.get("ID"))
        return None

    async def _activities(self, where: Record, select: list[str]) -> list[Record]:
        params = {"filter": where, "select": select, "order": {"ID": "DESC"}, "start": -1}
        return listed(await self._api.read("crm.activity.list", params))[:PAGE]

    def _owned(self, lead_id: str) -> Record:
        return {"OWNER_TYPE_ID": self._book.type_id, "OWNER_ID": lead_id}

    def _ref(self, lead_id: str, number: Any) -> RemoteRef:
        """Activities have no page of their own: they open on the lead's."""
        if not str(number or "").isdigit():
            raise CrmUncertain("answer without an id")
        return RemoteRef(str(number), self._api.page(self._book.entity, lead_id))


def _same_text(one: Any, other: Any) -> bool:
    return str(one or "").strip() == str(other or "").strip()
