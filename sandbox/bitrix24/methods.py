"""The table of methods, and how one of them is called: scope, time limit, answer."""

from typing import Any

from sandbox.bitrix24 import events, item_methods, legacy, lists, timeline
from sandbox.bitrix24.answers import Json, Refusal, Result
from sandbox.bitrix24.calls import Call, Method
from sandbox.bitrix24.state import Actor, State

APP_CONTEXT = ("telephony.externalCall.register", "telephony.externalCall.finish",
               "telephony.externalLine.add", "crm.activity.configurable.add", "placement.bind")  # fmt: skip


def _method_exists(call: Call) -> Json:
    name = str(call.needed("name"))
    known = METHODS.get(name)
    return {"isExisting": known is not None, "isAvailable": known is not None and _allowed(call.actor, known)}


def _allowed(actor: Actor, method: Method) -> bool:
    in_scope = not method.scope or any(scope.startswith(method.scope) for scope in actor.scopes)
    return in_scope and (actor.app is not None or not method.app_only)


def _app_context(call: Call) -> Any:
    raise Refusal(403, "ACCESS_DENIED", "Not available on this plan")


METHODS: dict[str, Method] = {
    "profile": Method(lists.profile, ""),
    "scope": Method(lambda call: list(call.actor.scopes), ""),
    "server.time": Method(lambda call: call.state.stamp(), ""),
    "method.get": Method(_method_exists, ""),
    "feature.get": Method(lambda call: {"value": "N"} if call.needed("CODE") else None, ""),
    "app.info": Method(lists.app_info, "", app_only=True),
    "events": Method(lambda call: sorted(events.EVENTS), "", app_only=True),
    "event.bind": Method(lambda c: events.bind(c.state, c.actor, c.params), "", app_only=True, writes=True),
    "event.unbind": Method(lambda c: events.unbind(c.state, c.actor, c.params), "", True, writes=True),
    "event.get": Method(lambda c: events.listed(c.state, c.actor), "", app_only=True),
    "event.offline.get": Method(lambda c: events.offline_get(c.state, c.params), "", app_only=True),
    "event.offline.clear": Method(lambda c: events.offline_clear(c.state, c.params), "", app_only=True),
    "user.get": Method(lists.users, "user"),
    "user.current": Method(lists.current_user, "user"),
    "crm.settings.mode.get": Method(lambda call: call.state.mode),
    "crm.status.list": Method(lists.statuses),
    "crm.category.list": Method(lists.categories),
    "crm.duplicate.findbycomm": Method(lists.duplicates),
    "crm.stagehistory.list": Method(item_methods.stage_history),
    "crm.item.add": Method(item_methods.add, writes=True),
    "crm.item.update": Method(item_methods.update, writes=True),
    "crm.item.delete": Method(item_methods.delete, writes=True),
    "crm.item.get": Method(item_methods.get),
    "crm.item.list": Method(item_methods.list_),
    "crm.item.fields": Method(item_methods.fields),
    "crm.activity.add": Method(timeline.add, writes=True),
    "crm.activity.get": Method(timeline.get),
    "crm.activity.list": Method(timeline.list_),
    "crm.activity.todo.add": Method(timeline.todo_add, writes=True),
    "crm.activity.todo.update": Method(timeline.todo_update, writes=True),
    "crm.activity.update": Method(timeline.update, writes=True),
    "crm.timeline.comment.add": Method(timeline.comment_add, writes=True),
    "crm.timeline.comment.get": Method(timeline.comment_get),
    "crm.timeline.comment.list": Method(timeline.comment_list),
    "crm.timeline.logmessage.add": Method(timeline.log_add, writes=True),
    "tasks.task.add": Method(timeline.task_add, "task", writes=True),
    **legacy.table(),
    **lists.userfield_table(),
    **{name: Method(_app_context, "", app_only=True) for name in APP_CONTEXT},
}  # fmt: skip


def run(state: State, actor: Actor, name: str, params: Json) -> tuple[Result, Json]:
    """Call a method: its result and what `time` says of its running. Raises Refusal."""
    method = METHODS.get(name)
    if method is None:
        raise Refusal(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
    if method.app_only and actor.app is None:
        raise Refusal(403, "WRONG_AUTH_TYPE", "Current authorization type is denied for this method")
    if not _allowed(actor, method):
        text = "The request requires higher privileges than provided by the webhook token"
        raise Refusal(403, "insufficient_scope", text)
    now = state.clock.now()
    state.operating.check(actor.caller, name, now)
    value = method.handler(Call(state, actor, params))
    operating, reset_at = state.operating.spend(actor.caller, name, now)
    result = value if isinstance(value, Result) else Result(value)
    return result, {"operating_reset_at": reset_at, "operating": round(operating, 6)}
