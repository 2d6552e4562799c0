"""What hangs on a record: activities, to-dos, comments, log lines, tasks."""

from typing import Any

from sandbox.bitrix24 import events, listing
from sandbox.bitrix24.answers import Json, Refusal, Result, missing, not_found, old_check
from sandbox.bitrix24.calls import Call
from sandbox.bitrix24.params import flag, mapping, number
from sandbox.bitrix24.schema import TYPE_IDS, TYPE_NAMES
from sandbox.bitrix24.state import PORTAL_ZONE, Record, State
from sandbox.bitrix24.values import READERS

MEETING, CALL, EMAIL = 1, 2, 4
PROVIDERS = {MEETING: "CRM_MEETING", CALL: "VOXIMPLANT_CALL", EMAIL: "CRM_EMAIL"}
COLUMNS = (
    "ID", "OWNER_ID", "OWNER_TYPE_ID", "TYPE_ID", "PROVIDER_ID", "SUBJECT", "CREATED", "LAST_UPDATED",
    "START_TIME", "END_TIME", "DEADLINE", "COMPLETED", "RESPONSIBLE_ID", "PRIORITY", "DESCRIPTION",
    "DESCRIPTION_TYPE", "DIRECTION", "ORIGINATOR_ID", "ORIGIN_ID", "AUTHOR_ID",
)  # fmt: skip


def add(call: Call) -> int:
    """crm.activity.add: calls, meetings, letters. Its checks are the older ones, with an empty code."""
    given = call.fields()
    kind = number(given.get("TYPE_ID"))
    for name, fits in (
        ("SUBJECT", bool(given.get("SUBJECT"))),
        ("RESPONSIBLE_ID", number(given.get("RESPONSIBLE_ID")) in call.state.users),
        ("TYPE_ID", kind in PROVIDERS),
        ("COMMUNICATIONS", _communications(given)),
    ):
        if not fits:
            raise old_check(f"The field {name} is not defined or invalid")
    if kind == CALL and len(given["COMMUNICATIONS"]) > 1:
        raise old_check("The only one communication is allowed for activity of specified type")
    if not _exists(call.state, given.get("OWNER_TYPE_ID"), given.get("OWNER_ID")):
        raise old_check(
            "Could not build binding. Please ensure that owner info and communications are defined correctly"
        )
    return _stored(call, {**_activity(call, given), "PROVIDER_ID": PROVIDERS[kind or 0]})


def _communications(given: Json) -> bool:
    found = given.get("COMMUNICATIONS")
    items = list(mapping(found).values())
    return bool(items) and all(isinstance(item, dict) and item.get("VALUE") for item in items)


def _exists(state: State, type_id: Any, record_id: Any) -> bool:
    kind, key = number(type_id), number(record_id)
    return kind in TYPE_NAMES and key in state.table(kind)


def _moment(call: Call, value: Any, default: str) -> str:
    field = call.state.fields[1]["birthdate"]
    return str(READERS["datetime"](call.state, field, value) or default)


def _activity(call: Call, given: Json) -> Record:
    now = call.state.stamp()
    kept = {key: str(given[key]) for key in COLUMNS if given.get(key) is not None}
    start = _moment(call, given.get("START_TIME"), now)
    end = _moment(call, given.get("END_TIME"), start)
    done = "Y" if flag(given.get("COMPLETED", "N")) else "N"
    base = dict.fromkeys(COLUMNS, "") | {"ORIGIN_ID": None, "ORIGINATOR_ID": None, "PRIORITY": "2"}
    return {
        **base, **kept, "START_TIME": start, "END_TIME": end, "DEADLINE": end, "COMPLETED": done,
        "CREATED": now, "LAST_UPDATED": now, "AUTHOR_ID": str(call.actor.user_id),
        "COMMUNICATIONS": given.get("COMMUNICATIONS", []),
    }  # fmt: skip


def _stored(call: Call, record: Record) -> int:
    made = call.state.number("activity")
    call.state.table("activity")[made] = {**record, "ID": str(made)}
    events.happened(call.state, "activity", "ADD", made)
    return made


