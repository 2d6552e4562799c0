"""Webhooks: registering them, and noting the events they listen to.

Events wait in a queue for the cron pass (see delivery.py); nothing is sent at the moment of a change.
"""

import ipaddress
import json
import secrets
from urllib.parse import urlsplit

from sandbox.espocrm.acl import Actor
from sandbox.espocrm.answers import forbidden, invalid
from sandbox.espocrm.schema import attributes_of
from sandbox.espocrm.state import Event, Record, State

LIMIT_PER_USER = 50
TYPES = ("create", "update", "delete")
NOT_IN_UPDATES = ("modifiedAt", "isFollowed", "streamUpdatedAt", "versionNumber")
NOT_IN_CREATES = ("createdByName", "teamsIds", "teamsNames", "followersIds", "followersNames")
LISTS_OF_ADDRESSES = ("emailAddressData", "phoneNumberData")


def prepare(state: State, actor: Actor, record: Record) -> None:
    """Check a new webhook and fill in what the server decides; 403 or 400 when it cannot be."""
    entity_name, kind, field_name = _parts(state, actor, str(record.get("event", "")))
    url = str(record.get("url", ""))
    _check_url(state, url)
    if sum(1 for hook in state.all("Webhook") if hook["createdById"] == actor.id) >= LIMIT_PER_USER:
        raise forbidden("Webhook number limit exceeded.")
    record.update(
        entityType=entity_name, type=kind, field=field_name, secretKey=secrets.token_hex(16), isActive=True
    )


def _parts(state: State, actor: Actor, event: str) -> tuple[str, str, str | None]:
    entity_name, _, rest = event.partition(".")
    entity = state.entities.get(entity_name)
    if entity is None or not entity.is_object:
        raise forbidden("Entity type is not available for Webhooks.")
    if not actor.has_scope(entity_name):
        raise forbidden("Entity type is forbidden.")
    kind, _, field_name = rest.partition(".")
    if kind in TYPES and not field_name:
        return entity_name, kind, None
    if kind == "fieldUpdate" and field_name in entity.fields:
        return entity_name, kind, field_name
    raise forbidden("Not supported event.")


def _check_url(state: State, url: str) -> None:
    if not state.is_10:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("Webhook", "url", "valid")
    allowed = state.settings.allowed_webhook_hosts
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if allowed is not None and _is_internal(parts.hostname) and f"{parts.hostname}:{port}" not in allowed:
        raise invalid("Webhook", "url", "notInternal")


def _is_internal(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".local") or "." not in host


def note_create(state: State, actor: Actor, entity: str, record: Record, rendered: Record) -> None:
    """Remember that a record was made; `rendered` is the answer that its maker got."""
    left_out = set(NOT_IN_CREATES) | (set() if state.is_10 else set(LISTS_OF_ADDRESSES))
    data = {key: value for key, value in rendered.items() if value is not None and key not in left_out}
    _note(state, actor, f"{entity}.create", data)


def note_update(state: State, actor: Actor, entity_name: str, before: Record, after: Record) -> None:
    """Remember what changed; both are full renderings of the record. Without a change nothing is noted."""
    closed = (*NOT_IN_UPDATES, *LISTS_OF_ADDRESSES)
    changed = {key: value for key, value in after.items() if key not in closed and before.get(key) != value}
    if not changed:
        return
    _note(state, actor, f"{entity_name}.update", {**changed, "id": after["id"]})
    for name, definition in state.entities[entity_name].fields.items():
        attributes = attributes_of(name, definition)
        if any(attribute in changed for attribute in attributes):
            values = {attr: after.get(attr) for attr in attributes if not attr.endswith("Data")}
            shown = (
                values
                if definition["type"].startswith("link")
                else {name: after.get(name), **_extra(values, name)}
            )
            _note(state, actor, f"{entity_name}.fieldUpdate.{name}", {"id": after["id"], **shown})


def _extra(values: Record, name: str) -> Record:
    return {key: value for key, value in values.items() if key in (f"{name}Currency", f"{name}Date")}


def note_delete(state: State, actor: Actor, entity: str, record: Record) -> None:
    """Remember that a record was deleted."""
    _note(state, actor, f"{entity}.delete", {"id": record["id"]})


def _note(state: State, actor: Actor, name: str, data: Record) -> None:
    if any(hook["event"] == name and hook.get("isActive") for hook in state.all("Webhook")):
        state.events.append(Event(name, actor.id, data))
        state.touch()


def php_json(items: list[Record]) -> bytes:
    """A body the way PHP writes it: ASCII, without spaces, with escaped slashes."""
    return json.dumps(items, separators=(",", ":")).replace("/", "\\/").encode()
