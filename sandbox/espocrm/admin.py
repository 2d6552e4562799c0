"""What only an admin does: fields, entity types, users and their keys, settings."""

import secrets
from dataclasses import replace
from typing import Any

from sandbox.espocrm import metadata, records
from sandbox.espocrm.acl import Actor
from sandbox.espocrm.answers import Answer, Refusal, refusal, translated
from sandbox.espocrm.entities import ALL
from sandbox.espocrm.platform import base_entity
from sandbox.espocrm.schema import FieldDef
from sandbox.espocrm.state import Account, Record, State

NOT_IN_DEFINITION = ("name", "label", "tooltipText")
TYPE_DEFAULTS: dict[str, FieldDef] = {
    "bool": {"notNull": True},
    "varchar": {"maxLength": 100},
    "enum": {"maxLength": 100},
}


def require_admin(actor: Actor) -> None:
    """403 with an empty reason for anyone else."""
    if not actor.is_admin:
        raise Refusal(Answer(status=403, reason=""))


def custom_name(name: str) -> str:
    """The name that the CRM gives to a custom field: prefix c and a capital."""
    return "c" + name[:1].upper() + name[1:]


def create_field(state: State, entity: str, data: Record) -> Record:
    """Make a custom field; the answer is its definition and does not carry the name."""
    name = str(data.get("name") or "")
    if not name.isalnum() or not name.isascii():
        raise refusal(500, "Field name should contain only letters and numbers.")
    full_name = custom_name(name)
    if full_name in state.entities[entity].fields:
        raise refusal(
            409,
            f"Field '{full_name}' already exists in '{entity}'.",
            translated("fieldAlreadyExists", {"field": full_name, "entityType": entity}, "FieldManager"),
        )
    kind = str(data.get("type") or "varchar")
    definition = {**TYPE_DEFAULTS.get(kind, {}), **_definition(data), "type": kind, "isCustom": True}
    state.labels[entity, full_name] = str(data.get("label") or full_name)
    state.define_field(entity, full_name, definition)
    return {**definition, "label": state.labels[entity, full_name]}


def _definition(data: Record) -> FieldDef:
    return {key: value for key, value in data.items() if key not in NOT_IN_DEFINITION and value is not False}


def read_field(state: State, entity: str, name: str) -> Record:
    """The definition of a field with its label; 404 when there is none."""
    definition = state.entities[entity].fields.get(name)
    if definition is None:
        raise refusal(404, f"Field '{name}' does not exist.")
    return {**definition, "label": metadata.label_of(state, entity, name)}


def change_field(state: State, entity: str, name: str, data: Record) -> Record:
    """Change a field, for instance the options of an enum."""
    known = read_field(state, entity, name)
    label = data.get("label") or known.pop("label")
    known.pop("label", None)
    state.labels[entity, name] = str(label)
    state.define_field(entity, name, {**known, **_definition(data), "type": known["type"]})
    return read_field(state, entity, name)


def delete_field(state: State, entity: str, name: str) -> bool:
    """Delete a custom field; 404 when there is none."""
    read_field(state, entity, name)
    state.drop_field(entity, name)
    return True


def create_entity(state: State, data: Record) -> Record:
    """Make a custom entity type of the kind Base; its name gets the prefix C."""
    name = f"C{data.get('name') or ''}"
    if name in state.entities:
        raise refusal(409, f"Entity type '{name}' already exists.")
    state.define_entity(base_entity(name, stream=data.get("stream") is True))
    return {"name": name}


def update_entity(state: State, data: Record) -> bool:
    """Set the duplicate check and the version check of an entity type."""
    entity = state.entities[str(data.get("name"))]
    checked = data.get("duplicateCheckFieldList", entity.duplicate_fields)
    state.define_entity(
        replace(
            entity,
            duplicate_fields=tuple(checked or ()),
            check_duplicates_on_update=data.get("updateDuplicateCheck", entity.check_duplicates_on_update)
            is True,
            versioned=data.get("optimisticConcurrencyControl", entity.versioned) is True,
        )
    )
    return True


def reset_entity(state: State, name: str) -> bool:
    """Put back what `update_entity` changed; fields stay."""
    original = next(entity for entity in ALL if entity.name == name)
    state.define_entity(
        replace(
            state.entities[name],
            duplicate_fields=original.duplicate_fields,
            check_duplicates_on_update=False,
            versioned=original.versioned,
        )
    )
    return True


def create_user(state: State, actor: Actor, data: Record) -> Record:
    """Make a user; an API user's answer carries its key, and its secret when it signs."""
    values = dict(data)
    if values.get("type") == "api":
        values.update(firstName=None, lastName=values.get("userName"))
    answer = records.create(state, actor, "User", values)
    account = Account(password=data.get("password"))
    if values.get("type") == "api":
        signs = data.get("authMethod") == "Hmac"
        account = Account(secrets.token_hex(16), secrets.token_hex(16) if signs else None)
    state.accounts[answer["id"]] = account
    shown = {"apiKey": account.api_key, "secretKey": account.secret_key}
    return {
        **answer,
        "authMethod": data.get("authMethod"),
        **{key: value for key, value in shown.items() if value},
    }


def new_key(state: State, user_id: str) -> Record:
    """Give an API user another key; the old one stops at once."""
    account = state.accounts.get(user_id)
    if account is None or account.api_key is None:
        raise refusal(404)
    state.accounts[user_id] = replace(account, api_key=secrets.token_hex(16))
    return {"apiKey": state.accounts[user_id].api_key}


def change_settings(state: State, data: dict[str, Any]) -> Record:
    """Change settings and return the changed ones; maintenanceMode shuts out everyone but admins."""
    if "maintenanceMode" in data:
        state.settings.maintenance = data["maintenanceMode"] is True
    known = metadata.settings(state)
    return {key: known[key] for key in data if key in known}