def get(call: Call) -> Json:
    """crm.activity.get"""
    record = call.state.table("activity").get(number(call.needed("id", "ID")) or 0)
    if record is None:
        raise old_check("Activity is not found")
    return record


def list_(call: Call) -> Result:
    """crm.activity.list: COMMUNICATIONS only when selected."""
    params = {key.lower(): value for key, value in call.params.items()}
    chosen = params.get("select") or ["*"]

    def stored(name: str) -> str | None:
        return name if name in COLUMNS else None

    found, result = listing.select(list(call.state.all("activity")), params, stored, "START_TIME")
    several = "COMMUNICATIONS" in chosen
    rows = [{k: v for k, v in row.items() if several or k != "COMMUNICATIONS"} for row in found]
    if "*" not in chosen:
        rows = [{k: v for k, v in row.items() if k in {*chosen, "ID"}} for row in rows]
    return Result(rows, result.next, result.total)


def update(call: Call) -> bool:
    """crm.activity.update: of what is given, the columns there are."""
    record = call.state.table("activity").get(number(call.needed("id", "ID")) or 0)
    if record is None:
        raise old_check("Activity is not found")
    given = call.fields()
    record |= {key: str(given[key]) for key in COLUMNS if given.get(key) is not None and key != "ID"}
    for name in ("START_TIME", "END_TIME"):
        if given.get(name) is not None:
            record[name] = _moment(call, given[name], record[name])
    if given.get("END_TIME") is not None:
        record["DEADLINE"] = record["END_TIME"]
    _touched(call, record)
    return True


def _touched(call: Call, record: Record) -> None:
    record["LAST_UPDATED"] = call.state.stamp()
    events.happened(call.state, "activity", "UPDATE", int(record["ID"]))


def todo_update(call: Call) -> Json:
    """crm.activity.todo.update: the to-do, its owner and its deadline are required; one that is completed
    takes no change."""
    key, owner = number(call.needed("id")), number(call.needed("ownerId"))
    deadline, owner_type = call.needed("deadline"), call.needed("ownerTypeId")
    if not _exists(call.state, owner_type, owner):
        raise Refusal(400, "OWNER_NOT_FOUND", "Owner of the entity not found")
    record = call.state.table("activity").get(key or 0)
    if record is None or (record["PROVIDER_ID"], record["OWNER_ID"]) != ("CRM_TODO", str(owner)):
        raise Refusal(400, "NOT_FOUND", "Not found.")
    if record["COMPLETED"] == "Y":
        raise Refusal(400, "CAN_NOT_UPDATE_COMPLETED_TODO", "Completed deal cannot be modified")
    try:
        moment = _moment(call, deadline, "")
    except Refusal:
        raise Refusal(400, "WRONG_DATETIME_FORMAT", "Incorrect date format") from None
    record |= {"START_TIME": moment, "END_TIME": moment, "DEADLINE": moment}
    named = {"title": "SUBJECT", "description": "DESCRIPTION", "responsibleId": "RESPONSIBLE_ID"}
    record |= {theirs: str(call.params[name]) for name, theirs in named.items() if call.params.get(name)}
    _touched(call, record)
    return {"id": key}


def todo_add(call: Call) -> Json:
    """crm.activity.todo.add: `deadline` is required."""
    owner_type, owner = call.needed("ownerTypeId"), call.needed("ownerId")
    deadline = call.needed("deadline")
    if not _exists(call.state, owner_type, owner):
        raise Refusal(400, "OWNER_NOT_FOUND", "Owner of the entity not found")
    try:
        moment = _moment(call, deadline, "")
    except Refusal:
        raise Refusal(400, "WRONG_DATETIME_FORMAT", "Incorrect date format") from None
    responsible = number(call.params.get("responsibleId")) or call.actor.user_id
    if responsible not in call.state.users:
        raise Refusal(400, "ACCESS_DENIED", "Insufficient permissions to perform the operation")
    given = {
        "OWNER_TYPE_ID": owner_type, "OWNER_ID": owner, "TYPE_ID": 6,
        "SUBJECT": call.params.get("title") or "Дело",
        "DESCRIPTION": call.params.get("description", ""), "RESPONSIBLE_ID": responsible,
        "START_TIME": moment, "END_TIME": moment,
    }  # fmt: skip
    return {"id": _stored(call, {**_activity(call, given), "PROVIDER_ID": "CRM_TODO"})}


