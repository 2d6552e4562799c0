"""What the CRM tells about itself: metadata, labels, settings, the current user."""

import re
from typing import Any

from sandbox.espocrm import acl, render
from sandbox.espocrm.acl import Actor
from sandbox.espocrm.schema import Entity
from sandbox.espocrm.state import Record, State

HIDDEN_KEYS = ("entity", "columns")
OTHER_ROOTS = ("aclDefs", "app", "clientDefs", "dashlets", "entityAcl", "fields", "integrations", "themes")
SPECIAL_LABELS = {"emailAddress": "Email", "phoneNumber": "Phone", "createdAt": "Created At"}
NO_OBJECT = object()


def tree(state: State, actor: Actor) -> dict[str, Any]:
    """The whole metadata that the user may see; `recordDefs` is for admins alone."""
    visible = [entity for entity in state.entities.values() if actor.has_scope(entity.name)]
    result: dict[str, Any] = {root: {} for root in OTHER_ROOTS}
    result["entityDefs"] = {entity.name: _entity_defs(entity) for entity in visible}
    result["scopes"] = {entity.name: _scope(entity) for entity in visible}
    result["scopes"]["Activities"] = {"acl": "boolean"}
    if actor.is_admin:
        result["recordDefs"] = {
            entity.name: {
                "duplicateCheckFieldList": list(entity.duplicate_fields),
                "updateDuplicateCheck": entity.check_duplicates_on_update,
            }
            for entity in visible
        }
    return result


def _entity_defs(entity: Entity) -> dict[str, Any]:
    fields = {
        name: {key: value for key, value in definition.items() if key not in HIDDEN_KEYS}
        for name, definition in entity.fields.items()
    }
    links = {
        name: {"type": LINK_TYPES[definition["type"]], "entity": definition.get("entity")}
        for name, definition in entity.fields.items()
        if definition["type"] in LINK_TYPES
    }
    return {
        "fields": fields,
        "links": links,
        "collection": {"orderBy": entity.order_by, "order": entity.order},
    }


LINK_TYPES = {"link": "belongsTo", "linkMultiple": "hasMany", "linkParent": "belongsToParent"}


def _scope(entity: Entity) -> dict[str, Any]:
    return {
        "entity": True,
        "object": entity.is_object,
        "stream": entity.stream,
        "isCustom": entity.is_custom,
        "acl": True,
    }


def by_key(state: State, actor: Actor, key: str) -> Any:
    """One branch by a dotted key, or `NO_OBJECT` when there is none or the user may not see it."""
    node: Any = tree(state, actor)
    for part in key.split("."):
        if not isinstance(node, dict) or part not in node:
            return NO_OBJECT
        node = node[part]
    return node


def label_of(state: State, entity: str, name: str) -> str:
    """The label of a field: the admin's, else one made of its name."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return state.labels.get((entity, name)) or SPECIAL_LABELS.get(name) or plain[:1].upper() + plain[1:]


def labels(state: State, actor: Actor) -> dict[str, Any]:
    """The texts of the user's language by scope: labels of fields and of options."""
    result: dict[str, Any] = {"Global": {"scopeNames": {name: name for name in state.entities}}}
    for entity in state.entities.values():
        if actor.has_scope(entity.name):
            result[entity.name] = {
                "fields": {name: label_of(state, entity.name, name) for name in entity.fields},
                "options": {
                    name: {option: option for option in definition["options"]}
                    for name, definition in entity.fields.items()
                    if "options" in definition
                },
            }
    return result


def settings(state: State) -> Record:
    """The public settings; they need no key."""
    return {
        "useCache": True,
        "applicationName": "EspoCRM",
        "timeZone": "UTC",
        "dateFormat": "DD.MM.YYYY",
        "timeFormat": "HH:mm",
        "weekStart": 1,
        "language": state.settings.language,
        "siteUrl": state.base_url,
        "cacheTimestamp": state.metadata_changed,
        "appTimestamp": state.metadata_changed,
        "maintenanceMode": state.settings.maintenance,
    }


def current_user(state: State, actor: Actor) -> Record:
    """The answer of App/user: who I am, my rights, the version; the connection test of integrations."""
    record = state.find("User", actor.id) or {"id": actor.id}
    private = {
        "version": state.version,
        "defaultCurrency": state.settings.default_currency,
        "baseCurrency": state.settings.default_currency,
        "currencyList": list(state.settings.currencies),
        "recordListMaxSizeLimit": 200,
    }
    params: Record = {
        "maxUploadSize": 50,
        "isRestrictedMode": False,
        "timeZoneList": ["UTC", "Europe/Moscow"],
    }
    if state.is_10:
        params.update(pipelines={}, meetingServices=[], currencyRates={})
    return {
        "user": {**render.full(state, actor, "User", record), "ipAddress": "127.0.0.1"},
        "acl": rights(state, actor),
        "preferences": {},
        "token": None,
        "settings": {**settings(state), **private},
        "language": state.settings.language,
        "appParams": params,
    }


def rights(state: State, actor: Actor) -> Record:
    """The table of rights as the CRM's own page gets it."""
    table = dict(actor.table)
    if actor.is_admin:
        table = {name: dict(acl.FULL) for name in state.entities}
        table.update(Webhook=True, Activities=True, Stream=True)
    return {
        "table": table,
        "fieldTable": {scope: actor.field_table.get(scope, {}) for scope in table},
        **{name: "all" if actor.is_admin else value for name, value in actor.permissions.items()},
    }


def about(state: State) -> Record:
    """The answer of App/about."""
    return {"text": "## EspoCRM – Open Source CRM application", "version": state.version}


def open_api(state: State, actor: Actor) -> Record:
    """A description of the records' endpoints, as 10.0.0 generates it."""
    paths: dict[str, Any] = {}
    for name in state.entities:
        if actor.has_scope(name):
            codes = {code: {"description": text} for code, text in OPEN_API_CODES.items()}
            paths[f"/{name}"] = {"get": {"tags": [name]}, "post": {"tags": [name], "responses": codes}}
            paths[f"/{name}/{{id}}"] = {method: {"tags": [name]} for method in ("get", "put", "delete")}
    return {"openapi": "3.1.1", "info": {"title": "EspoCRM API", "version": "1.0.0"}, "paths": paths}


OPEN_API_CODES = {
    "200": "Success.",
    "400": "Bad request.",
    "403": "Forbidden.",
    "409": "Conflict. May be a possible duplicate. Use X-Skip-Duplicate-Check to skip check.",
}
