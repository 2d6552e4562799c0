"""The installation that a stand-in starts with: people, API users, their role, and custom fields."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from sandbox.espocrm import acl, addresses, admin
from sandbox.espocrm.state import Account, Record, State

ALL: dict[str, str] = {"create": "yes", "read": "all", "edit": "all", "delete": "no", "stream": "all"}
INTEGRATION_RIGHTS: dict[str, Any] = {
    **{
        name: dict(ALL)
        for name in ("Lead", "Contact", "Account", "Opportunity", "Call", "Meeting", "Task", "Email")
    },
    "User": {"create": "no", "read": "all", "edit": "no", "delete": "no", "stream": "no"},
    "Webhook": True,
    "Activities": True,
}
PEOPLE = (("anna", "Анна", "Орлова"), ("oleg", "Олег", "Сафин"), ("vera", "Вера", "Лапина"))
LEAD_FIELDS = {
    "externalId": "varchar",
    "referralCode": "varchar",
    "utmSource": "varchar",
    "utmMedium": "varchar",
    "utmCampaign": "varchar",
    "utmContent": "varchar",
    "utmTerm": "varchar",
    "inn": "varchar",
    "userType": "varchar",
    "language": "varchar",
    "fieldOfStudy": "varchar",
    "universities": "varchar",
    "scholarship": "bool",
    "leadNumber": "int",
}
CUSTOM_FIELDS = {
    "Lead": LEAD_FIELDS,
    **{name: {"externalId": "varchar"} for name in ("Call", "Task", "Meeting")},
}


def _key() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of the first users; random unless given."""

    api_key: str = field(default_factory=_key)
    hmac_key: str = field(default_factory=_key)
    hmac_secret: str = field(default_factory=_key)
    admin_password: str = field(default_factory=_key)
    people_password: str = field(default_factory=_key)


def fill(state: State, keys: Keys) -> None:
    """Make the first users, the integrations' role and the custom fields in an empty state."""
    role = _add(
        state, "Role", name="Integrations", data=INTEGRATION_RIGHTS, fieldData={}, assignmentPermission="all"
    )
    everything = {name: {**ALL, "delete": "all"} for name in INTEGRATION_RIGHTS}
    staff = _add(state, "Role", name="Sales", data=everything, fieldData={}, assignmentPermission="all")
    _user(state, "admin", "admin", Account(password=keys.admin_password), lastName="Admin")
    for user_name, first, last in PEOPLE:
        user_id = _user(state, user_name, "regular", Account(password=keys.people_password),
                        firstName=first, lastName=last, rolesIds=[staff])  # fmt: skip
        address: Record = {"emailAddress": f"{user_name}@crm.example"}
        user = state.table("User")[user_id]
        addresses.apply(user, address)
        addresses.remember_spelling(state, user)
    _user(
        state,
        "voronka",
        "api",
        Account(keys.api_key),
        lastName="voronka",
        authMethod="ApiKey",
        rolesIds=[role],
    )
    _user(state, "voronka-hmac", "api", Account(keys.hmac_key, keys.hmac_secret), lastName="voronka-hmac",
          authMethod="Hmac", rolesIds=[role])  # fmt: skip
    for entity, fields in CUSTOM_FIELDS.items():
        for name, kind in fields.items():
            admin.create_field(state, entity, {"name": name, "type": kind})


def _user(state: State, name: str, kind: str, account: Account, **values: Any) -> str:
    user_id = _add(state, "User", userName=name, type=kind, isActive=True, **values)
    state.accounts[user_id] = account
    return user_id


def _add(state: State, entity: str, **values: Any) -> str:
    now = state.stamp()
    record: Record = {
        "id": state.new_id(),
        "createdAt": now,
        "modifiedAt": now,
        "createdById": "system",
        **values,
    }
    state.store(entity, record)
    return str(record["id"])


def user_named(state: State, name: str) -> acl.Actor:
    """A user by its user name; KeyError when there is none."""
    for user in state.all("User"):
        if user.get("userName") == name:
            return acl.actor_of(state, user)
    raise KeyError(name)


SYSTEM = acl.Actor("system", "System", "system", (), {}, {}, {})
