"""Which method of api/v4 does what."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.amocrm import activities, entities, listing, seed, webhooks, writing
from sandbox.amocrm.answers import NOTHING, Reply, Violations, problem
from sandbox.amocrm.listing import Query
from sandbox.amocrm.state import Record, State

FIELDS_A_PAGE = 50
EVENTS_A_PAGE = 100
TASK_TYPES = (("Связаться", "FOLLOW_UP"), ("Встреча", "MEETING"))


@dataclass(frozen=True, slots=True)
class Ask:
    """An authorised request: who asks, what the path held, the query and the body."""

    state: State
    user: Record
    parts: tuple[str, ...]
    query: Query
    body: Any

    @property
    def entity(self) -> str:
        return self.parts[0]

    @property
    def id(self) -> int:
        """The number of the path; 0 stands for what cannot be one."""
        return int(self.parts[-1]) if self.parts[-1].isdigit() else 0


def account(ask: Ask) -> Reply:
    state = ask.state
    body = {key: value for key, value in state.account.items() if key != "duplicate_control"}
    wanted = listing.included(ask.query)
    for name in ("version", "is_api_filter_enabled"):
        if name not in wanted:
            body.pop(name)
    embedded: Record = {}
    if "task_types" in wanted:
        embedded["task_types"] = [
            {"id": at, "name": name, "color": None, "icon_id": None, "code": code}
            for at, (name, code) in enumerate(TASK_TYPES, 1)
        ]
    if "datetime_settings" in wanted:
        embedded["datetime_settings"] = {
            "date_pattern": "d.m.Y H:i", "timezone": "Europe/Moscow", "timezone_offset": "+03:00"
        }  # fmt: skip
    return Reply(200, {**body, "current_user_id": ask.user["id"], "_embedded": embedded})


def listed(ask: Ask) -> Reply:
    return listing.records(ask.state, ask.entity, ask.query)


def read(ask: Ask) -> Reply:
    record = ask.state.find(ask.entity, ask.id)
    if record is None:
        return NOTHING
    return Reply(200, entities.shown(ask.state, ask.entity, record, listing.included(ask.query)))


def linked(ask: Ask) -> Reply:
    lead = ask.state.find("leads", ask.id)
    found = writing.links(lead) if lead else []
    return Reply(200, {"_embedded": {"links": found}}) if found else NOTHING


def notes_of(ask: Ask) -> Reply:
    return activities.notes(ask.state, ask.entity, ask.id, ask.query)


def add_notes_to(ask: Ask) -> Reply:
    return activities.add_notes(ask.state, ask.user, ask.entity, ask.id, ask.body)


def custom_fields(ask: Ask) -> Reply:
    found = list(ask.state.fields[ask.entity].values())
    return listing.page(
        ask.state, f"{ask.entity}/custom_fields", "custom_fields", found, ask.query, FIELDS_A_PAGE
    )


def add_custom_fields(ask: Ask) -> Reply:
    _admin(ask)
    faults = Violations()
    for at, item in enumerate(writing.items(ask.body)):
        if not item.get("name") or not item.get("type"):
            faults.add(str(at), "name", "FieldMissing", "This field is missing.")
    faults.check()
    made = [
        seed.add_field(ask.state, ask.entity, item["name"], item["type"], item.get("code") or "",
                       tuple(option["value"] for option in item.get("enums") or ()))
        for item in ask.body
    ]  # fmt: skip
    return Reply(200, {"_total_items": len(made), "_embedded": {"custom_fields": made}})


def tags(ask: Ask) -> Reply:
    words = listing.one(ask.query, "query").casefold()
    found = [{"id": tag, "name": name, "color": None} for tag, name in ask.state.tags[ask.entity].items()
             if words in name.casefold()]  # fmt: skip
    return listing.page(ask.state, f"{ask.entity}/tags", "tags", found, ask.query)


def add_tags(ask: Ask) -> Reply:
    made = []
    for at, item in enumerate(writing.items(ask.body)):
        tag_id = ask.state.new_id()
        ask.state.tags[ask.entity][tag_id] = str(item.get("name"))
        made.append({"id": tag_id, "name": item.get("name"), "color": None, "request_id": str(at)})
    return Reply(200, {"_total_items": len(made), "_embedded": {"tags": made}})


def pipelines(ask: Ask) -> Reply:
    found = sorted(ask.state.pipelines.values(), key=lambda one: one["sort"])
    return Reply(200, {"_total_items": len(found), "_embedded": {"pipelines": found}})


def loss_reasons(ask: Ask) -> Reply:
    found = list(ask.state.loss_reasons.values())
    return (
        Reply(200, {"_total_items": len(found), "_embedded": {"loss_reasons": found}}) if found else NOTHING
    )


def users(ask: Ask) -> Reply:
    _admin(ask)
    return listing.page(ask.state, "users", "users", list(ask.state.users.values()), ask.query)


def events(ask: Ask) -> Reply:
    kinds = listing.many(ask.query, "filter[type]")
    since = int(listing.one(ask.query, "filter[created_at][from]", "0"))
    found = [
        event
        for event in reversed(ask.state.events)
        if (not kinds or event["type"] in kinds) and event["created_at"] >= since
    ]
    return listing.page(ask.state, "events", "events", found, ask.query, EVENTS_A_PAGE)


def _admin(ask: Ask) -> None:
    if not ask.user["rights"]["is_admin"]:
        raise problem(403, "Administrator rights are needed")


def hooks_admin(handler: Callable[[Ask], Reply]) -> Callable[[Ask], Reply]:
    """The hooks are an administrator's."""

    def guarded(ask: Ask) -> Reply:
        _admin(ask)
        return handler(ask)

    return guarded


