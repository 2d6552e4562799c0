"""Rights: what a user's roles let it do with a scope, a record and a field."""

from dataclasses import dataclass
from typing import Any

from sandbox.espocrm.answers import forbidden
from sandbox.espocrm.schema import attributes_of
from sandbox.espocrm.state import Record, State

ACTIONS = ("read", "stream", "edit", "delete", "create")
LEVELS = ("no", "own", "team", "all", "yes")
NONE = dict.fromkeys(ACTIONS, "no")
OWN = {"read": "own", "stream": "no", "edit": "own", "delete": "own", "create": "yes"}
FULL = {"read": "all", "stream": "all", "edit": "all", "delete": "all", "create": "yes"}
VALUE_PERMISSIONS = ("assignmentPermission", "userPermission")

# What every signed-in user has without any role.
WITHOUT_ROLE: dict[str, Any] = {
    "Attachment": OWN,
    "EmailFilter": OWN,
    "Note": OWN,
    "Preferences": {**NONE, "read": "own", "edit": "own"},
    "Stream": True,
    "Team": {**NONE, "read": "team"},
    "User": {**NONE, "read": "own"},
}
ADMIN_ONLY = ("Role", "LeadCapture")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking."""

    id: str
    name: str
    type: str
    team_ids: tuple[str, ...]
    table: dict[str, Any]
    field_table: dict[str, dict[str, dict[str, str]]]
    permissions: dict[str, str]

    @property
    def is_admin(self) -> bool:
        """Whether no right is checked."""
        return self.type in ("admin", "system")

    def level(self, scope: str, action: str) -> str:
        """The level of an action in a scope: yes, all, team, own or no."""
        if self.is_admin:
            return "yes" if action == "create" else "all"
        rights = self.table.get(scope)
        if isinstance(rights, dict):
            return str(rights.get(action, "no"))
        return ("yes" if action == "create" else "own") if rights and scope == "Webhook" else "no"

    def has_scope(self, scope: str) -> bool:
        """Whether the user has anything to do with the scope."""
        return self.is_admin or bool(self.table.get(scope))


def actor_of(state: State, user: Record) -> Actor:
    """The user with the rights of its roles."""
    roles = [role for role_id in user.get("rolesIds", []) if (role := state.find("Role", role_id))]
    return Actor(
        id=user["id"],
        name=user_name(user),
        type=user.get("type", "regular"),
        team_ids=tuple(user.get("teamsIds", [])),
        table=_table(roles),
        field_table=_field_table(roles),
        permissions={name: _permission(roles, name) for name in VALUE_PERMISSIONS},
    )


def user_name(user: Record) -> str:
    """The name that other people see."""
    parts = [user.get("firstName"), user.get("lastName")]
    return " ".join(part for part in parts if part) or user.get("userName", "")


def _table(roles: list[Record]) -> dict[str, Any]:
    table: dict[str, Any] = dict(WITHOUT_ROLE)
    for role in roles:
        for scope, rights in (role.get("data") or {}).items():
            table[scope] = _merge(table.get(scope), rights)
    return {scope: rights for scope, rights in table.items() if rights}


def _merge(known: Any, rights: Any) -> Any:
    if not isinstance(rights, dict):
        return known or rights
    before = known if isinstance(known, dict) else {}
    return {action: _higher(before.get(action, "no"), rights.get(action, "no")) for action in ACTIONS}


def _higher(one: str, other: str) -> str:
    return max(one, other, key=LEVELS.index)


def _field_table(roles: list[Record]) -> dict[str, dict[str, dict[str, str]]]:
    result: dict[str, dict[str, dict[str, str]]] = {}
    for role in roles:
        for scope, fields in (role.get("fieldData") or {}).items():
            result.setdefault(scope, {}).update(fields)
    return result


def _permission(roles: list[Record], name: str) -> str:
    values = [role.get(name) or "not-set" for role in roles]
    return max((value for value in values if value in LEVELS), key=LEVELS.index, default="no")


def forbidden_attributes(state: State, actor: Actor, entity: str, action: str) -> set[str]:
    """The attributes of an entity that the role closes for `read` or `edit`."""
    if actor.is_admin:
        return set()
    fields = state.entities[entity].fields
    closed = [
        name for name, rights in actor.field_table.get(entity, {}).items() if rights.get(action) == "no"
    ]
    return {attr for name in closed if name in fields for attr in attributes_of(name, fields[name])}


def owns(actor: Actor, entity: str, record: Record) -> bool:
    """Own is what is assigned to me; where nobody can be assigned, what I made (users: myself)."""
    if entity == "User":
        return bool(record["id"] == actor.id)
    if "assignedUserId" in record or entity not in ("Note", "Attachment", "Webhook"):
        return bool(record.get("assignedUserId") == actor.id)
    return bool(record.get("createdById") == actor.id)


def may(actor: Actor, entity: str, action: str, record: Record) -> bool:
    """Whether the action is allowed with this very record."""
    level = actor.level(entity, action)
    if level in ("all", "yes"):
        return True
    if level == "team" and set(record.get("teamsIds", [])) & set(actor.team_ids):
        return True
    return level in ("own", "team") and owns(actor, entity, record)


def require_scope(actor: Actor, entity: str, action: str) -> None:
    """403 when the role gives nothing of this action in the scope."""
    if entity in ADMIN_ONLY and not actor.is_admin:
        raise forbidden(f"No {action} access.")
    if actor.level(entity, action) == "no":
        raise forbidden(f"No {action} access.")


def require(actor: Actor, entity: str, action: str, record: Record) -> None:
    """403 when the action is not allowed with this very record."""
    require_scope(actor, entity, action)
    if not may(actor, entity, action, record):
        raise forbidden("No 'read' access." if action == "read" else f"No {action} access.")
