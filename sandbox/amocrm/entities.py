"""Leads, contacts and companies: created, changed, linked; hooks and events hear of it."""

from typing import Any

from sandbox.amocrm import fields, hook_bodies
from sandbox.amocrm.answers import Violations
from sandbox.amocrm.seed import LOST, UNSORTED, WON
from sandbox.amocrm.state import SINGULAR, Change, Record, State

PLAIN = {
    "leads": ("name", "price", "status_id", "pipeline_id", "loss_reason_id", "responsible_user_id",
              "created_by", "updated_by", "created_at", "updated_at", "closed_at"),
    "contacts": ("name", "first_name", "last_name", "responsible_user_id", "created_by", "updated_by",
                 "created_at", "updated_at"),
    "companies": ("name", "responsible_user_id", "created_by", "updated_by", "created_at", "updated_at"),
}  # fmt: skip
NUMBERS = ("price", "status_id", "pipeline_id", "loss_reason_id", "responsible_user_id", "created_by",
           "updated_by", "created_at", "updated_at", "closed_at")  # fmt: skip
EVENTS = {"status_id": "lead_status_changed", "responsible_user_id": "entity_responsible_changed"}


def create(
    state: State, user: Record, entity: str, sent: Any, request_id: str, faults: Violations
) -> Record | None:
    """Make a record that `put` keeps; None where it is refused (see `faults`)."""
    now = state.stamp()
    record: Record = {
        "id": 0, "name": "", "responsible_user_id": user["id"], "group_id": 0, "created_by": user["id"],
        "updated_by": user["id"], "created_at": now, "updated_at": now, "closest_task_at": None,
        "is_deleted": False, "account_id": state.account["id"], "values": {}, "tags": [], "company": None,
    }  # fmt: skip
    if entity == "leads":
        main = next(one for one in state.pipelines.values() if one["is_main"])
        record |= {"price": 0, "status_id": None, "pipeline_id": main["id"], "loss_reason_id": None,
                   "closed_at": None, "score": None, "source": None, "contacts": []}  # fmt: skip
    if entity == "contacts":
        record |= {"first_name": "", "last_name": ""}
    if not apply(state, entity, record, sent, request_id, faults):
        return None
    if entity == "leads" and record["status_id"] is None:
        record["status_id"] = first_stage(state, record["pipeline_id"])
    return record


def put(state: State, entity: str, record: Record) -> Record:
    """Keep a new record and tell of it."""
    record["id"] = state.new_id()
    state.tables[entity][record["id"]] = record
    tell(state, entity, "add", record)
    log(state, f"{SINGULAR[entity]}_added", entity, record, [], [])
    return record


def first_stage(state: State, pipeline_id: int) -> int:
    statuses = state.pipelines[pipeline_id]["_embedded"]["statuses"]
    return int(next(status["id"] for status in statuses if status["type"] != UNSORTED))


def apply(state: State, entity: str, record: Record, sent: Any, request_id: str, faults: Violations) -> bool:
    """Bring what was sent into the record; whether nothing was wrong with it."""
    before = len(faults.found.get(request_id, []))
    if not isinstance(sent, dict):
        faults.add(request_id, "", "InvalidType", "This value should be of type object.")
        return False
    plain = {name: sent[name] for name in PLAIN[entity] if name in sent}
    _check_plain(state, plain, request_id, faults)
    if entity == "leads":
        _check_stage(state, record, plain, request_id, faults)
    fields.store(state, entity, record["values"], sent.get("custom_fields_values"), request_id, faults)
    embedded = sent.get("_embedded") or {}
    _apply_links(state, entity, record, embedded, request_id, faults)
    if len(faults.found.get(request_id, [])) > before:
        return False
    record.update({name: value for name, value in plain.items() if value is not None or name not in NUMBERS})
    if entity == "contacts":
        _name_contact(record, plain)
    _apply_tags(state, entity, record, sent, embedded)
    return True


