"""Finding what an earlier attempt has written under a lead."""

from datetime import timedelta

from crm_adapters.amocrm.api import AmoApi, Record
from crm_adapters.amocrm.mapping import CALLS, Written, moment_of
from domain.crm import CrmActivity

_CLOCKS_DIFFER = timedelta(minutes=1)


async def find_note(api: AmoApi, lead_id: str, written: Written, activity: CrmActivity) -> int | None:
    """A call by our id, any other note by its text since its moment."""
    calls = written.kind == "call"
    kinds = CALLS if calls else (written.body["note_type"],)
    params = [("filter[note_type][]", kind) for kind in kinds]
    for note in await api.pages(f"leads/{lead_id}/notes", "notes", params):
        shown: Record = note.get("params") or {}
        at = moment_of(note.get("created_at"))
        same_text = shown.get("text") == written.body["params"].get("text")
        fresh = at is not None and at >= activity.at - _CLOCKS_DIFFER
        if shown.get("uniq") == activity.our_id if calls else same_text and fresh:
            return int(note["id"])
    return None


async def find_task(api: AmoApi, lead_id: str, written: Written) -> int | None:
    """A task by text, kind and moment."""
    params = [("filter[entity_type]", "leads"), ("filter[entity_id]", lead_id)]
    marks = ("text", "complete_till", "task_type_id")
    for task in await api.pages("tasks", "tasks", params):
        if all(task.get(mark) == written.body.get(mark) for mark in marks):
            return int(task["id"])
    return None
