"""POST and PATCH of leads, contacts and companies, the complex create and its duplicate control, links."""

import re
from typing import Any

from sandbox.amocrm import entities, fields
from sandbox.amocrm.answers import Reply, Violations, problem
from sandbox.amocrm.state import Record, State

BATCH = 250
COMPLEX_BATCH = 50
TOO_MANY_HITS = 3


def items(body: Any, most: int = BATCH) -> list[Any]:
    """The items of a request. Raises Refusal 400 unless it is a JSON array of 1 to `most`."""
    if not isinstance(body, list) or not 0 < len(body) <= most:
        raise problem(400, "Request body must be a non-empty array")
    return body


def request_id(item: Any, at: int) -> str:
    given = item.get("request_id") if isinstance(item, dict) else None
    return str(at) if given is None else str(given)


def create(state: State, user: Record, entity: str, body: Any) -> Reply:
    """POST leads: all or none."""
    faults, drafts = Violations(), []
    for at, item in enumerate(items(body)):
        drafts.append(
            (request_id(item, at), entities.create(state, user, entity, item, request_id(item, at), faults))
        )
    faults.check()
    made = [(key, entities.put(state, entity, draft)) for key, draft in drafts if draft is not None]
    return _answer(state, entity, [{"id": record["id"], "request_id": key} for key, record in made])


def change(state: State, user: Record, entity: str, body: Any) -> Reply:
    """PATCH leads: an array of objects with ids, all or none."""
    faults, known = Violations(), []
    for at, item in enumerate(items(body)):
        record = state.find(entity, item.get("id") or 0) if isinstance(item, dict) else None
        if record is None:
            faults.not_a_choice(request_id(item, at), "id")
        else:
            known.append((request_id(item, at), record, item))
    faults.check()
    for key, record, item in known:
        draft = {**record, "values": dict(record["values"]), "tags": list(record["tags"])}
        entities.apply(state, entity, draft, item, key, faults)
    faults.check()
    for key, record, item in known:
        entities.change(state, user, entity, record, item, key, faults)
    rows = [{"id": r["id"], "updated_at": r["updated_at"], "request_id": key} for key, r, _ in known]
    return _answer(state, entity, rows)


def change_one(state: State, user: Record, entity: str, record_id: int, body: Any) -> Reply:
    """PATCH leads/{id}."""
    record = state.find(entity, record_id)
    if record is None:
        raise problem(404, "Entity not found")
    faults = Violations()
    entities.change(state, user, entity, record, body, "0", faults)
    faults.check()
    return Reply(200, {"id": record_id, "updated_at": record["updated_at"]})


def _answer(state: State, entity: str, rows: list[Record]) -> Reply:
    address = f"{state.base_url}/api/v4/{entity}"
    shown = [{**row, "_links": {"self": {"href": f"{address}/{row['id']}"}}} for row in rows]
    return Reply(200, {"_links": {"self": {"href": address}}, "_embedded": {entity: shown}})


def create_complex(state: State, user: Record, body: Any) -> Reply:
    """POST leads/complex: each lead with at most one contact and one company; the answer is a bare array."""
    faults, drafts = Violations(), []
    for at, item in enumerate(items(body, COMPLEX_BATCH)):
        drafts.append(_draft(state, user, item, request_id(item, at), faults))
    faults.check()
    existing = list(state.live("leads"))
    return Reply(200, [_put_complex(state, user, draft, existing) for draft in drafts], "application/json")


def _draft(state: State, user: Record, item: Any, key: str, faults: Violations) -> Record:
    item = item if isinstance(item, dict) else {}
    embedded = dict(item.get("_embedded") or {})
    draft: Record = {"key": key, "sent": item, "metadata": embedded.get("metadata")}
    for entity in ("contacts", "companies"):
        given = embedded.pop(entity, None) or []
        if len(given) > 1:
            faults.add(
                key, f"_embedded.{entity}", "TooManyElements", "This collection should contain 1 element."
            )
        draft[entity] = _part(state, user, entity, given[0], key, faults) if given else None
    for part in (item, draft["contacts"] or {}, draft["companies"] or {}):
        if len(part.get("custom_fields_values") or part.get("values") or ()) > fields.COMPLEX_LIMIT:
            faults.add(key, "custom_fields_values", "TooManyElements", "No more than 40 fields.")
    draft["lead"] = entities.create(state, user, "leads", {**item, "_embedded": embedded}, key, faults)
    return draft