def _check_plain(state: State, plain: Record, request_id: str, faults: Violations) -> None:
    for name, value in plain.items():
        if value is None:
            continue
        if name in NUMBERS and (isinstance(value, bool) or not isinstance(value, int)):
            faults.add(request_id, name, "InvalidType", "This value should be of type int.")
        elif name not in NUMBERS and not isinstance(value, str):
            faults.add(request_id, name, "InvalidType", "This value should be of type string.")
    user = state.users.get(plain.get("responsible_user_id") or 0)
    if plain.get("responsible_user_id") is not None and (user is None or not user["rights"]["is_active"]):
        faults.not_a_choice(request_id, "responsible_user_id")
    if plain.get("loss_reason_id") is not None and plain["loss_reason_id"] not in state.loss_reasons:
        faults.not_a_choice(request_id, "loss_reason_id")


def _check_stage(state: State, record: Record, plain: Record, request_id: str, faults: Violations) -> None:
    pipeline_id = plain.get("pipeline_id") or record["pipeline_id"]
    pipeline = state.pipelines.get(pipeline_id)
    if pipeline is None:
        return faults.not_a_choice(request_id, "pipeline_id")
    kinds = {status["id"]: status["type"] for status in pipeline["_embedded"]["statuses"]}
    status_id = plain.get("status_id")
    if status_id is not None and status_id not in kinds:
        return faults.not_a_choice(request_id, "status_id")
    if status_id is not None and record["id"] and kinds.get(record["status_id"]) == UNSORTED:
        return faults.add(request_id, "status_id", "NotAllowed", "Accept the lead from Unsorted first.")
    if plain.get("pipeline_id") not in (None, record["pipeline_id"]) and status_id is None and record["id"]:
        plain["status_id"] = first_stage(state, pipeline_id)
    return None


def _apply_links(
    state: State, entity: str, record: Record, embedded: Record, request_id: str, faults: Violations
) -> None:
    if entity != "leads":
        return
    for at, item in enumerate(embedded.get("contacts") or ()):
        if state.find("contacts", item.get("id") or 0) is None:
            faults.not_a_choice(request_id, f"_embedded.contacts.{at}.id")
        elif item["id"] not in record["contacts"]:
            record["contacts"].insert(0 if item.get("is_main") else len(record["contacts"]), item["id"])
    for at, item in enumerate(embedded.get("companies") or ()):
        if state.find("companies", item.get("id") or 0) is None:
            faults.not_a_choice(request_id, f"_embedded.companies.{at}.id")
        else:
            record["company"] = item["id"]
    if embedded.get("source"):
        record["source"] = {"external_id": embedded["source"].get("external_id"), "type": "widget"}


def _name_contact(record: Record, plain: Record) -> None:
    if "first_name" in plain or "last_name" in plain:
        parts = (record["first_name"] or "", record["last_name"] or "")
        record["name"] = " ".join(part for part in parts if part)


def _apply_tags(state: State, entity: str, record: Record, sent: Record, embedded: Record) -> None:
    if "tags" in embedded:
        record["tags"] = [_tag(state, entity, tag) for tag in embedded["tags"] or ()]
    for tag in sent.get("tags_to_add") or ():
        tag_id = _tag(state, entity, tag)
        if tag_id not in record["tags"]:
            record["tags"].append(tag_id)
    gone = {_tag(state, entity, tag) for tag in sent.get("tags_to_delete") or ()}
    record["tags"] = [tag_id for tag_id in record["tags"] if tag_id not in gone]


def _tag(state: State, entity: str, tag: Record) -> int:
    """The id of a tag; a name that is new makes one."""
    if tag.get("id") is not None:
        return int(tag["id"])
    tags = state.tags[entity]
    known = next((tag_id for tag_id, name in tags.items() if name == tag.get("name")), None)
    if known is None:
        known = state.new_id()
        tags[known] = str(tag.get("name"))
    return known


def change(
    state: State, user: Record, entity: str, record: Record, sent: Any, request_id: str, faults: Violations
) -> bool:
    """Change a record in place; False and nothing changed where it is refused."""
    draft = {**record, "values": dict(record["values"]), "tags": list(record["tags"])}
    if entity == "leads":
        draft["contacts"] = list(record["contacts"])
    if not apply(state, entity, draft, sent, request_id, faults):
        return False
    if "updated_at" not in sent:
        draft |= {"updated_at": state.stamp(), "updated_by": user["id"]}
    if entity == "leads" and draft["status_id"] != record["status_id"]:
        draft["closed_at"] = state.stamp() if draft["status_id"] in (WON, LOST) else None
    old = dict(record)
    record.update(draft)
    _tell_change(state, entity, record, old)
    return True


