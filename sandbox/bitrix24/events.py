"""Events: who listens, what waits, and the one POST each handler gets."""

import asyncio
from urllib.parse import urlencode

import aiohttp

from sandbox.bitrix24.answers import Json, Refusal
from sandbox.bitrix24.params import mapping, number
from sandbox.bitrix24.schema import TYPE_NAMES
from sandbox.bitrix24.state import Actor, Delivery, Listener, Record, State

ENTITIES = ("LEAD", "DEAL", "CONTACT", "COMPANY", "ACTIVITY", "TIMELINECOMMENT")
EVENTS = frozenset(
    {f"ONCRM{entity}{what}" for entity in ENTITIES for what in ("ADD", "UPDATE", "DELETE")}
    | {
        "ONCRMDEALMOVETOCATEGORY",
        "ONTASKADD",
        "ONTASKUPDATE",
        "ONTASKDELETE",
        "ONAPPINSTALL",
        "ONAPPUNINSTALL",
    }
)
DELAY = 1.0
MAX_OFFLINE = 50


def happened(state: State, entity: int | str, what: str, number_: int) -> None:
    """Something was done to a record: whoever listens will hear its id, the doer too."""
    name = f"ONCRM{(TYPE_NAMES[entity] if isinstance(entity, int) else entity).upper()}{what}"
    for listener in state.listeners:
        if listener.event != name:
            continue
        if listener.offline:
            _keep_offline(state, name, number_)
        else:
            state.events.append((listener, name, {"id": number_, "ts": int(state.clock.now().timestamp())}))


def _keep_offline(state: State, name: str, number_: int) -> None:
    """One row an object and event: a later one takes the place of the earlier."""
    data = {"FIELDS": {"ID": str(number_)}}
    state.offline = [row for row in state.offline if (row["EVENT_NAME"], row["EVENT_DATA"]) != (name, data)]
    row_id = str(state.number("offline"))
    state.offline.append(
        {"ID": row_id, "TIMESTAMP_X": state.stamp(), "EVENT_NAME": name, "EVENT_DATA": data,
         "EVENT_ADDITIONAL": False, "MESSAGE_ID": row_id}
    )  # fmt: skip


def bind(state: State, actor: Actor, params: Json) -> bool:
    """event.bind. Raises Refusal ERROR_EVENT_NOT_FOUND, ERROR_ARGUMENT, or for a handler bound already."""
    assert actor.app is not None
    event, handler = _named(params)
    offline = params.get("event_type") == "offline"
    if not handler and not offline:
        raise Refusal(400, "ERROR_ARGUMENT", "Argument 'HANDLER' is null or empty", argument="HANDLER")
    if offline and not state.users[actor.user_id].admin:
        text = "Access denied! Offline events binding requires administrator access rights"
        raise Refusal(403, "ACCESS_DENIED", text)
    auth_type = number(params.get("auth_type")) or 0
    if any((one.event, one.handler, one.auth_type) == (event, handler, auth_type) and one.app is actor.app
           for one in state.listeners):  # fmt: skip
        raise Refusal(400, "ERROR_EVENT_BINDING", "Unable to set event handler: Handler already binded")
    token, mark = actor.app.application_token, state.number("listener")
    state.listeners.append(Listener(mark, event, handler, token, actor.app, auth_type, offline))
    return True


def unbind(state: State, actor: Actor, params: Json) -> Json:
    """event.unbind: how many were taken away."""
    event, handler = _named(params)
    auth_type = number(params.get("auth_type", params.get("AUTH_TYPE")))
    gone = [
        one for one in state.listeners
        if one.app is actor.app and one.event == event and one.handler == handler
        and auth_type in (None, one.auth_type)
    ]  # fmt: skip
    state.listeners = [one for one in state.listeners if one not in gone]
    return {"count": len(gone)}


def _named(params: Json) -> tuple[str, str]:
    lowered = {key.lower(): value for key, value in params.items()}
    event = str(lowered.get("event", "")).upper()
    if event not in EVENTS:
        raise Refusal(400, "ERROR_EVENT_NOT_FOUND", "Event not found")
    return event, str(lowered.get("handler", ""))


def listed(state: State, actor: Actor) -> list[Json]:
    """event.get: the application's own handlers."""
    return [
        {
            "event": one.event,
            "handler": one.handler,
            "auth_type": str(one.auth_type),
            "offline": int(one.offline),
        }
        for one in state.listeners
        if one.app is actor.app
    ]


def offline_get(state: State, params: Json) -> Json:
    """event.offline.get: taken off the list unless `clear` is 0; then until event.offline.clear."""
    wanted = set(mapping(params.get("filter")).values())
    limit = min(number(params.get("limit", MAX_OFFLINE)) or MAX_OFFLINE, MAX_OFFLINE)
    rows = [row for row in state.offline if not wanted or row["EVENT_NAME"] in wanted]
    rows = [row for row in rows if "process" not in row][:limit]
    process = None
    if str(params.get("clear", 1)) in ("0", "false", "False", "N"):
        process = f"p{state.number('process')}"
        for row in rows:
            row["process"] = process
    else:
        state.offline = [row for row in state.offline if row not in rows]
    shown = [{key: value for key, value in row.items() if key != "process"} for row in rows]
    return {"process_id": process, "events": shown}


def offline_clear(state: State, params: Json) -> bool:
    """event.offline.clear: the rows of a process are done."""
    state.offline = [row for row in state.offline if row.get("process") != params.get("process_id")]
    return True


class Courier:
    """Sends what waits, a moment after it happened. Each event is tried once, whatever comes of it.

    `timeout` is how long a handler may think, in real seconds.
    """

    def __init__(self, state: State, timeout: float = 5.0) -> None:
        self._state = state
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        """Look every second of the state's clock until cancelled."""
        while True:
            await self._state.clock.sleep(DELAY)
            await self.deliver_now()

    async def deliver_now(self) -> int:
        """Send all that waits; returns the number of POSTs."""
        async with self._lock:
            waiting, self._state.events[:] = list(self._state.events), []
            for listener, name, about in waiting:
                await self._send(listener, name, about)
            return len(waiting)

    async def _send(self, listener: Listener, name: str, about: Record) -> None:
        body = form(self._state, listener, name, about)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "Bitrix24 Webhook Engine",
        }
        status = 0
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as session,
                session.post(listener.handler, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
        except (TimeoutError, aiohttp.ClientError, ValueError, OSError):
            pass
        self._state.deliveries.append(Delivery(name, listener.handler, body, status, self._state.stamp()))


def form(state: State, listener: Listener, name: str, about: Record) -> str:
    """The body of a delivery; an application's has its token besides."""
    pairs = {"event": name, "event_handler_id": str(listener.number), "data[FIELDS][ID]": str(about["id"]),
             "ts": str(about["ts"])}  # fmt: skip
    if listener.app is not None:
        token = next(reversed(listener.app.access), "")
        pairs |= {"auth[access_token]": token, "auth[expires_in]": "3600",
                  "auth[scope]": ",".join(listener.app.scopes), "auth[status]": "L"}  # fmt: skip
    pairs |= {
        "auth[domain]": state.base_url.partition("://")[2],
        "auth[client_endpoint]": f"{state.base_url}/rest/",
        "auth[server_endpoint]": f"{state.base_url}/rest/",
        "auth[member_id]": state.member_id,
        "auth[application_token]": listener.token,
    }
    return urlencode(pairs)
