"""Pressing buttons: inline ones, those of the reply keyboard, and inline mode."""

from __future__ import annotations

import copy
from collections.abc import Callable

from .errors import Json
from .people import Act, PersonError, location, say, share_contact, text_content, write


def _pressed(act: Act, rows: list[list[Json]]) -> Json:
    """The button the request names by row and column, by data, or by a part of its label."""
    body = act.body
    if "row" in body:
        try:
            return rows[int(body["row"])][int(body.get("column", 0))]
        except IndexError as error:
            raise PersonError("there is no button at that place") from error
    buttons = [button for row in rows for button in row]
    wanted = act.text("data") or act.text("label")
    for exact in (
        lambda b: b.get("callback_data") == wanted,
        lambda b: b["text"] == wanted,
        lambda b: act.text("label") != "" and wanted in b["text"],
    ):
        if found := next(filter(exact, buttons), None):
            return found
    raise PersonError(f"there is no button {wanted!r}; there are {[b['text'] for b in buttons]}")


def press(act: Act) -> Json:
    """Press an inline button. A callback button answers {query_id}; others say what they would open."""
    message_id = int(act.body["message_id"])
    stored = act.chat.messages.get(message_id)
    if stored is None:
        raise PersonError(f"there is no message {message_id} in this chat")
    button = _pressed(act, stored.data.get("reply_markup", {}).get("inline_keyboard", []))
    if "callback_data" not in button:
        return {"opens": {name: value for name, value in button.items() if name != "text"}}
    if act.person.blocked and act.chat.type == "private":
        raise PersonError("the bot is blocked; unblock it first")
    query = act.api.queries.ask(act.person.id, "callback", message_id)
    update = {
        "id": query.id,
        "from": act.person.user(),
        "message": copy.deepcopy(stored.data),
        "chat_instance": str(act.chat.id),
        "data": button["callback_data"],
    }
    act.api.updates.append("callback_query", update, act.chat.id)
    return {"query_id": query.id}


def key(act: Act) -> Json:
    """Press a button of the reply keyboard."""
    keyboard = act.chat.keyboard
    if keyboard is None:
        raise PersonError("there is no reply keyboard")
    rows = [[b if isinstance(b, dict) else {"text": b} for b in row] for row in keyboard.markup["keyboard"]]
    button = _pressed(act, rows)
    keyboard.collapsed = bool(keyboard.markup.get("one_time_keyboard"))
    if button.get("request_contact"):
        return share_contact(act)
    if button.get("request_location"):
        return location(act)
    return say(Act(act.api, act.person, act.chat, {"text": button["text"]}, {}))


def collapse(act: Act) -> Json:
    """Fold the reply keyboard away, or show it again."""
    if act.chat.keyboard is not None:
        act.chat.keyboard.collapsed = not act.chat.keyboard.collapsed
        act.api.state.touch(act.chat)
    return {}


def inline(act: Act) -> Json:
    """Type @bot and a query in any chat."""
    query = act.api.queries.ask(act.person.id, "inline")
    update = {
        "id": query.id,
        "from": act.person.user(),
        "query": act.text("query"),
        "offset": act.text("offset"),
        "chat_type": "sender" if act.chat.type == "private" else act.chat.type,
    }
    act.api.updates.append("inline_query", update, act.person.id)
    return {"query_id": query.id}


def choose(act: Act) -> Json:
    """Send one of the results of an inline query: its text arrives as a message via the bot."""
    query = act.api.queries.find(act.text("query_id"))
    result = next((r for r in query.results if r["id"] == act.text("result_id")), None) if query else None
    if result is None:
        raise PersonError("there is no such result")
    chosen = {"result_id": result["id"], "from": act.person.user(), "query": act.text("query")}
    act.api.updates.append("chosen_inline_result", chosen, act.person.id)
    content = result.get("input_message_content") or {}
    text = content.get("message_text") or result.get("caption") or result.get("title") or result["type"]
    return write(act, text_content(text) | {"via_bot": act.api.state.bot.user()})


ACTS: dict[str, Callable[[Act], Json]] = {
    "press": press, "key": key, "collapse": collapse, "inline": inline, "choose": choose,
}  # fmt: skip