def _tell_change(state: State, entity: str, record: Record, old: Record) -> None:
    moved = entity == "leads" and (old["status_id"], old["pipeline_id"]) != (
        record["status_id"],
        record["pipeline_id"],
    )
    was = {"old_status_id": old["status_id"], "old_pipeline_id": old["pipeline_id"]} if moved else {}
    owner = old["responsible_user_id"]
    passed = {"old_responsible_user_id": owner} if owner != record["responsible_user_id"] else {}
    tell(state, entity, "update", record, **was, **(passed if entity != "leads" else {}))
    if moved:
        tell(state, entity, "status", record, **was)
        before = {"lead_status": {"id": old["status_id"], "pipeline_id": old["pipeline_id"]}}
        after = {"lead_status": {"id": record["status_id"], "pipeline_id": record["pipeline_id"]}}
        log(state, EVENTS["status_id"], entity, record, [before], [after])
    if passed and entity == "leads":
        tell(state, entity, "responsible", record, **passed)
    if passed:
        log(state, EVENTS["responsible_user_id"], entity, record, [], [])


def delete(state: State, user: Record, entity: str, record: Record) -> None:
    """Put a record into the bin, as a person does: the API has no such method."""
    record |= {"is_deleted": True, "updated_at": state.stamp(), "updated_by": user["id"]}
    tell(state, entity, "delete", record)
    log(state, f"{SINGULAR[entity]}_deleted", entity, record, [], [])


def tell(state: State, entity: str, action: str, record: Record, **more: Any) -> None:
    """Remember for the hooks what happened, with the record as it is now."""
    block = "leads" if entity == "leads" else "contacts"  # companies come under contacts
    state.changes.append(Change(block, action, {**hook_bodies.item(state, entity, action, record), **more}))


def log(state: State, kind: str, entity: str, record: Record, before: list[Any], after: list[Any]) -> None:
    """A line of GET events."""
    state.events.append({
        "id": f"01h{state.new_id():023d}", "type": kind, "entity_id": record["id"],
        "entity_type": SINGULAR[entity], "created_by": record["updated_by"], "created_at": state.stamp(),
        "value_after": after, "value_before": before, "account_id": state.account["id"],
    })  # fmt: skip


def shown(state: State, entity: str, record: Record, extra: frozenset[str] = frozenset()) -> Record:
    """A record as the API shows it; `extra` are the words of `with`."""
    hidden = ("values", "tags", "company", "contacts", "source")
    result = {name: value for name, value in record.items() if name not in hidden}
    result["custom_fields_values"] = fields.shown(state, entity, record["values"])
    tags = [{"id": tag, "name": state.tags[entity].get(tag, ""), "color": None} for tag in record["tags"]]
    embedded: Record = {"tags": tags}
    if entity in ("leads", "contacts"):
        company = state.find("companies", record["company"] or 0)
        embedded["companies"] = [{"id": company["id"]}] if company else []
    if entity == "leads" and "contacts" in extra:
        embedded["contacts"] = [{"id": one, "is_main": at == 0} for at, one in enumerate(record["contacts"])]
    if entity == "leads" and "loss_reason" in extra:
        reason = state.loss_reasons.get(record["loss_reason_id"] or 0)
        embedded["loss_reason"] = [reason] if reason else []
    if entity == "leads" and "source" in extra:
        embedded["source"] = record["source"]
    if entity != "leads" and "leads" in extra:
        embedded["leads"] = [
            {"id": lead["id"]} for lead in state.live("leads") if _belongs(entity, record, lead)
        ]
    return {**result, "_embedded": embedded}


def _belongs(entity: str, record: Record, lead: Record) -> bool:
    return record["id"] in lead["contacts"] if entity == "contacts" else lead["company"] == record["id"]
