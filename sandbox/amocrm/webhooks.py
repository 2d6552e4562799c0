"""Hooks by API: one registration a destination, with the actions it wants."""

from typing import Any
from urllib.parse import urlsplit

from sandbox.amocrm import listing
from sandbox.amocrm.answers import NOTHING, Refusal, Reply, Violations, problem
from sandbox.amocrm.listing import Query
from sandbox.amocrm.state import Record, State

MOST = 100
ACTIONS = frozenset(
    [f"{verb}_{what}" for verb in ("add", "update", "delete", "note", "responsible")
     for what in ("lead", "contact", "company", "customer")]
    + ["restore_lead", "restore_contact", "restore_company", "status_lead", "add_task", "update_task",
       "delete_task", "responsible_task", "add_talk", "update_talk", "add_chat_template_review"]
)  # fmt: skip


def register(state: State, user: Record, body: Any) -> Reply:
    """POST webhooks: 201; the same destination again replaces its actions."""
    body = body if isinstance(body, dict) else {}
    destination, settings = body.get("destination"), body.get("settings")
    parts = urlsplit(destination) if isinstance(destination, str) else None
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or not destination.isascii()
    ):
        raise _invalid("destination", "This value is not a valid URL.")
    if not isinstance(settings, list) or not settings or not set(settings) <= ACTIONS:
        raise _invalid("settings", "The value you selected is not a valid choice.")
    now, known = state.stamp(), _of(state, destination)
    if known is None:
        if len(state.hooks) >= MOST:
            raise problem(422, "Too many webhooks")
        known = {"id": state.new_id(), "destination": destination, "created_at": now, 
                 "created_by": user["id"], "account_id": state.account["id"], "bad": []}  # fmt: skip
        state.hooks[known["id"]] = known
    known |= {"settings": list(settings), "disabled": False, "updated_at": now, "sort": body.get("sort", 10)}
    return Reply(201, shown(known))


def registered(state: State, query: Query) -> Reply:
    """GET webhooks."""
    wanted = listing.one(query, "filter[destination]")
    found = [shown(hook) for hook in state.hooks.values() if wanted in ("", hook["destination"])]
    return Reply(200, {"_total_items": len(found), "_embedded": {"webhooks": found}}) if found else NOTHING


def remove(state: State, body: Any) -> Reply:
    """DELETE webhooks with the destination in the body."""
    known = _of(state, body.get("destination") if isinstance(body, dict) else None)
    if known is None:
        raise problem(404, "Webhook not found")
    del state.hooks[known["id"]]
    return NOTHING


def shown(hook: Record) -> Record:
    return {key: value for key, value in hook.items() if key != "bad"}


def _of(state: State, destination: Any) -> Record | None:
    return next((hook for hook in state.hooks.values() if hook["destination"] == destination), None)


def _invalid(path: str, detail: str) -> Refusal:
    wrong = Violations()
    wrong.add("0", path, "InvalidValue", detail)
    return wrong.refusal()
