"""Lists of records: rights, filters, order, pages and the total that cannot always be trusted."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.espocrm import acl, conditions, query, render
from sandbox.espocrm.acl import Actor
from sandbox.espocrm.answers import forbidden, refusal
from sandbox.espocrm.schema import Entity, attribute_fields
from sandbox.espocrm.state import Record, State

MAX_SIZE = 200
NOT_ACTUAL = {
    "Lead": ("Converted", "Recycled", "Dead"),
    "Task": ("Completed", "Canceled", "Deferred"),
    "Call": ("Held", "Not Held"),
    "Meeting": ("Held", "Not Held"),
}
MORE, NO_MORE = -1, -2


def find(
    state: State,
    actor: Actor,
    entity_name: str,
    params: dict[str, Any],
    headers: Mapping[str, str],
    source: Iterable[Record] | None = None,
) -> Record:
    """`{"total", "list"}` of what the actor may read; `source` narrows it to related records.

    `total` is -1 (there are more) or -2 (there are not) when counting was declined by X-No-Total or when
    the search is a quick one (`q`). Raises Refusal 403 for the rights and for maxSize over 200, 400 for a
    bad condition or order.
    """
    acl.require_scope(actor, entity_name, "read")
    entity = state.entities[entity_name]
    size = max(query.whole_number(params.get("maxSize"), MAX_SIZE), 0)
    offset = max(query.whole_number(params.get("offset"), 0), 0)
    if size > MAX_SIZE:
        raise forbidden(f"Max size should not exceed {MAX_SIZE}. Use offset and limit.")
    everything = _candidates(state, actor, entity, params) if source is None else source
    found = [
        record
        for record in everything
        if acl.may(actor, entity_name, "read", record) and _shown(actor, entity_name, record, params)
    ]
    found = _filtered(state, actor, entity, found, params)
    order_by = str(params.get("orderBy") or entity.order_by)
    found = _ordered(state, entity, found, order_by, params)
    page = found[offset : offset + size]
    select = query.names(params, "attributeSelect", "select")
    wanted = None if select is None else [*select, order_by]
    total = len(found)
    if headers.get("X-No-Total", "").lower() == "true" or "q" in params:
        total = MORE if offset + len(page) < total else NO_MORE
    return {"total": total, "list": [render.listed(state, actor, entity_name, item, wanted) for item in page]}


def _candidates(state: State, actor: Actor, entity: Entity, params: dict[str, Any]) -> Iterable[Record]:
    """All records, or those that the indexes leave."""
    items = params.get("where")
    if not isinstance(items, list):
        return state.all(entity.name)
    search = conditions.Search(state, actor, entity)
    conditions.check(search, items)
    ids = conditions.may_match(search, items)
    table = state.table(entity.name)
    return table.values() if ids is None else [table[one] for one in ids if one in table]


def _shown(actor: Actor, entity: str, record: Record, params: dict[str, Any]) -> bool:
    if entity == "User":
        wanted = "api" if params.get("primaryFilter") == "api" else None
        return bool(record.get("type") == wanted) if wanted else record.get("type") not in ("api", "system")
    if entity == "Webhook" and not actor.is_admin:
        return bool(record.get("createdById") == actor.id)
    return True


def _filtered(
    state: State, actor: Actor, entity: Entity, found: list[Record], params: dict[str, Any]
) -> list[Record]:
    search = conditions.Search(state, actor, entity)
    items = params.get("where")
    if isinstance(items, list):
        conditions.check(search, items)
        found = [
            record for record in found if all(conditions.matches(search, item, record) for item in items)
        ]
    for key in ("textFilter", "q"):
        if params.get(key):
            found = [record for record in found if _has_text(state, entity, record, str(params[key]))]
    if "onlyMy" in (params.get("boolFilterList") or []):
        found = [record for record in found if record.get("assignedUserId") == actor.id]
    if params.get("primaryFilter") == "actual":
        closed = NOT_ACTUAL.get(entity.name, ())
        found = [record for record in found if record.get("status") not in closed]
    return found


def _has_text(state: State, entity: Entity, record: Record, text: str) -> bool:
    """The text filter looks into names, companies and e-mails; not into phones."""
    name = render.display_name(state, entity.name, record) or ""
    if name == (record.get("phoneNumberData") or [{}])[0].get("phoneNumber"):
        name = ""
    emails = [item["lower"] for item in record.get("emailAddressData") or []]
    values = [name, str(record.get("accountName") or ""), *emails]
    return any(text.casefold().strip("*") in value.casefold() for value in values)


def _ordered(
    state: State, entity: Entity, found: list[Record], order_by: str, params: dict[str, Any]
) -> list[Record]:
    if order_by not in entity.fields and order_by != "id" and order_by not in attribute_fields(entity):
        raise refusal(400, f"Order by non-existing field '{order_by}'.")
    default = entity.order if order_by == entity.order_by else "asc"
    descending = str(params.get("order") or default).lower() in ("desc", "true")

    def key(record: Record) -> tuple[Any, ...]:
        value = (
            render.display_name(state, entity.name, record) if order_by == "name" else record.get(order_by)
        )
        value = value.casefold() if isinstance(value, str) else value
        return (value is not None, value if value is not None else 0, record["id"])

    return sorted(found, key=key, reverse=descending)
