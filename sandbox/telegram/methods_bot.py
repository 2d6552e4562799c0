"""The bot about itself: commands, descriptions, menu button, and its updates."""

from __future__ import annotations

import functools
import json
import re

from .api import Call, Method, chat_of
from .errors import Json, bad_request, conflict
from .state import State

COMMAND = re.compile(r"/?[a-z0-9_]{1,32}$")
MAX_COMMANDS = 100
MAX_POLL_SECONDS = 50
# https://core.telegram.org/bots/api#setmydescription and its neighbours: field, longest value.
TEXTS = {
    "Name": ("name", 64),
    "Description": ("description", 512),
    "ShortDescription": ("short_description", 120),
}
DEFAULT_SCOPE = {"type": "default"}
DEFAULT_BUTTON = {"type": "commands"}


async def get_me(call: Call) -> Json:
    bot = call.api.state.bot
    return bot.user() | {
        "can_join_groups": True,
        "can_read_all_group_messages": bot.reads_groups,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_updates(call: Call) -> list[Json]:
    params, updates = call.params, call.api.updates
    if call.api.webhook.url:
        raise conflict(
            "can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )
    if "allowed_updates" in params:
        updates.allowed = params["allowed_updates"]
    limit = min(max(params.get("limit", 100), 1), 100)
    seconds = min(max(params.get("timeout", 0), 0), MAX_POLL_SECONDS)
    return await updates.poll(params.get("offset", 0), limit, seconds)


async def log_out(call: Call) -> bool:
    call.api.updates.stop_poller("terminated by other getUpdates request")
    return True


def _scope(call: Call) -> tuple[str, str]:
    scope: Json = call.params.get("scope") or DEFAULT_SCOPE
    if "chat_id" in scope:
        chat_of(Call(call.api, {"chat_id": scope["chat_id"]}))
    return json.dumps(scope, sort_keys=True), call.params.get("language_code", "")


def _command(command: Json) -> Json:
    name, description = command["command"].strip(), command["description"].strip()
    if not COMMAND.match(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name.removeprefix("/"), "description": description}


async def set_my_commands(call: Call) -> bool:
    commands = [_command(command) for command in call.params["commands"]]
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    call.api.state.bot.commands[_scope(call)] = commands
    call.api.state.changes.publish({"kind": "commands"})
    return True


async def delete_my_commands(call: Call) -> bool:
    call.api.state.bot.commands.pop(_scope(call), None)
    call.api.state.changes.publish({"kind": "commands"})
    return True


async def get_my_commands(call: Call) -> list[Json]:
    return call.api.state.bot.commands.get(_scope(call), [])


def commands_for(state: State, chat_id: int, language: str) -> list[Json]:
    """The menu a person sees in the private chat: the narrowest scope first, their language first.

    Order: https://core.telegram.org/bots/api#determining-list-of-commands
    """
    scopes: list[Json] = [{"type": "chat", "chat_id": chat_id}, {"type": "all_private_chats"}, DEFAULT_SCOPE]
    for scope in scopes:
        for code in (language, ""):
            found = state.bot.commands.get((json.dumps(scope, sort_keys=True), code))
            if found:
                return found
    return []


async def _set_text(call: Call, *, name: str) -> bool:
    field, longest = TEXTS[name]
    value = call.params.get(field, "")
    if len(value) > longest:
        raise bad_request(f"BOT_{field.upper()}_TOO_LONG")
    bot, language = call.api.state.bot, call.params.get("language_code", "")
    bot.texts[name, language] = value
    if not value:
        del bot.texts[name, language]
    call.api.state.changes.publish({"kind": "bot"})
    return True


async def _get_text(call: Call, *, name: str) -> Json:
    bot = call.api.state.bot
    fallback = bot.texts.get((name, ""), bot.first_name if name == "Name" else "")
    return {TEXTS[name][0]: bot.texts.get((name, call.params.get("language_code", "")), fallback)}


async def set_chat_menu_button(call: Call) -> bool:
    chat_id = chat_of(call).id if "chat_id" in call.params else 0
    call.api.state.bot.menu_buttons[chat_id] = call.params.get("menu_button") or DEFAULT_BUTTON
    return True


async def get_chat_menu_button(call: Call) -> Json:
    chat_id = chat_of(call).id if "chat_id" in call.params else 0
    buttons = call.api.state.bot.menu_buttons
    return buttons.get(chat_id, buttons.get(0, DEFAULT_BUTTON))


async def set_webhook(call: Call) -> bool:
    await call.api.webhook.establish(call.params)
    return True


async def delete_webhook(call: Call) -> bool:
    await call.api.webhook.remove(drop_pending=bool(call.params.get("drop_pending_updates")))
    return True


async def get_webhook_info(call: Call) -> Json:
    return call.api.webhook.info()


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "logOut": log_out,
    "close": log_out,
    "setMyCommands": set_my_commands,
    "deleteMyCommands": delete_my_commands,
    "getMyCommands": get_my_commands,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    **{f"setMy{name}": functools.partial(_set_text, name=name) for name in TEXTS},
    **{f"getMy{name}": functools.partial(_get_text, name=name) for name in TEXTS},
}
