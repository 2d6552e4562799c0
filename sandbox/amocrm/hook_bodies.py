"""Webhook bodies: the old field names, everything a string, PHP's brackets."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sandbox.amocrm.seed import LOST, WON
from sandbox.amocrm.state import Change, Record, State

DATES = ("date", "birthday", "date_time")
ELEMENTS = {"contacts": 1, "leads": 2, "companies": 3}


def item(state: State, entity: str, action: str, record: Record) -> Record:
    """One item of leads[...] or contacts[...]."""
    if action == "delete":
        keys = ("id", "status_id", "pipeline_id") if entity == "leads" else ("id",)
        kind = {} if entity == "leads" else {"type": "contact" if entity == "contacts" else "company"}
        return {**{key: record[key] for key in keys}, **kind}
    result = {
        "id": record["id"], "name": record["name"], "responsible_user_id": record["responsible_user_id"],
        "last_modified": record["updated_at"], "modified_user_id": record["updated_by"],
        "created_user_id": record["created_by"], "date_create": record["created_at"],
        "tags": [{"id": tag, "name": state.tags[entity].get(tag, "")} for tag in record["tags"]],
        "account_id": record["account_id"], "custom_fields": _custom(state, entity, record),
        "created_at": record["created_at"], "updated_at": record["updated_at"],
    }  # fmt: skip
    if entity == "leads":
        closed = record["status_id"] in (WON, LOST)
        result |= {key: record[key] for key in ("status_id", "pipeline_id", "price")}
        result |= {"date_close": record["closed_at"]} if closed else {}
    else:
        leads = [lead["id"] for lead in state.live("leads") if record["id"] in lead["contacts"]]
        result |= {"type": "contact" if entity == "contacts" else "company"}
        result |= {"linked_leads_id": {str(lead): {"ID": lead} for lead in leads}} if leads else {}
    return result


def _custom(state: State, entity: str, record: Record) -> list[Record]:
    found = []
    for field in state.fields[entity].values():
        values = record["values"].get(field["id"])
        if values:
            code = {"code": field["code"]} if field["code"] else {}
            found.append({"id": field["id"], "name": field["name"], "values": _values(field, values), **code})
    return found


def _values(field: Record, values: list[Record]) -> Any:
    if field["type"] in DATES:
        return [value["value"] for value in values]
    shown = [
        {"value": value["value"], **({"enum": value["enum_id"]} if value.get("enum_id") else {})}
        for value in values
    ]
    return shown[0] if field["type"] == "radiobutton" else shown


def note(entity: str, record: Record) -> Record:
    """One item of leads[note][...]."""
    moment = datetime.fromtimestamp(record["created_at"], UTC).strftime("%Y-%m-%d %H:%M:%S")
    return {"note": {
        "id": record["id"], "text": record["params"].get("text", ""), "note_type": 4,
        "element_type": ELEMENTS[entity], "element_id": record["entity_id"], "attachement": "",
        "metadata": "{}",
        "created_by": record["created_by"], "modified_by": record["updated_by"],
        "main_user_id": record["responsible_user_id"], "account_id": record["account_id"],
        "date_create": moment, "timestamp_x": moment,
        "created_at": record["created_at"], "updated_at": record["updated_at"],
    }}  # fmt: skip


def task(record: Record) -> Record:
    """One item of task[...]: some moments are texts, some unix seconds."""

    def text(stamp: int) -> str:
        return datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d %H:%M:%S")

    return {
        "id": record["id"], "element_id": record["entity_id"],
        "element_type": ELEMENTS.get(record["entity_type"] or "", ""), "task_type": record["task_type_id"],
        "text": record["text"], "status": record["is_completed"], "responsible_user_id":
        record["responsible_user_id"], "date_create": text(record["created_at"]),
        "last_modified": text(record["updated_at"]), "complete_till": text(record["complete_till"]),
        "complete_before": record["complete_till"], "account_id": record["account_id"],
        "created_at": record["created_at"], "updated_at": record["updated_at"], "action_close": 0,
    }  # fmt: skip


def encode(state: State, changes: list[Change]) -> bytes:
    """The body of one POST, closed by the account."""
    tree: dict[str, Any] = {}
    for change in changes:
        tree.setdefault(change.block, {}).setdefault(change.action, []).append(change.item)
    place = state.account["subdomain"]
    account = {
        "subdomain": place,
        "id": state.account["id"],
        "_links": {"self": f"https://{place}.amocrm.ru"},
    }
    return urlencode(list(flat({**tree, "account": account}))).encode()


def flat(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """PHP's brackets: a[b][0]=c."""
    if isinstance(value, dict):
        items = [(str(key), part) for key, part in value.items()]
    elif isinstance(value, list):
        items = [(str(at), part) for at, part in enumerate(value)]
    else:
        return [(prefix, _text(value))]
    return [pair for key, part in items for pair in flat(part, f"{prefix}[{key}]" if prefix else key)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value)