def _part(
    state: State, user: Record, entity: str, given: Record, key: str, faults: Violations
) -> Record | None:
    """A contact or company of a complex create: an existing one by id, or the model of a new one."""
    if given.get("id") is None:
        return entities.create(state, user, entity, given, key, faults)
    found = state.find(entity, given["id"])
    if found is None:
        faults.not_a_choice(key, f"_embedded.{entity}.0.id")
    return found


def _put_complex(state: State, user: Record, draft: Record, existing: list[Record]) -> Record:
    lead, contact, company = draft["lead"], draft["contacts"], draft["companies"]
    twin = _twin(state, contact, existing) if contact and not contact["id"] else None
    if twin is not None:
        values = {**twin["values"], **lead["values"]}
        twin |= {"values": values, "updated_at": state.stamp(), "updated_by": user["id"]}
        entities.tell(state, "leads", "update", twin)
        main = twin["contacts"][0] if twin["contacts"] else None
        return {"id": twin["id"], "contact_id": main, "company_id": twin["company"],
                "request_id": [draft["key"]], "merged": True}  # fmt: skip
    for entity, part in (("companies", company), ("contacts", contact)):
        if part is not None and not part["id"]:
            part["company"] = company["id"] if entity == "contacts" and company else None
            entities.put(state, entity, part)
    lead["contacts"] = [contact["id"]] if contact else []
    lead["company"] = company["id"] if company else None
    if draft["metadata"]:
        lead["status_id"] = state.pipelines[lead["pipeline_id"]]["_embedded"]["statuses"][0]["id"]
    entities.put(state, "leads", lead)
    return {"id": lead["id"], "contact_id": contact["id"] if contact else None,
            "company_id": lead["company"], "request_id": [draft["key"]], "merged": False}  # fmt: skip


def _twin(state: State, contact: Record, existing: list[Record]) -> Record | None:
    """Duplicate control: an earlier lead whose main contact has this phone or e-mail; none above 3 hits."""
    if not state.account["duplicate_control"]:
        return None
    wanted = marks(state, contact)
    found = []
    for lead in existing:
        main = state.find("contacts", lead["contacts"][0]) if lead["contacts"] else None
        if main is not None and wanted & marks(state, main):
            found.append(lead)
    return found[0] if 0 < len(found) <= TOO_MANY_HITS else None


def marks(state: State, contact: Record) -> set[str]:
    """What tells a person: the phones' last ten digits and the e-mails."""
    phones = [re.sub(r"\D", "", text)[-10:] for text in fields.addresses(state, "contacts", contact, "PHONE")]
    emails = [text.casefold() for text in fields.addresses(state, "contacts", contact, "EMAIL")]
    return {mark for mark in (*phones, *emails) if mark}


def link(state: State, user: Record, lead_id: int, body: Any) -> Reply:
    """POST leads/{id}/link."""
    lead, faults = _lead(state, lead_id), Violations()
    for at, item in enumerate(items(body)):
        entity, other = str(item.get("to_entity_type")), item.get("to_entity_id") or 0
        if entity not in ("contacts", "companies") or state.find(entity, other) is None:
            faults.not_a_choice(str(at), "to_entity_id")
            continue
        if entity == "companies":
            lead["company"] = other
        elif other not in lead["contacts"]:
            main = (item.get("metadata") or {}).get("is_main")
            lead["contacts"].insert(0 if main else len(lead["contacts"]), other)
    faults.check()
    _touch(state, user, lead)
    return Reply(200, {"_total_items": len(body), "_embedded": {"links": links(lead)}})


def unlink(state: State, user: Record, lead_id: int, body: Any) -> Reply:
    """POST leads/{id}/unlink."""
    lead = _lead(state, lead_id)
    for item in items(body):
        if item.get("to_entity_type") == "companies" and lead["company"] == item.get("to_entity_id"):
            lead["company"] = None
        elif item.get("to_entity_type") == "contacts":
            lead["contacts"] = [one for one in lead["contacts"] if one != item.get("to_entity_id")]
    _touch(state, user, lead)
    return Reply(204)


def links(lead: Record) -> list[Record]:
    """GET leads/{id}/links."""
    found = [("contacts", one, {"main_contact": at == 0}) for at, one in enumerate(lead["contacts"])]
    found += [("companies", lead["company"], None)] if lead["company"] else []  # type: ignore[list-item]
    return [{"to_entity_id": one, "to_entity_type": kind, "metadata": more} for kind, one, more in found]


def _lead(state: State, lead_id: int) -> Record:
    lead = state.find("leads", lead_id)
    if lead is None:
        raise problem(404, "Entity not found")
    return lead


def _touch(state: State, user: Record, lead: Record) -> None:
    lead |= {"updated_at": state.stamp(), "updated_by": user["id"]}
    entities.tell(state, "leads", "update", lead)