E = "(leads|contacts|companies)"
ROUTES: tuple[tuple[str, str, Callable[[Ask], Reply]], ...] = (
    ("GET", "account", account),
    ("POST", "leads/complex", lambda ask: writing.create_complex(ask.state, ask.user, ask.body)),
    ("GET", "leads/pipelines", pipelines),
    ("GET", "leads/loss_reasons", loss_reasons),
    ("GET", f"{E}/custom_fields", custom_fields),
    ("POST", f"{E}/custom_fields", add_custom_fields),
    ("GET", f"{E}/tags", tags),
    ("POST", f"{E}/tags", add_tags),
    ("GET", f"{E}/notes", lambda ask: activities.notes(ask.state, ask.entity, None, ask.query)),
    ("POST", f"{E}/notes", lambda ask: activities.add_notes(ask.state, ask.user, ask.entity, None, ask.body)),
    ("GET", f"{E}", listed),
    ("POST", f"{E}", lambda ask: writing.create(ask.state, ask.user, ask.entity, ask.body)),
    ("PATCH", f"{E}", lambda ask: writing.change(ask.state, ask.user, ask.entity, ask.body)),
    ("GET", f"{E}/([0-9a-z]+)", read),
    (
        "PATCH",
        f"{E}/(\\w+)",
        lambda ask: writing.change_one(ask.state, ask.user, ask.entity, ask.id, ask.body),
    ),
    ("GET", f"{E}/(\\w+)/notes", notes_of),
    ("POST", f"{E}/(\\w+)/notes", add_notes_to),
    ("GET", "leads/(\\w+)/links", linked),
    ("POST", "leads/(\\w+)/link", lambda ask: writing.link(ask.state, ask.user, ask.id, ask.body)),
    ("POST", "leads/(\\w+)/unlink", lambda ask: writing.unlink(ask.state, ask.user, ask.id, ask.body)),
    ("GET", "tasks", lambda ask: activities.tasks(ask.state, ask.query)),
    ("POST", "tasks", lambda ask: activities.add_tasks(ask.state, ask.user, ask.body)),
    ("PATCH", "tasks/(\\d+)", lambda ask: activities.change_task(ask.state, ask.user, ask.id, ask.body)),
    ("POST", "calls", lambda ask: activities.add_calls(ask.state, ask.user, ask.body)),
    ("GET", "users", users),
    ("GET", "events", events),
    ("GET", "webhooks", hooks_admin(lambda ask: webhooks.registered(ask.state, ask.query))),
    ("POST", "webhooks", hooks_admin(lambda ask: webhooks.register(ask.state, ask.user, ask.body))),
    ("DELETE", "webhooks", hooks_admin(lambda ask: webhooks.remove(ask.state, ask.body))),
)
