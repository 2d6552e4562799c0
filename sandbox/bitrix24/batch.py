"""batch: up to fifty commands in one request, later ones may use the results of earlier ones."""

import re
from typing import Any

from sandbox.bitrix24 import methods, params
from sandbox.bitrix24.answers import Json, Refusal, missing
from sandbox.bitrix24.state import Actor, State

LONGEST = 50
_REFERENCE = re.compile(r"\$result((?:\[[^\]]*\])+)")


def run(state: State, actor: Actor, given: Json) -> tuple[Json, list[str]]:
    """The `result` of the batch, and the methods in it. Errors stand in `result_error`, by key."""
    commands = _commands(given.get("cmd"))
    parts: dict[str, Json] = {
        name: {} for name in ("result", "result_error", "result_total", "result_next", "result_time")
    }
    called = []
    for index, (key, command) in enumerate(commands.items()):
        name, _, query = str(command).partition("?")
        called.append(name)
        try:
            _one(state, actor, index, name, query, key, parts)
        except Refusal as error:
            parts["result_error"][key] = error.body()
            if params.flag(given.get("halt", 0)):
                break
    return {name: part or [] for name, part in parts.items()}, called


def _commands(given: Any) -> Json:
    if isinstance(given, list):
        return {str(index): command for index, command in enumerate(given)}
    if not isinstance(given, dict):
        raise missing("cmd")
    return given


def _one(
    state: State, actor: Actor, index: int, name: str, query: str, key: str, parts: dict[str, Json]
) -> None:
    if index >= LONGEST:
        raise Refusal(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
    if name == "batch":
        raise Refusal(405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
    given = _filled(params.of_query(query), parts["result"])
    result, time = methods.run(state, actor, name, given)
    parts["result"][key] = result.value
    parts["result_time"][key] = time
    if result.total is not None:
        parts["result_total"][key] = result.total
    if result.next is not None:
        parts["result_next"][key] = result.next


def _filled(value: Any, results: Json) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, results) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, results) for item in value]
    if not isinstance(value, str):
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _looked_up(whole[1], results)
    return _REFERENCE.sub(lambda found: str(_looked_up(found[1], results) or ""), value)


def _looked_up(path: str, results: Json) -> Any:
    found: Any = results
    for part in re.findall(r"\[([^\]]*)\]", path):
        if isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            found = found.get(part) if isinstance(found, dict) else None
    return found