def comment_add(call: Call) -> int:
    """crm.timeline.comment.add"""
    given = call.fields()
    for name in ("ENTITY_ID", "ENTITY_TYPE"):
        if not given.get(name):
            raise missing(name)
    kind = str(given["ENTITY_TYPE"])
    if kind not in TYPE_IDS or not _exists(call.state, TYPE_IDS[kind], given["ENTITY_ID"]):
        raise Refusal(400, "OWNER_NOT_FOUND", "Owner of the item not found")
    if not str(given.get("COMMENT") or "").strip():
        raise Refusal(400, "INVALID_ARG_VALUE", "Empty comment message")
    made = call.state.number("comment")
    author = number(given.get("AUTHOR_ID")) or call.actor.user_id
    call.state.table("comment")[made] = {
        "ID": str(made), "ENTITY_ID": str(given["ENTITY_ID"]), "ENTITY_TYPE": kind,
        "CREATED": call.state.stamp(), "COMMENT": str(given["COMMENT"]), "AUTHOR_ID": str(author),
        "FILES": [],
    }  # fmt: skip
    events.happened(call.state, "timelinecomment", "ADD", made)
    return made


def comment_list(call: Call) -> Result:
    """crm.timeline.comment.list: the filter must name the record."""
    params = {key.lower(): value for key, value in call.params.items()}
    wanted = mapping(params.get("filter"))
    if not {"ENTITY_ID", "ENTITY_TYPE"} <= {key.lstrip("=") for key in wanted}:
        raise missing("filter")

    def stored(name: str) -> str | None:
        return name if name in ("ID", "CREATED", "AUTHOR_ID", "ENTITY_ID", "ENTITY_TYPE") else None

    found, result = listing.select(list(call.state.all("comment")), params, stored, "ID")
    return Result([dict(row) for row in found], result.next, result.total)


def comment_get(call: Call) -> Json:
    """crm.timeline.comment.get"""
    record = call.state.table("comment").get(number(call.needed("id", "ID")) or 0)
    if record is None:
        raise not_found("Not found.")
    return record


def log_add(call: Call) -> Json:
    """crm.timeline.logmessage.add"""
    given = call.fields()
    for name in ("entityTypeId", "entityId", "title", "text", "iconCode"):
        if not given.get(name):
            raise missing(name)
    if not _exists(call.state, given["entityTypeId"], given["entityId"]):
        raise Refusal(400, "OWNER_NOT_FOUND", "Owner of the entity not found")
    made = call.state.number("logmessage")
    line = {"id": made, "created": call.state.stamp(), "authorId": call.actor.user_id}
    line |= {key: given[key] for key in ("title", "text", "iconCode")}
    call.state.table("logmessage")[made] = {**line, "owner": (given["entityTypeId"], given["entityId"])}
    return {"logMessage": line}


def task_add(call: Call) -> Json:
    """tasks.task.add: ids are strings, names camelCase."""
    given = call.fields()
    if not given.get("TITLE") or number(given.get("RESPONSIBLE_ID")) not in call.state.users:
        raise Refusal(400, "100", "TITLE and RESPONSIBLE_ID are required")
    made = call.state.number("task")
    task = {
        "id": str(made), "title": str(given["TITLE"]), "responsibleId": str(given["RESPONSIBLE_ID"]),
        "deadline": given.get("DEADLINE"), "ufCrmTask": list(mapping(given.get("UF_CRM_TASK", [])).values()),
        "createdDate": call.state.clock.now().astimezone(PORTAL_ZONE).isoformat(timespec="seconds"),
    }  # fmt: skip
    call.state.table("task")[made] = task
    return {"task": task}
