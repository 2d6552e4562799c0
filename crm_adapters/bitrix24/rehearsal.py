"""What Bitrix24 would answer to a request that a trial run does not send."""

from typing import Any

from crm_adapters.bitrix24.api import BATCH, branch
from crm_adapters.http import Call
from domain.trials import NEW

_ITEMS = "crm.item."
_IN_AN_OBJECT = frozenset({"crm.activity.todo.add"})


def pretend(call: Call) -> Any:
    """Items come back whole, other records as their id, and a batch command by command."""
    method = call.url.rpartition("/")[2]
    if method != BATCH:
        return {"result": _result(method, branch(call.body, "fields"))}
    commands = branch(call.body, "cmd") or {}
    made = {key: _result(text.partition("?")[0], None) for key, text in commands.items()}
    return {"result": {"result": made, "result_error": {}, "result_time": {}}}


def _result(method: str, fields: Any) -> Any:
    if method.startswith(_ITEMS):
        return {"item": {**(fields if isinstance(fields, dict) else {}), "id": NEW}}
    return {"id": NEW} if method in _IN_AN_OBJECT else NEW
