"""Control of the stand-in itself: limits, clock, faults, groups, the bot's calls, reset."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from .bot_api import WORLD
from .errors import Json
from .forms import read_call
from .groups import open_topic, to_supergroup
from .state import Chat
from .world import World

MAX_WAIT = 60.0


def _status(world: World) -> Json:
    api = world.api
    return {
        "bot": api.state.bot.user(),
        "links": list(world.settings.links),
        "limits": asdict(api.flood.limits),
        "speed": world.clock.speed,
        "now": world.clock.time(),
        "faults": world.faults.list(),
        "pending_updates": len(api.updates),
        "webhook": api.webhook.url,
        "version": api.state.changes.version,
    }


async def status(request: web.Request) -> web.Response:
    return web.json_response(_status(request.app[WORLD]))


async def limits(request: web.Request) -> web.Response:
    """Body: fields of Limits to change ({"on": false} switches all off)."""
    world, (values, _) = request.app[WORLD], await read_call(request)
    world.api.flood.set(world.api.flood.limits.changed(values))
    return web.json_response(_status(world))


async def clock(request: web.Request) -> web.Response:
    """Body: speed (factor) and/or advance (seconds to jump)."""
    world, (values, _) = request.app[WORLD], await read_call(request)
    if "speed" in values:
        world.clock.set_speed(float(values["speed"]))
    if "advance" in values:
        world.clock.advance(float(values["advance"]))
    return web.json_response(_status(world))


async def fail(request: web.Request) -> web.Response:
    """Body: fields of Fault; the next calls go wrong. DELETE takes all back."""
    world = request.app[WORLD]
    if request.method == "DELETE":
        world.faults.clear()
    else:
        values, _ = await read_call(request)
        try:
            world.faults.add(values)
        except TypeError as error:
            raise ValueError(str(error)) from error
    return web.json_response(_status(world))


async def calls(request: web.Request) -> web.Response:
    """The bot's calls. Query: method, since (number), timeout (real seconds to wait for the first)."""
    journal, query = request.app[WORLD].journal, request.query
    method, since = query.get("method"), int(query.get("since", 0))
    seconds = min(float(query.get("timeout", 0)), MAX_WAIT)
    await journal.changes.wait_for(lambda: bool(journal.entries(method, since)), seconds)
    return web.json_response({"calls": journal.entries(method, since)})


async def updates(request: web.Request) -> web.Response:
    """Updates the bot has not confirmed yet. Query: kind, timeout (real seconds to wait for the first)."""
    queue, kind = request.app[WORLD].api.updates, request.query.get("kind")

    def found() -> list[Json]:
        return [update.body() for update in queue.pending() if kind in (None, update.kind)]

    seconds = min(float(request.query.get("timeout", 0)), MAX_WAIT)
    await queue.changes.wait_for(lambda: bool(found()), seconds)
    return web.json_response({"updates": found()})


def _bot_moved(world: World, chat: Chat, status: str) -> None:
    """The group's owner adds or removes the bot."""
    state, bot = world.api.state, world.api.state.bot.user()
    old = {"user": bot, "status": "left" if status == "member" else chat.bot_status}
    until = {"until_date": 0} if status == "kicked" else {}
    chat.bot_status = status
    change = {
        "chat": state.header(chat),
        "from": state.people[chat.members[0]].user(),
        "date": int(world.clock.time()),
        "old_chat_member": old,
        "new_chat_member": {"user": bot, "status": status} | until,
    }
    world.api.updates.append("my_chat_member", change, chat.id)
    state.touch(chat)


async def groups(request: web.Request) -> web.Response:
    """Body: title, members (ids), is_forum. The first member is the owner and adds the bot."""
    world, (values, _) = request.app[WORLD], await read_call(request)
    members = [int(member) for member in values.get("members", [])]
    if not members or any(member not in world.api.state.people for member in members):
        raise ValueError("members must be ids of known people")
    title = str(values.get("title") or "Group")
    chat = world.api.state.add_group(title, members, is_forum=bool(values.get("is_forum")))
    _bot_moved(world, chat, "member")
    return web.json_response(world.api.state.header(chat))


def _group(request: web.Request) -> Chat:
    chat = request.app[WORLD].api.state.chats.get(int(request.match_info["group"]))
    if chat is None or chat.type == "private":
        raise ValueError("there is no such group")
    return chat


async def remove_bot(request: web.Request) -> web.Response:
    """The owner removes the bot from the group."""
    _bot_moved(request.app[WORLD], _group(request), "kicked")
    return web.json_response({})


async def add_bot(request: web.Request) -> web.Response:
    """The owner adds the bot to the group again."""
    _bot_moved(request.app[WORLD], _group(request), "member")
    return web.json_response({})


async def add_topic(request: web.Request) -> web.Response:
    """Body: name. The owner opens a topic of a forum."""
    world, (values, _) = request.app[WORLD], await read_call(request)
    return web.json_response({"id": open_topic(world.api.state, _group(request), str(values["name"]))})


async def migrate(request: web.Request) -> web.Response:
    """The owner makes a supergroup of the group."""
    api = request.app[WORLD].api
    return web.json_response({"id": to_supergroup(api, _group(request)).id})


async def reset(request: web.Request) -> web.Response:
    """Back to the start; ids and versions go on counting, a webhook stays set."""
    request.app[WORLD].reset()
    return web.json_response(_status(request.app[WORLD]))


def add_routes(app: web.Application) -> None:
    prefix = "/people/control"
    app.router.add_get(f"{prefix}/status", status)
    app.router.add_post(f"{prefix}/limits", limits)
    app.router.add_post(f"{prefix}/clock", clock)
    app.router.add_post(f"{prefix}/fail", fail)
    app.router.add_delete(f"{prefix}/fail", fail)
    app.router.add_get(f"{prefix}/calls", calls)
    app.router.add_get(f"{prefix}/updates", updates)
    app.router.add_post(f"{prefix}/groups", groups)
    app.router.add_delete(prefix + r"/groups/{group:-\d+}", remove_bot)
    app.router.add_post(prefix + r"/groups/{group:-\d+}/bot", add_bot)
    app.router.add_post(prefix + r"/groups/{group:-\d+}/topics", add_topic)
    app.router.add_post(prefix + r"/groups/{group:-\d+}/migrate", migrate)
    app.router.add_post(f"{prefix}/reset", reset)
