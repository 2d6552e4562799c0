"""Leads, deals, contacts, companies: made, changed, deleted, and shown; everything that follows from it."""

from typing import Any

from sandbox.bitrix24 import events, fm, values
from sandbox.bitrix24.answers import Json, Refusal, invalid, not_found
from sandbox.bitrix24.schema import CONTACT, DEAL, LEAD, TYPE_NAMES, camel
from sandbox.bitrix24.state import Record, State

DEFAULT_TITLES = {LEAD: "Лид №{0}", DEAL: "Сделка №{0}"}
STAGED = (LEAD, DEAL)
PHONEBOOK = (LEAD, CONTACT, 4)


def create(state: State, user_id: int, type_id: int, fields: Json) -> Record:
    """A new record. Raises Refusal for a value that does not fit or a required one that is missing."""
    _leads_exist(state, type_id)
    record = _blank(state, user_id, type_id)
    values_in = _read(state, type_id, fields, record)
    _all_required(state, type_id, {**record, **values_in})
    record |= values_in
    record["id"] = state.number(TYPE_NAMES[type_id])
    if type_id in PHONEBOOK:
        record["fm"] = _phones(state, record, fields)
    if not record.get("title") and type_id in DEFAULT_TITLES:
        record["title"] = DEFAULT_TITLES[type_id].format(record["id"])
    state.table(type_id)[record["id"]] = record
    if type_id in STAGED:
        _note_stage(state, type_id, record, 1)
    events.happened(state, type_id, "ADD", record["id"])
    return record


def update(state: State, user_id: int, type_id: int, number: Any, fields: Json) -> Record:
    """Change the named fields. Raises Refusal NOT_FOUND, or for a value that does not fit."""
    record = find(state, type_id, number)
    changed = _read(state, type_id, fields, record)
    _all_required(state, type_id, {**record, **changed}, only=set(changed))
    if "categoryId" in changed and "stageId" not in changed:
        changed["stageId"] = state.stages(DEAL, changed["categoryId"])[0].id
    moved = "stageId" in changed and changed["stageId"] != record.get("stageId")
    phones = _phones(state, record, fields) if type_id in PHONEBOOK else None
    record |= changed
    if phones is not None:
        record["fm"] = phones
    if moved:
        record |= {"movedBy": user_id, "movedTime": state.stamp()}
        _note_stage(state, type_id, record, 3 if _meaning(state, type_id, record) != "P" else 2)
    record |= {"updatedTime": state.stamp(), "updatedBy": user_id}
    events.happened(state, type_id, "UPDATE", record["id"])
    return record


def delete(state: State, type_id: int, number: Any) -> None:
    """Take it away. Raises Refusal NOT_FOUND."""
    record = find(state, type_id, number)
    del state.table(type_id)[record["id"]]
    events.happened(state, type_id, "DELETE", record["id"])


def find(state: State, type_id: int, number: Any) -> Record:
    """A record by id. Raises Refusal NOT_FOUND."""
    text = str(number)
    record = state.table(type_id).get(int(text)) if text.isdigit() and len(text) < 19 else None
    if record is None:
        raise not_found()
    return record


def shown(state: State, type_id: int, record: Record, *, original: bool = False, whole: bool = True) -> Json:
    """As crm.item.* shows it; `original` keeps UF_... names, `whole` adds phones and the like."""
    answer: Json = {}
    for name, field in state.fields_of(type_id).items():
        key = name if original or not field.custom else camel(name)
        answer[key] = record.get(name, [] if field.multiple else None)
    answer |= {"entityTypeId": type_id}
    if type_id in STAGED:
        answer["stageSemanticId"] = _meaning(state, type_id, record)
    if type_id in PHONEBOOK:
        answer |= {f"has{kind.capitalize()}": fm.has(record["fm"], kind) for kind in ("PHONE", "EMAIL")}
        if whole:
            answer["fm"] = [dict(item) for item in record["fm"]]
    return answer


def _leads_exist(state: State, type_id: int) -> None:
    if type_id == LEAD and state.mode != 1:
        raise Refusal(400, "ACCESS_DENIED", "Access denied.")


def _blank(state: State, user_id: int, type_id: int) -> Record:
    now = state.stamp()
    record: Record = {
        "createdTime": now, "updatedTime": now, "createdBy": user_id, "updatedBy": user_id,
        "assignedById": user_id, "opened": "N", "fm": [], "companyId": 0, "contactId": 0,
    }  # fmt: skip
    if type_id in STAGED:
        record |= {"opportunity": 0, "currencyId": "RUB", "isManualOpportunity": "N", "contactIds": []}
        record |= {"stageId": state.stages(type_id)[0].id}
    if type_id == DEAL:
        record |= {"categoryId": 0, "closed": "N", "typeId": "SALE"}
    return record


def _read(state: State, type_id: int, fields: Json, record: Record) -> Record:
    """The given values as they are kept. Names that do not exist, or are read-only, are passed over."""
    known = state.fields_of(type_id)
    names = {camel(name): name for name, field in known.items() if field.custom}
    made: Record = {}
    for key, value in fields.items():
        field = known.get(names.get(key, key))
        if field is None or field.read_only:
            continue
        made[field.name] = values.kept(state, field, value)
    if type_id in STAGED and "stageId" in made:
        category: int = made.get("categoryId", record.get("categoryId")) or 0
        if made["stageId"] not in {status.id for status in state.stages(type_id, category)}:
            raise invalid(known["stageId"].title)
    if made.get("contactId") and type_id in STAGED:
        made["contactIds"] = [made["contactId"]]
    elif made.get("contactIds"):
        made["contactId"] = made["contactIds"][0]
    return made


def _all_required(state: State, type_id: int, record: Record, only: set[str] | None = None) -> None:
    for name, field in state.fields_of(type_id).items():
        asked = only is None or name in only
        if field.required and asked and record.get(name) in (None, "", [], 0):
            raise Refusal(400, "CRM_FIELD_ERROR_REQUIRED", f'Required field "{field.title}" is not filled')


def _phones(state: State, record: Record, fields: Json) -> list[Json]:
    return fm.merged(record["fm"], fields.get("fm"), lambda: state.number("fm"))


def _meaning(state: State, type_id: int, record: Record) -> str:
    stages = state.stages(type_id, record.get("categoryId") or 0)
    return next((s.semantics for s in stages if s.id == record.get("stageId")), "") or "P"


def _note_stage(state: State, type_id: int, record: Record, kind: int) -> None:
    names = ("STATUS_ID", "STATUS_SEMANTIC_ID") if type_id == LEAD else ("STAGE_ID", "STAGE_SEMANTIC_ID")
    entry: Record = {
        "ID": state.number("history"), "TYPE_ID": kind, "OWNER_ID": record["id"],
        "CREATED_TIME": state.stamp(),
        names[0]: record["stageId"], names[1]: _meaning(state, type_id, record),
    }  # fmt: skip
    if type_id == DEAL:
        entry["CATEGORY_ID"] = record["categoryId"]
    state.history.setdefault(type_id, []).append(entry)
