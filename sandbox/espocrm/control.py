"""The control side: /sandbox/… JSON for tests, the demo and the page. No key is asked."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import control
from sandbox.control import read
from sandbox.espocrm import admin, render, seed
from sandbox.espocrm.acl import user_name
from sandbox.espocrm.answers import Refusal
from sandbox.espocrm.faults import DOWN_MODES, KINDS
from sandbox.espocrm.state import Record, State

if TYPE_CHECKING:
    from sandbox.espocrm.server import EspoSandbox

if TYPE_CHECKING:
    pass

SHOWN = 100
TIMELINE = ("Call", "Meeting", "Task", "Note")
NO_CHANGE = 204


class Control(control.Control):
    """Looks into the stand-in and turns its switches."""

    refusal = Refusal
    _crm: "EspoSandbox"

    def more_routes(self) -> Sequence[web.RouteDef]:
        """What a person does there."""
        return [
            web.get("/sandbox/state", self.view),
            web.post("/sandbox/records/{entity}", self.create),
            web.post("/sandbox/records/{entity}/{id}", self.change),
            web.delete("/sandbox/records/{entity}/{id}", self.delete),
            web.post("/sandbox/users", self.add_user),
        ]

    async def view(self, request: web.Request) -> web.Response:
        """Everything the page shows; 204 when `since` is the revision already seen."""
        if request.query.get("since") == str(self._crm.state.revision):
            return web.Response(status=NO_CHANGE)
        return web.json_response(overview(self._crm.state))

    async def setup(self, request: web.Request) -> web.Response:
        """Address, version, keys and users."""
        keys = asdict(self._crm.keys)
        users = {user["userName"]: user["id"] for user in self._crm.state.all("User")}
        return web.json_response(
            {"url": self._crm.url, "version": self._crm.state.version, **keys, "users": users}
        )

    async def counts(self, request: web.Request) -> web.Response:
        """How many records of each type there are; of notes only posts are counted."""
        counts = {name: len(self._crm.records(name)) for name in self._crm.state.entities}
        return web.json_response({**counts, "Note": len(self._crm.notes())})

    async def create(self, request: web.Request) -> web.Response:
        """Make a record as a person: attributes, and `user` for who does it."""
        body = await read(request)
        user = str(body.pop("user", "anna"))
        return self.done(lambda: self._crm.create(request.match_info["entity"], user, **body))

    async def change(self, request: web.Request) -> web.Response:
        """Change a record as a person; webhooks see it."""
        body = await read(request)
        user, info = str(body.pop("user", "anna")), request.match_info
        return self.done(lambda: self._crm.change(info["entity"], info["id"], user, **body))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a record as the admin."""
        info = request.match_info
        return self.done(lambda: self._crm.delete(info["entity"], info["id"]))

    async def add_user(self, request: web.Request) -> web.Response:
        """Make a user as the admin, with its own role when `rights` (and `fieldData`) are given."""
        body = await read(request)
        rights, closed = body.pop("rights", None), body.pop("fieldData", {})
        actor = seed.user_named(self._crm.state, "admin")

        def make() -> Record:
            if rights is not None:
                role = {"name": str(body.get("userName")), "data": rights, "fieldData": closed}
                made = self._crm.create("Role", "admin", **role, assignmentPermission="all")
                body["rolesIds"] = [made["id"]]
            return admin.create_user(self._crm.state, actor, body)

        return self.done(make)

    def refused(self, error: Refusal) -> web.Response:
        """What the API itself would say."""
        return web.json_response({"error": error.answer.reason}, status=error.answer.status)

    def records(self, entity: str) -> list[Any]:
        """Stored records of a type, as they are kept."""
        return self._crm.records(entity)


def overview(state: State) -> Record:
    """What the page shows, newest first."""
    leads = list(state.all("Lead"))[::-1][:SHOWN]
    people = [user for user in state.all("User") if user["type"] != "api"]
    return {
        "revision": state.revision,
        "version": state.version,
        "now": state.stamp(),
        "speed": state.clock.speed,
        "leads": [_lead(state, lead) for lead in leads],
        "totals": {name: len(state.table(name)) for name in ("Lead", "Call", "Meeting", "Task")},
        "statuses": state.entities["Lead"].fields["status"]["options"],
        "customFields": [
            name for name, field in state.entities["Lead"].fields.items() if field.get("isCustom")
        ],
        "users": [{"userName": user["userName"], "name": user_name(user)} for user in people],
        "hooks": [{key: hook.get(key) for key in HOOK_KEYS} for hook in state.all("Webhook")],
        "deliveries": [asdict(item) for item in state.deliveries[::-1][:SHOWN]],
        "waiting": len(state.events) + sum(1 for item in state.queue if item.status == "Pending"),
        "requests": [
            {"method": seen.method, "path": seen.path, "status": seen.status, "at": seen.at}
            for seen in state.requests[::-1][:SHOWN]
        ],
        "faults": [asdict(fault) for fault in state.faults],
        "faultKinds": KINDS,
        "downModes": list(DOWN_MODES),
    }


HOOK_KEYS = ("id", "event", "url", "isActive", "skipOwn")
WATCHER = seed.SYSTEM


def _lead(state: State, lead: Record) -> Record:
    item = render.full(state, WATCHER, "Lead", lead)
    activities = [
        {"scope": kind, **_activity(state, kind, record)}
        for kind in TIMELINE
        for record in state.all(kind)
        if record.get("parentId") == lead["id"] and record.get("type", "Post") == "Post"
    ]
    activities.sort(key=lambda activity: str(activity["id"]), reverse=True)
    return {**item, "activities": activities}


def _activity(state: State, kind: str, record: Record) -> Record:
    shown = render.full(state, WATCHER, kind, record)
    keys = ("id", "name", "post", "status", "direction", "dateStart", "dateEnd", "description", "priority",
            "createdAt", "createdByName", "assignedUserName")  # fmt: skip
    return {key: shown[key] for key in keys if shown.get(key) is not None}
