"""The people's side over JSON: who there is, what they see, what they do, what changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from . import people, people_buttons
from .bot_api import WORLD
from .errors import Json
from .forms import read_call
from .people import Act, PersonError
from .state import Chat, Person
from .view import chat_view, person_view

ACTS = people.ACTS | people_buttons.ACTS
MAX_WAIT = 60.0
HEARTBEAT = 15.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _person(request: web.Request) -> Person:
    found = request.app[WORLD].api.state.people.get(int(request.match_info["person"]))
    if found is None:
        raise PersonError("there is no such person")
    return found


def _chat(request: web.Request, person: Person, chosen: object) -> Chat:
    state = request.app[WORLD].api.state
    chat = state.chats.get(int(str(chosen or person.id)))
    if chat is None or person.id not in chat.members:
        raise PersonError("this person has no such chat")
    return chat


async def list_people(request: web.Request) -> web.Response:
    api = request.app[WORLD].api
    found = [person_view(api, person) for person in api.state.people.values()]
    return web.json_response({"people": found, "version": api.state.changes.version})


async def add_person(request: web.Request) -> web.Response:
    """Body: Person's fields, all optional. Answers the person."""
    params, _ = await read_call(request)
    api = request.app[WORLD].api
    return web.json_response(person_view(api, api.state.add_person(params)))


async def act(request: web.Request) -> web.Response:
    """One act (see `ACTS`). Body: JSON, or multipart with a file; `chat` names a group.

    Answers {result, version}: what the bot does in return has a higher version.
    """
    params, uploads = await read_call(request)
    person = _person(request)
    chat = _chat(request, person, params.pop("chat", None))
    found = ACTS.get(request.match_info["act"])
    if found is None:
        raise PersonError(f"people can only {', '.join(sorted(ACTS))}")
    world = request.app[WORLD]
    before = world.api.state.changes.version
    try:
        result = found(Act(world.api, person, chat, params, uploads))
    except (KeyError, TypeError, ValueError) as error:
        raise PersonError(f"missing or wrong field: {error}") from error
    return web.json_response({"result": result, "version": max(chat.version, before)})


async def history(request: web.Request) -> web.Response:
    """One chat as it is now. Query: chat (a group's id), last (only so many messages)."""
    person = _person(request)
    chat = _chat(request, person, request.query.get("chat"))
    last = int(request.query.get("last", 0))
    return web.json_response(chat_view(request.app[WORLD].api, person, chat, last))


async def wait(request: web.Request) -> web.Response:
    """History after a change since `version`. Query: version, timeout (real seconds), chat, last."""
    person = _person(request)
    chat = _chat(request, person, request.query.get("chat"))
    since = int(request.query.get("version", 0))
    seconds = min(float(request.query.get("timeout", 30)), MAX_WAIT)
    api = request.app[WORLD].api
    await api.state.changes.wait_for(lambda: chat.version > since, seconds)
    return web.json_response(chat_view(api, person, chat, int(request.query.get("last", 0))))


async def toasts(request: web.Request) -> web.Response:
    """Answers to callback queries, oldest first. Query: query_id and timeout wait for one of them."""
    state, person = request.app[WORLD].api.state, _person(request)

    def found() -> list[Json]:
        wanted = request.query.get("query_id")
        return [t for t in state.toasts.get(person.id, []) if wanted in (None, t["query_id"])]

    if "timeout" in request.query:
        await state.changes.wait_for(lambda: bool(found()), min(float(request.query["timeout"]), MAX_WAIT))
    return web.json_response({"toasts": found()})


async def inline_results(request: web.Request) -> web.Response:
    """What the bot answered to an inline query. Query: timeout (real seconds)."""
    api = request.app[WORLD].api
    query = api.queries.find(request.match_info["query"])
    if query is None:
        raise PersonError("there is no such query")
    seconds = min(float(request.query.get("timeout", 0)), MAX_WAIT)
    await api.state.changes.wait_for(lambda: query.answer is not None, seconds)
    return web.json_response({"answered": query.answer is not None, "results": query.results})


async def file(request: web.Request) -> web.Response:
    """The bytes of a file by file_id."""
    found = request.app[WORLD].api.state.files.find(request.match_info["file"])
    if found is None:
        raise PersonError("there is no such file")
    name = json.dumps(found.name.replace('"', ""), ensure_ascii=True)
    # Only pictures and sound are shown in place; the rest is saved, never run as a page.
    place = "inline" if found.content_type.startswith(("image/", "audio/")) else "attachment"
    headers = {"Content-Disposition": f"{place}; filename={name}", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=found.data, content_type=found.content_type, headers=headers)


async def events(request: web.Request) -> web.StreamResponse:
    """Server-sent events: {kind, version, chat | person ...} for every change."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    changes = request.app[WORLD].api.state.changes
    try:
        await response.write(
            f"data: {json.dumps({'kind': 'hello', 'version': changes.version})}\n\n".encode()
        )
        async for event in changes.feed(HEARTBEAT):
            await response.write(b": \n\n" if event is None else f"data: {json.dumps(event)}\n\n".encode())
    except (ConnectionResetError, asyncio.CancelledError):
        return response
    return response


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """PersonError and wrong numbers become 400 {error}."""
    try:
        return await handler(request)
    except (PersonError, ValueError) as error:
        return web.json_response({"error": str(error)}, status=400)


def add_routes(app: web.Application) -> None:
    person = r"/people/{person:\d+}"
    app.router.add_get("/people", list_people)
    app.router.add_post("/people", add_person)
    app.router.add_get("/people/events", events)
    app.router.add_get("/people/files/{file}", file)
    app.router.add_get(f"{person}/messages", history)
    app.router.add_get(f"{person}/wait", wait)
    app.router.add_get(f"{person}/toasts", toasts)
    app.router.add_get(person + "/inline/{query}", inline_results)
    app.router.add_post(person + "/{act}", act)
